"""Settings classes of pydantic-settings: where their values come from, and what else a file may hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import Foreign, Structure
from chatkit_validate.integration import modules
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.names import Class
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Module
    from chatkit_validate.source import Place

BASES = ("pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings")
_DICTS = frozenset({"pydantic_settings.SettingsConfigDict()", "pydantic_settings.main.SettingsConfigDict()",
                    "pydantic.ConfigDict()", "pydantic.config.ConfigDict()", "builtins.dict()"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a settings class.

    Attributes:
        name: The field.
        variables: The environment variables it is read from, upper case; empty where an alias cannot be read.
        required: Whether it has no default.
        default: The literal default, None where there is none or it is not literal.
        where: The field.
    """

    name: str
    variables: tuple[str, ...]
    required: bool
    default: object
    where: Place


@dataclass(frozen=True, slots=True, eq=False)
class SettingsClass:
    """A class that reads settings from the environment; the subject of rules about settings.

    Attributes:
        name: The class's name.
        where: Its definition.
        cls: The class.
        env_file: The file it reads; the text is empty where the path is computed.
        extra: What happens to keys of that file that it has no field for: `ignore`, `allow` or `forbid`.
        env_prefix: What stands before the field's name in the variable's name.
    """

    kind: ClassVar[str] = "setting"
    name: str
    where: Place
    cls: Class
    env_file: Evidence[str]
    extra: Evidence[str]
    env_prefix: Evidence[str]


def settings_classes(integration: Integration) -> tuple[SettingsClass, ...]:
    """The settings classes in the modules that the application imports, in order of path and line."""
    reached = integration.once(modules.modules, integration.root)
    found = [
        of(integration.flow, cls, reached)
        for module in reached
        for cls in module.scope.classes
        if is_settings(integration.flow, cls)
    ]
    return tuple(sorted(found, key=lambda one: (one.where.path, one.where.line)))


def is_settings(flow: Flow, cls: Class) -> bool:
    """Whether `cls` derives from pydantic-settings' BaseSettings."""
    return any(name in BASES for name in flow.hierarchy.outside(cls))


def of(flow: Flow, cls: Class, reached: tuple[Module, ...] = ()) -> SettingsClass:
    """What a settings class says of itself, or is told in a call `cls(_env_file=...)` within `reached`."""
    where = cls.module.place(cls.node)
    passed = next(_passed_file(flow, cls, reached), None)
    return SettingsClass(
        cls.qualname,
        where,
        cls,
        passed or option(flow, cls, "env_file"),
        option(flow, cls, "extra"),
        option(flow, cls, "env_prefix"),
    )


def option(flow: Flow, cls: Class, key: str) -> Evidence[str]:
    """The configured `key` of a settings class; as in pydantic the nearest class that states it wins.

    Found with an empty text where the value is stated and not literal; Absent also for a literal None.
    """
    places = []
    for base in flow.hierarchy.order(cls):
        if base is None:
            return Unresolved("a base class cannot be found", cls.module.place(cls.node))
        if not isinstance(base, Class):
            continue
        frame = flow.module_frame(base.module)
        stated = list(_stated(flow, base, key, frame))
        if not stated:
            places.append(frame.place(base.node))
            continue
        return stated[-1]
    return Absent(cls.module.place(cls.node), tuple(places))


def _stated(flow: Flow, cls: Class, key: str, frame: Frame) -> Iterator[Evidence[str]]:
    """What the class itself says: in its keywords, its inner `Config`, its `model_config`; the last one counts."""
    for keyword in cls.node.keywords:
        if keyword.arg == key:
            yield _value(flow, keyword.value, frame)
    for inner in cls.scope.classes:
        if inner.name == "Config":
            for binding in inner.scope.bindings.get(key, ()):
                if binding.value is not None:
                    yield _value(flow, binding.value, frame)
    for binding in cls.scope.bindings.get("model_config", ()):
        if binding.value is not None:
            for value in flow.values(binding.value, frame):
                yield from _in_dict(flow, value, key, frame, frozenset())


