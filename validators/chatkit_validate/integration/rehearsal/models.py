"""Models: ChatKit's own types, pydantic's and dataclasses of the project, and what they inherit."""

from __future__ import annotations

import ast
from datetime import datetime
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal import access, standard
from chatkit_validate.integration.rehearsal.environment import Environment
from chatkit_validate.integration.rehearsal.tables import Row
from chatkit_validate.integration.rehearsal.values import (
    Library,
    Made,
    Object,
    Super,
    ThrownError,
    Unknown,
    Value,
    owner_of,
)
from chatkit_validate.names import Class, External

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

UNKNOWN = (False, None)
PAGE = "chatkit.types.Page"
_UNIONS = frozenset({"ThreadItem", "Attachment", "ThreadStatus", "ThreadStreamEvent"})
_DEFAULTS: dict[str, dict[str, Value]] = {
    "Page": {"data": None, "has_more": False, "after": None},
    "ThreadMetadata": {"title": None, "metadata": None, "allowed_image_domains": None},
    "Thread": {"title": None, "metadata": None, "allowed_image_domains": None},
    "ActiveStatus": {"type": "active"},
    "LockedStatus": {"type": "locked", "reason": None},
    "ClosedStatus": {"type": "closed", "reason": None},
    "UserMessageItem": {"type": "user_message", "attachments": None, "quoted_text": None},
    "AssistantMessageItem": {"type": "assistant_message"},
    "HiddenContextItem": {"type": "hidden_context_item"},
    "FileAttachment": {"type": "file", "upload_descriptor": None, "thread_id": None, "metadata": None},
    "ImageAttachment": {"type": "image", "upload_descriptor": None, "thread_id": None, "metadata": None},
    "AssistantMessageContent": {"type": "output_text", "annotations": None},
    "UserMessageTextContent": {"type": "input_text"},
}
_REQUIRED = {
    "ThreadMetadata": ("id", "created_at"),
    "Thread": ("id", "created_at"),
    "UserMessageItem": ("id", "thread_id", "created_at", "content", "inference_options"),
    "AssistantMessageItem": ("id", "thread_id", "created_at", "content"),
}
_LISTS = frozenset({"data", "attachments", "annotations"})
_VALIDATES = frozenset(
    [
        "validate_python",
        "validate_json",
        "validate_strings",
        "model_validate",
        "model_validate_json",
        "parse_obj",
        "parse_raw",
        "construct",
        "model_construct",
        "from_orm",
    ]
)
_DUMPS = frozenset({"model_dump_json", "json", "dump_json"})


