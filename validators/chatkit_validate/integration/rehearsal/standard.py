"""Builtins and the standard library's functions that stores use."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID, uuid5

from chatkit_validate.integration.rehearsal import access, methods
from chatkit_validate.integration.rehearsal.tables import Record, Result, Row
from chatkit_validate.integration.rehearsal.values import (
    NATIVE,
    Default,
    Library,
    Made,
    Object,
    Partial,
    Text,
    Unknown,
    Value,
    owner_of,
    parts,
    thrown,
)

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

UNKNOWN = (False, None)
_MANY = 5000
_SPACES = {
    "NAMESPACE_DNS": NAMESPACE_DNS,
    "NAMESPACE_URL": NAMESPACE_URL,
    "NAMESPACE_OID": NAMESPACE_OID,
    "NAMESPACE_X500": NAMESPACE_X500,
}
_THREADS = frozenset(
    {
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
        "asgiref.sync.sync_to_async",
    }
)
_SAME = frozenset(
    [
        "typing.cast",
        "asyncio.wait_for",
        "asyncio.shield",
        "asyncio.create_task",
        "asyncio.ensure_future",
        "contextlib.aclosing",
        "contextlib.closing",
        "asyncio.run",
        "anyio.run",
    ]
)
_LOGS = ("log", "print", "trace", "metric", "span", "stderr", "stdout")


def is_silent(name: str) -> bool:
    """Whether a call of that name stores nothing: a line in the log."""
    lowered = name.lower()
    return any(word in lowered for word in _LOGS)


def call(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    """What a function of the standard library gives; not known for others."""
    module, _, last = name.rpartition(".")
    match module:
        case "builtins":
            return _builtin(machine, last, arguments, keywords)
        case "json" | "orjson" | "ujson":
            return _json(last, arguments, strict=module == "json" and not keywords.keys() & {"default", "cls"})
        case "uuid":
            return _uuid(machine, last, arguments)
        case "datetime" | "datetime.datetime" | "datetime.timezone":
            return _datetime(machine, name, arguments, keywords)
        case "time" if last in {"time", "time_ns", "monotonic"}:
            return True, machine.now().timestamp()
        case "collections":
            return _collections(machine, last, arguments)
        case "copy":
            return True, copied(arguments[0], deep=last == "deepcopy")
        case "functools" if last in {"partial", "partialmethod"}:
            return True, Partial(arguments[0], arguments[1:], keywords)
        case "secrets" | "random" if last.startswith("token"):
            return True, f"{machine.serial():032x}"
        case "contextlib" if last in {"suppress", "nullcontext"}:
            return True, Made(name, {"args": tuple(arguments)}) if last == "suppress" else (arguments or [None])[0]
        case _:
            return _flow(machine, name, arguments, keywords)


def _flow(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    if name in _THREADS and arguments:
        return True, machine.call(arguments[0], arguments[1:], keywords)
    if name in _SAME and arguments:
        return True, arguments[-1] if name == "typing.cast" else arguments[0]
    if name == "asyncio.gather":
        return True, list(arguments)
    if name == "asyncio.sleep":
        return True, None
    if name.startswith("itertools.") and name.endswith("islice") and len(arguments) > 1:
        ends = [item for item in arguments[1:] if isinstance(item, int | type(None))]
        return True, access.iterate(machine, arguments[0])[slice(*ends)]
    if name.startswith("itertools.chain") and arguments:
        return True, [item for held in arguments for item in access.iterate(machine, held)]
    if name in {"operator.attrgetter", "operator.itemgetter"} and arguments:
        return True, Partial(Library(f"{name}()"), list(arguments), {})
    if name in {"operator.attrgetter()", "operator.itemgetter()"}:
        *names, held = arguments
        give = machine.attribute if "attr" in name else lambda owner, key: access.item(machine, owner, key)
        found = [give(held, item) for item in names]
        return True, found[0] if len(found) == 1 else tuple(found)
    if name.endswith((".Jsonb", ".Json")) and arguments:
        return True, arguments[0]
    if name.startswith(("pathlib.", "os.")):
        return True, Unknown(name, owner_of(*arguments), truth=True)
    return UNKNOWN


def _builtin(machine: Machine, last: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    first = arguments[0] if arguments else None
    match last:
        case "len" if arguments:
            return True, _length(machine, first)
        case "str" | "repr":
            return True, access.text(first) if arguments else ""
        case "int" | "float":
            return True, _number(last, arguments)
        case "bool":
            return True, machine.truth(first)
        case "list" | "tuple" | "set" | "frozenset":
            items = access.iterate(machine, first) if arguments else []
            if last == "tuple":
                return True, tuple(items)
            return True, list(items) if last == "list" else {_hashable(item) for item in items}
        case "dict":
            pairs = access.mapping(machine, first) if arguments and not isinstance(first, list) else dict(first or [])
            return True, {**pairs, **keywords}
        case "sorted":
            items = access.iterate(machine, first)
            return True, methods.ordered(machine, items, keywords.get("key"), keywords.get("reverse", False))
        case "reversed":
            return True, list(reversed(access.iterate(machine, first)))
        case "enumerate":
            start = arguments[1] if len(arguments) > 1 else keywords.get("start", 0)
            return True, list(enumerate(access.iterate(machine, first), start if isinstance(start, int) else 0))
        case "range":
            ends = [item for item in arguments if isinstance(item, int)]
            return True, list(range(*ends)[:_MANY]) if len(ends) == len(arguments) else []
        case "zip":
            return True, list(zip(*(access.iterate(machine, item) for item in arguments), strict=False))
        case "any" | "all":
            held = [machine.truth(item) for item in access.iterate(machine, first)]
            return True, any(held) if last == "any" else all(held)
        case "map" | "filter":
            items = access.iterate(machine, arguments[1])
            if last == "map":
                return True, [machine.call(first, [item]) for item in items]
            return True, [item for item in items if machine.truth(machine.call(first, [item]) if first else item)]
        case "min" | "max" | "sum" | "abs" | "round":
            return True, _reduced(machine, last, arguments, keywords)
        case "next" | "anext":
            return True, _next(machine, arguments)
        case "iter" | "aiter" | "staticmethod":
            return True, first
        case _:
            return _object(machine, last, arguments)


def _object(machine: Machine, last: str, arguments: list[Value]) -> tuple[bool, Value]:
    first = arguments[0] if arguments else None
    match last:
        case "isinstance" | "issubclass":
            known = machine.is_a(first, arguments[1])
            return True, machine.choose(f"whether it is {arguments[1]!r}"[:60]) if known is None else known
        case "getattr":
            return True, _getattr(machine, arguments)
        case "hasattr":
            return True, _has(machine, first, str(arguments[1]))
        case "setattr":
            from chatkit_validate.integration.rehearsal import binding

            binding.set_attribute(machine, first, str(arguments[1]), arguments[2])
            return True, None
        case "callable":
            return True, not isinstance(first, (*NATIVE, list, dict, tuple))
        case "type":
            if isinstance(first, Object):
                return True, first.cls
            return True, Library(first.name) if isinstance(first, Made) else Library(f"builtins.{type(first).__name__}")
        case "print" | "id" | "hash" | "open" | "vars" | "dir":
            return True, Unknown(last, truth=True) if last != "print" else None
        case "super":
            return True, Unknown("super()", truth=True)
        case "object":
            return True, Made("builtins.object", {})
        case _ if _is_exception(last):
            return True, Made(f"builtins.{last}", {"args": tuple(arguments)})
        case _:
            return UNKNOWN


def _is_exception(name: str) -> bool:
    import builtins

    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _hashable(value: Value) -> Value:
    from chatkit_validate.integration.rehearsal.binding import hashable

    return hashable(value)


def _length(machine: Machine, value: Value) -> Value:
    match value:
        case str() | bytes() | list() | dict() | tuple() | set() | frozenset():
            return len(value)
        case Result():
            return len(value.records)
        case Record():
            return len(value.values)
        case None | int() | float():
            raise thrown("TypeError", "object has no len()")
        case Object():
            found = access.method_of(machine, value, "__len__")
            return machine.call(found, []) if found is not None else Unknown("len()")
        case _:
            return Unknown("len()", owner_of(value), (value,))


def _number(kind: str, arguments: list[Value]) -> Value:
    if not arguments:
        return 0
    if isinstance(arguments[0], str | int | float | bytes) and all(isinstance(item, int) for item in arguments[1:]):
        try:
            if kind == "float":
                return float(arguments[0])
            return int(arguments[0], *arguments[1:])
        except (ValueError, TypeError, OverflowError) as error:
            raise thrown(type(error).__name__) from None
    if arguments[0] is None:
        raise thrown("TypeError", "int() argument must be a string or a number")
    return Unknown(f"{kind}()", owner_of(*arguments), tuple(arguments))


def _reduced(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    items = access.iterate(machine, arguments[0]) if len(arguments) == 1 and name not in {"abs", "round"} else arguments
    if not items and name in {"min", "max"}:
        if "default" in keywords:
            return keywords["default"]
        raise thrown("ValueError", f"{name}() arg is an empty sequence")
    if any(isinstance(part, Unknown) for item in items for part in parts(item, 1)):
        return Unknown(f"{name}()", owner_of(*items), tuple(items))
    if name in {"min", "max"}:
        found = methods.ordered(machine, list(items), keywords.get("key"), name == "max")
        return found[0]
    try:
        import builtins

        return sum(items) if name == "sum" else getattr(builtins, name)(*items)
    except TypeError:
        raise thrown("TypeError", name) from None


def _next(machine: Machine, arguments: list[Value]) -> Value:
    held = arguments[0]
    items = access.iterate(machine, held)
    if items:
        if isinstance(held, list):
            held.pop(0)
        return items[0]
    if len(arguments) > 1:
        return arguments[1]
    raise thrown("StopIteration")


def _getattr(machine: Machine, arguments: list[Value]) -> Value:
    owner, name = arguments[0], str(arguments[1])
    if len(arguments) > 2 and not _has(machine, owner, name):
        return arguments[2]
    return machine.attribute(owner, name)


def _has(machine: Machine, owner: Value, name: str) -> bool:
    match owner:
        case Object(cls=cls, fields=fields):
            held = machine.hierarchy.method(cls, name) or machine.hierarchy.attribute(cls, name)
            return name in fields or held is not None
        case Made(fields=fields):
            return name in fields or name in {"model_dump", "model_dump_json", "model_copy"}
        case Row():
            return name in owner.values or owner.get(name) is not None
        case Record():
            return name in owner.names
        case dict() | list() | tuple() | set():
            return hasattr(owner, name)
        case None:
            return False
        case _ if isinstance(owner, (*NATIVE, datetime, date, UUID)):
            return hasattr(owner, name)
        case _:
            return True


def _json(last: str, arguments: list[Value], *, strict: bool) -> tuple[bool, Value]:
    if last in {"dumps", "dump"} and arguments:
        if strict and any(isinstance(part, datetime | date | UUID | bytes | set) for part in parts(arguments[0])):
            raise thrown("TypeError", "Object of type datetime is not JSON serializable")
        return True, dumped(arguments[0])
    if last == "loads" and arguments:
        return True, loaded(arguments[0])
    return UNKNOWN


def dumped(value: Value) -> Value:
    """`value` as JSON; what is unknown in it as its label."""
    try:
        return json.dumps(value, default=_encoded, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return Unknown("json", owner_of(value), (value,))


def _encoded(value: Value) -> Value:
    if isinstance(value, Made | Object):
        return value.fields
    if isinstance(value, Row):
        return value.values
    if isinstance(value, datetime | date):
        return value.isoformat()
    return repr(value)


def loaded(value: Value) -> Value:
    """What JSON says."""
    if isinstance(value, str | bytes):
        try:
            return json.loads(value)
        except ValueError:
            raise thrown("ValueError", "not JSON") from None
    if isinstance(value, dict | list):
        raise thrown("TypeError", "the JSON object must be str, bytes or bytearray")
    if value is None:
        raise thrown("TypeError", "the JSON object must be str, bytes or bytearray, not NoneType")
    return Unknown("json", owner_of(value), (value,))


def _uuid(machine: Machine, last: str, arguments: list[Value]) -> tuple[bool, Value]:
    match last:
        case "uuid4" | "uuid1" | "uuid7":
            # Random ids sort into no order: the first digits fall while the serial number grows.
            number = machine.serial()
            return True, UUID(int=((2**32 - 1 - number * 7919) % 2**32 << 96) | (0x4000 << 64) | (0x8 << 60) | number)
        case "uuid5" | "uuid3" if len(arguments) > 1 and isinstance(arguments[1], str):
            space = arguments[0]
            known = _SPACES.get(space.name.rpartition(".")[2]) if isinstance(space, Library) else space
            return True, uuid5(known if isinstance(known, UUID) else NAMESPACE_OID, arguments[1])
        case "UUID" if arguments:
            if isinstance(arguments[0], UUID):
                return True, arguments[0]
            if isinstance(arguments[0], str):
                try:
                    return True, UUID(arguments[0])
                except ValueError:
                    raise thrown("ValueError", "badly formed hexadecimal UUID string") from None
            if arguments[0] is None or isinstance(arguments[0], int):
                raise thrown("TypeError", "one of the hex, bytes, ... arguments must be given")
            return True, Unknown("UUID()", owner_of(*arguments), tuple(arguments))
        case _:
            return UNKNOWN


def _datetime(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    last = name.rpartition(".")[2]
    given = [UTC if isinstance(item, Library) and item.name.endswith("utc") else item for item in arguments]
    named = {
        key: UTC if isinstance(item, Library) and item.name.endswith("utc") else item for key, item in keywords.items()
    }
    match last:
        case "now" | "today":
            zone = given[0] if given else named.get("tz")
            return True, machine.now() if zone is not None else machine.now().replace(tzinfo=None)
        case "utcnow":
            return True, machine.now().replace(tzinfo=None)
        case "fromisoformat" | "fromtimestamp" | "strptime" | "utcfromtimestamp" | "combine":
            return True, _made(getattr(datetime, last), given, named)
        case "datetime" | "timedelta" | "date" | "timezone":
            return True, _made(
                {"datetime": datetime, "timedelta": timedelta, "date": date, "timezone": timezone}[last], given, named
            )
        case _:
            return UNKNOWN


def _made(make: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    if any(isinstance(item, Unknown | Text | Made | Library) for item in (*arguments, *keywords.values())):
        return Unknown("a date", owner_of(*arguments), tuple(arguments))
    try:
        return make(*arguments, **keywords)
    except (ValueError, TypeError, OverflowError) as error:
        raise thrown(type(error).__name__) from None


def _collections(machine: Machine, last: str, arguments: list[Value]) -> tuple[bool, Value]:
    match last:
        case "defaultdict":
            return True, Default(arguments[0] if arguments else Library("builtins.dict"))
        case "OrderedDict" | "Counter":
            return True, access.mapping(machine, arguments[0]) if arguments else {}
        case "deque":
            return True, access.iterate(machine, arguments[0]) if arguments else []
        case _:
            return UNKNOWN


def copied(value: Value, *, deep: bool) -> Value:
    """A copy of `value`, of what it holds too where it is deep."""

    def inner(item: Value) -> Value:
        return copied(item, deep=True) if deep else item

    match value:
        case dict():
            made: dict[Value, Value] = Default(value.factory) if isinstance(value, Default) else {}
            made.update({key: inner(item) for key, item in value.items()})
            return made
        case list():
            return [inner(item) for item in value]
        case set():
            return set(value)
        case Made(name=name, fields=fields):
            return Made(name, {key: inner(item) for key, item in fields.items()})
        case Object(cls=cls, fields=fields):
            return Object(cls, {key: inner(item) for key, item in fields.items()})
        case _:
            return value