def _in_dict(flow: Flow, value: Value, key: str, frame: Frame, within: frozenset[Value]) -> Iterator[Evidence[str]]:
    if value in within:
        return
    within |= {value}
    match value:
        case Foreign(name=name, node=ast.Call() as call, frame=where) if name in _DICTS and where is not None:
            for keyword in call.keywords:
                if keyword.arg == key:
                    yield _value(flow, keyword.value, where)
                elif keyword.arg is None:
                    for spread in flow.values(keyword.value, where):
                        yield from _in_dict(flow, spread, key, where, within)
        case Structure(node=ast.Dict() as display, frame=where):
            for known, item in zip(display.keys, display.values, strict=True):
                if isinstance(known, ast.Constant) and known.value == key:
                    yield _value(flow, item, where)
        case Structure(node=ast.BinOp(left=left, right=right), frame=where):
            for side in (left, right):
                for part in flow.values(side, where):
                    yield from _in_dict(flow, part, key, where, within)
        case _:
            place = frame.place(getattr(value, "node", None) or frame.module.file.tree)
            yield Unresolved("the configuration of the class is built in a way that cannot be followed", place)


def _value(flow: Flow, expression: ast.expr, frame: Frame) -> Evidence[str]:
    where = frame.place(expression)
    literals = flow.constants(expression, frame)
    if literals is not None:
        return Absent(where) if literals[0] is None else Found(str(literals[0]), where)
    for value in flow.values(expression, frame):
        if isinstance(value, Foreign) and value.name.startswith("pydantic.") and ".Extra." in value.name:
            return Found(value.name.rpartition(".")[2], where)
    return Found("", where)


def _passed_file(flow: Flow, cls: Class, reached: tuple[Module, ...]) -> Iterator[Evidence[str]]:
    """`Settings(_env_file=...)`."""
    for module in reached:
        if "_env_file" not in module.file.text:
            continue
        for node in module.nodes:
            if isinstance(node, ast.Call) and cls in flow.project.resolve(node.func, module.scope):
                for keyword in node.keywords:
                    if keyword.arg == "_env_file":
                        yield _value(flow, keyword.value, flow.module_frame(module))


def fields(flow: Flow, settings: SettingsClass) -> tuple[Setting, ...]:
    """The fields of a settings class and of its project bases, with the variables they are read from."""
    prefix = settings.env_prefix.value if isinstance(settings.env_prefix, Found) else ""
    return tuple(
        setting(statement, name, prefix, base) for name, (statement, base) in declared(flow, settings.cls).items()
    )


def declared(flow: Flow, cls: Class) -> dict[str, tuple[ast.AnnAssign, Class]]:
    """The fields that a pydantic class and its project bases declare: name -> declaration, and the class it is in."""
    found: dict[str, tuple[ast.AnnAssign, Class]] = {}
    for base in reversed(flow.hierarchy.order(cls)):
        if not isinstance(base, Class):
            continue
        for statement in base.node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name)) if "ClassVar" not in unparse(statement.annotation):
                    found[name] = (statement, base)
    return found


def setting(statement: ast.AnnAssign, name: str, prefix: str, cls: Class) -> Setting:
    """What the declaration `statement` of `cls` says of the field `name`; `prefix` stands before its variable."""
    value = statement.value
    variables: tuple[str, ...] = (f"{prefix}{name}".upper(),)
    default, required = value, value is None
    if isinstance(value, ast.Call) and unparse(value.func).rpartition(".")[2] == "Field":
        words = {keyword.arg: keyword.value for keyword in value.keywords}
        default = words.get("default") or (value.args[0] if value.args else None)
        required = default is None and "default_factory" not in words
        alias = words.get("validation_alias") or words.get("alias") or words.get("env")
        if alias is not None:
            names = [node.value for node in ast.walk(alias) if isinstance(node, ast.Constant)]
            variables = tuple(str(one).upper() for one in names)
    if isinstance(default, ast.Constant) and default.value is Ellipsis:
        required = True
    literal = default.value if isinstance(default, ast.Constant) and default.value is not Ellipsis else None
    return Setting(name, variables, required, literal, cls.module.place(statement))