def call(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    """What a class of ChatKit's or pydantic's gives; not known for others."""
    if name.startswith(("chatkit.types.", "chatkit.store.", "chatkit.server.")):
        return _of_chatkit(machine, name, arguments, keywords)
    if name == "pydantic.TypeAdapter":
        kind = arguments[0] if arguments else None
        return True, Made("pydantic.TypeAdapter", {"of": kind})
    if name in {"pydantic.Field", "dataclasses.field"}:
        if "default_factory" in keywords:
            return True, machine.call(keywords["default_factory"], [])
        return True, keywords.get("default", arguments[0] if arguments else None)
    module, _, last = name.rpartition(".")
    if last in _VALIDATES and module:
        owner = Library(module)
        return True, _validated(machine, owner, last, arguments)
    if last in {"replace", "asdict"} and module == "dataclasses" and arguments:
        return True, _replaced(arguments[0], keywords, whole=last == "asdict")
    return UNKNOWN


def _of_chatkit(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    last = name.rpartition(".")[2]
    if last in _VALIDATES:
        return True, _validated(machine, Library(name.rpartition(".")[0]), last, arguments)
    if last == "default_generate_id":
        return True, f"{str(arguments[0])[:3] if arguments else 'id'}_{machine.serial():08x}"
    if last in _UNIONS:
        # A union of types cannot be called.
        raise ThrownError(Made("builtins.TypeError", {"args": (f"{last} cannot be instantiated",)}))
    if last == "NotFoundError":
        return True, Made("chatkit.store.NotFoundError", {"args": tuple(arguments)})
    return True, made(last, keywords)


def made(last: str, given: dict[str, Value]) -> Made:
    """An object of ChatKit's type `last`."""
    lacking = [name for name in _REQUIRED.get(last, ()) if given.get(name) is None]
    if lacking:
        raise ThrownError(Made("pydantic.ValidationError", {"args": (f"{lacking[0]} is missing",)}))
    stated = _DEFAULTS.get(last, {}).get("type")
    wrong = stated is not None and isinstance(given.get("type", stated), str) and given.get("type", stated) != stated
    if wrong or (last in _REQUIRED and isinstance(given.get("status"), str)):
        raise ThrownError(Made("pydantic.ValidationError", {"args": (last,)}))
    fields = dict(_DEFAULTS.get(last, {}))
    fields.update(given)
    for name, value in fields.items():
        if value is None and name in _LISTS:
            fields[name] = []
        elif value is None and name == "metadata":
            fields[name] = {}
    if last in {"ThreadMetadata", "Thread"} and not fields.get("status"):
        fields["status"] = Made("chatkit.types.ActiveStatus", {"type": "active"})
    moment = fields.get("created_at")
    if isinstance(moment, str):
        fields["created_at"] = _moment(moment)
    return Made(f"chatkit.types.{last}", fields)


def _moment(text: str) -> Value:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _replaced(owner: Value, changes: dict[str, Value], *, whole: bool) -> Value:
    found = standard.copied(owner, deep=False)
    if isinstance(found, Object | Made):
        if whole:
            return dict(found.fields)
        found.fields.update(changes)
    return found


def _validated(machine: Machine, kind: Value, how: str, arguments: list[Value]) -> Value:
    """What a model makes of data."""
    data = arguments[-1] if arguments else None
    if "json" in how or "raw" in how:
        data = standard.loaded(data)
    elif isinstance(data, str) and data[:1] in "{[":
        # A column of JSON comes as text or parsed, as the driver likes.
        data = standard.loaded(data)
    return shaped(machine, kind, data)


def shaped(machine: Machine, kind: Value, data: Value) -> Value:
    """`data` as an object of `kind`."""
    if isinstance(data, list):
        return [shaped(machine, kind, item) for item in data]
    if isinstance(data, Made | Object | Unknown):
        return data
    if isinstance(data, Row):
        data = data.all()
    if data is None:
        raise ThrownError(Made("pydantic.ValidationError", {"args": ("None",)}))
    if not isinstance(data, dict):
        return Unknown("a validated value", owner_of(data), (data,))
    fields = {str(key): _dated(str(key), value) for key, value in data.items()}
    if isinstance(kind, Class):
        found = Object(kind)
        fill(machine, found, [], fields)
        return found
    name = kind.name.rpartition(".")[2] if isinstance(kind, Library) else ""
    if name in _DEFAULTS:
        return made(name, fields)
    by_type = {
        "user_message": "UserMessageItem",
        "assistant_message": "AssistantMessageItem",
        "file": "FileAttachment",
        "image": "ImageAttachment",
    }
    kind_of = fields.get("type")
    return Made(
        f"chatkit.types.{by_type.get(kind_of, 'ThreadItem') if isinstance(kind_of, str) else 'ThreadMetadata'}",
        {
            **fields,
            **(
                {}
                if kind_of
                else {"status": fields.get("status") or Made("chatkit.types.ActiveStatus", {"type": "active"})}
            ),
        },
    )


def _dated(name: str, value: Value) -> Value:
    return _moment(value) if name.endswith("_at") and isinstance(value, str) else value


def fill(machine: Machine, owner: Object, arguments: list[Value], keywords: dict[str, Value]) -> None:
    """Gives a dataclass or model of the project its fields."""
    names: list[str] = []
    for base in reversed(machine.hierarchy.order(owner.cls)):
        if not isinstance(base, Class):
            continue
        for name, bindings in base.scope.bindings.items():
            node = bindings[-1].node
            if not isinstance(node, ast.AnnAssign) or ast.unparse(node.annotation).startswith("ClassVar"):
                continue
            if name not in names:
                names.append(name)
            if isinstance(keywords.get(name), dict):
                keywords = {**keywords, name: _typed(machine, base, node.annotation, keywords[name])}
            if node.value is not None and name not in keywords:
                owner.fields[name] = machine.evaluate(node.value, Environment(base.module))
    outside = machine.hierarchy.outside(owner.cls)
    if any(name.startswith("chatkit.types.") for name in outside):
        last = next(name.rpartition(".")[2] for name in outside if name.startswith("chatkit.types."))
        owner.fields.update(made(last, keywords).fields)
    owner.fields.update(zip(names, arguments, strict=False))
    owner.fields.update(keywords)
    after = machine.hierarchy.method(owner.cls, "__post_init__")
    if after is not None:
        machine.call(access.bound(machine, after, owner), [])


def _typed(machine: Machine, cls: Class, annotation: ast.expr, value: Value) -> Value:
    """A dictionary as the model that a field is annotated with; itself where that is none."""
    for kind in machine.project.resolve(annotation, cls.outside):
        if isinstance(kind, External) and kind.name.startswith("chatkit.types."):
            return shaped(machine, Library(kind.name), value)
        if isinstance(kind, Class):
            return shaped(machine, kind, value)
    return value


def method(
    machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    """What a method of a model gives; not known for other values."""
    if isinstance(owner, Made) and owner.name == "pydantic.TypeAdapter":
        if name in _VALIDATES:
            return True, _validated(machine, owner.fields["of"], name, arguments)
        data = arguments[0] if arguments else None
        if name in _DUMPS:
            return True, standard.dumped(_plain(data, keywords))
        return True, _plain(data, keywords)
    if isinstance(owner, Made):
        return True, _of_model(owner, name, arguments, keywords)
    if isinstance(owner, Row):
        if name in _DUMPS or name in {"model_dump", "dict"}:
            return True, dict(owner.values)
        return UNKNOWN
    return UNKNOWN


def _of_model(owner: Made | Object, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    match name:
        case "model_dump" | "dict" | "to_dict":
            return _plain(owner, keywords)
        case "get" if arguments:
            return owner.fields.get(str(arguments[0]), arguments[1] if len(arguments) > 1 else None)
        case _ if name in _DUMPS:
            return standard.dumped(_plain(owner, keywords))
        case "model_copy" | "copy" | "__copy__":
            found = standard.copied(owner, deep=bool(keywords.get("deep", True)))
            if isinstance(keywords.get("update"), dict):
                found.fields.update(keywords["update"])
            return found
        case "isoformat" | "encode" | "decode":
            return owner
        case _:
            return Unknown(f"{name}()", owner_of(owner), (owner, *arguments))


def _plain(value: Value, keywords: dict[str, Value]) -> Value:
    """A model as dictionaries."""
    if isinstance(value, list | tuple):
        return [_plain(item, {}) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, {}) for key, item in value.items()}
    if not isinstance(value, Made | Object):
        return value
    excluded = keywords.get("exclude") or ()
    json = keywords.get("mode") == "json"
    found = {key: _plain(item, {}) for key, item in value.fields.items() if key not in excluded}
    if json:
        found = {key: item.isoformat() if isinstance(item, datetime) else item for key, item in found.items()}
    return found


def inherited(machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """What a method gives that a class of the project inherits from a library."""
    if name in {"generate_thread_id", "generate_item_id"}:
        return f"{'thr' if 'thread' in name else 'msg'}_{machine.serial():08x}"
    if name in {"__init__", "__post_init__", "__init_subclass__", "__aenter__", "__aexit__", "__enter__"}:
        if isinstance(owner, Super) and isinstance(owner.receiver, Object):
            owner.receiver.fields.update(keywords)
            owner.receiver.fields.setdefault("args", tuple(arguments))
        return owner.receiver if isinstance(owner, Super) else owner
    if isinstance(owner, Class) and name in _VALIDATES:
        return _validated(machine, owner, name, arguments)
    if isinstance(owner, Class) and name in {"insert", "select", "delete", "update"}:
        from chatkit_validate.integration.rehearsal import selecting

        return selecting.call(machine, f"sqlalchemy.{name}", [owner], {})[1]
    if isinstance(owner, Object) and not _is_store(machine, owner):
        found = _of_model(owner, name, arguments, keywords)
        if not isinstance(found, Unknown):
            return found
    return machine.outside(f"{_named(owner)}.{name}", (*arguments, *keywords.values()))


def _is_store(machine: Machine, owner: Object) -> bool:
    return bool(machine.hierarchy.is_a(owner.cls, "chatkit.store.Store"))


def _named(owner: Value) -> str:
    if isinstance(owner, Super):
        return "super()"
    return owner.cls.name if isinstance(owner, Object) else getattr(owner, "name", "an object")
