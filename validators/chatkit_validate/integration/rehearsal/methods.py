"""Methods of Python's own values, run as they are: strings, numbers, dates, lists, dictionaries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chatkit_validate.integration.rehearsal import access, operators
from chatkit_validate.integration.rehearsal.tables import Record
from chatkit_validate.integration.rehearsal.values import (
    Default,
    Library,
    Text,
    Unknown,
    Value,
    owner_of,
    parts,
    thrown,
)

if TYPE_CHECKING:
    from collections.abc import Callable as Function

    from chatkit_validate.integration.rehearsal.machine import Machine

UNKNOWN = (False, None)
_STRING = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "startswith",
        "endswith",
        "replace",
        "removeprefix",
        "removesuffix",
        "isdigit",
        "isalnum",
        "isalpha",
        "isnumeric",
        "isdecimal",
        "isidentifier",
        "title",
        "capitalize",
        "encode",
        "find",
        "index",
        "count",
        "casefold",
        "splitlines",
        "isspace",
        "rfind",
    ]
)
_BYTES = frozenset({"decode", "hex"})
_DATE = frozenset(
    [
        "isoformat",
        "timestamp",
        "replace",
        "astimezone",
        "date",
        "time",
        "strftime",
        "utctimetuple",
        "total_seconds",
        "weekday",
        "utcoffset",
        "timetuple",
    ]
)


def call(
    machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    """What a method of one of Python's own values gives; not known for other values."""
    match owner:
        case str() | Text():
            return _string(machine, owner, name, arguments, keywords)
        case bytes() if name in _BYTES:
            return True, _native(owner, name, arguments, keywords)
        case datetime() | date() | timedelta() if name in _DATE:
            return True, _native(
                owner, name, [_zone(item) for item in arguments], {key: _zone(item) for key, item in keywords.items()}
            )
        case dict():
            return _dict(machine, owner, name, arguments, keywords)
        case list():
            return _list(machine, owner, name, arguments, keywords)
        case set() | frozenset() | tuple():
            return _set(machine, owner, name, arguments)
        case Record():
            return _record(owner, name, arguments)
        case UUID():
            return True, str(owner)
        case int() | float() if name in {"is_integer", "bit_length"}:
            return True, _native(owner, name, arguments, keywords)
        case _:
            return UNKNOWN


def _zone(value: Value) -> Value:
    if isinstance(value, Library) and value.name.endswith("utc"):
        return UTC
    return None if isinstance(value, Unknown) else value


def _native(owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    given = [*arguments, *keywords.values()]
    if any(isinstance(part, Unknown | Text) for item in given for part in parts(item, 2)):
        return Unknown(f"{name}()", owner_of(*given), (owner, *given))
    try:
        return getattr(owner, name)(*arguments, **keywords)
    except (ValueError, TypeError, OverflowError, UnicodeError, AttributeError) as error:
        raise thrown(type(error).__name__) from None


def _string(
    machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    match name:
        case "join" if arguments:
            pieces: list[Value] = []
            for item in access.iterate(machine, arguments[0]):
                pieces.extend([owner, item] if pieces else [item])
            return True, operators.join(pieces)
        case "decode":
            # JSON is kept as text, however a model dumps it.
            return True, owner
        case "format" | "format_map":
            return True, _format(machine, owner, arguments, keywords)
        case _ if isinstance(owner, Text):
            return (
                (True, owner)
                if name in {"strip", "rstrip", "lstrip", "lower", "upper"}
                else (True, _of_text(owner, name, arguments))
            )
        case _ if name in _STRING:
            return True, _native(owner, name, arguments, keywords)
        case _ if hasattr(owner, name):
            return True, Unknown(f"{name}()", owner_of(*arguments), (owner, *arguments))
        case _:
            return UNKNOWN


def _of_text(owner: Text, name: str, arguments: list[Value]) -> Value:
    if name == "startswith" and owner.parts and isinstance(owner.parts[0], str) and isinstance(arguments[0], str):
        return owner.parts[0].startswith(arguments[0])
    if name == "encode":
        return owner
    return Unknown(f"{name}()", owner_of(owner), (owner,))


def _format(_machine: Machine, owner: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    if name := next((item for item in arguments if isinstance(item, dict)), None):
        keywords = {**keywords, **{str(key): value for key, value in name.items()}}
    pieces: list[Value] = []
    position = 0
    for part in owner.parts if isinstance(owner, Text) else (owner,):
        if not isinstance(part, str):
            pieces.append(part)
            continue
        rest = part
        while "{" in rest:
            before, _, after = rest.partition("{")
            inside, closed, rest = after.partition("}")
            pieces.append(before)
            if not closed:
                break
            key = inside.partition(":")[0].partition("!")[0]
            if key.isdigit() or not key:
                place = int(key) if key else position
                position += 0 if key else 1
                pieces.append(operators.formatted(arguments[place]) if place < len(arguments) else "")
            elif key in keywords:
                pieces.append(operators.formatted(keywords[key]))
            else:
                pieces.append(Unknown(key))
        pieces.append(rest)
    return operators.join(pieces)


def _dict(
    machine: Machine, owner: dict[Value, Value], name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    from chatkit_validate.integration.rehearsal.binding import hashable

    key = hashable(arguments[0]) if arguments else None
    other = arguments[1] if len(arguments) > 1 else keywords.get("default")
    match name:
        case "get":
            return True, owner.get(key, other)
        case "pop":
            if key not in owner and len(arguments) < 2:
                raise thrown("KeyError", key)
            return True, owner.pop(key, other)
        case "setdefault":
            return True, owner.setdefault(key, other)
        case "keys" | "values" | "items":
            return True, list(getattr(dict, name)(owner))
        case "update":
            for item in arguments:
                pairs = access.mapping(machine, item) if not isinstance(item, list) else dict(item)
                owner.update(pairs)
            owner.update(keywords)
            return True, None
        case "copy":
            return True, _copied(owner)
        case "clear":
            owner.clear()
            return True, None
        case "popitem":
            if not owner:
                raise thrown("KeyError")
            return True, owner.popitem()
        case "move_to_end":
            if key in owner:
                owner[key] = owner.pop(key)
            return True, None
        case _:
            return UNKNOWN


def _copied(owner: dict[Value, Value]) -> dict[Value, Value]:
    if isinstance(owner, Default):
        made = Default(owner.factory)
        made.update(owner)
        return made
    return dict(owner)


def _list(
    machine: Machine, owner: list[Value], name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    match name:
        case "append" | "appendleft":
            owner.append(arguments[0])
        case "extend":
            owner.extend(access.iterate(machine, arguments[0]))
        case "insert":
            owner.insert(arguments[0] if isinstance(arguments[0], int) else 0, arguments[1])
        case "sort":
            owner[:] = ordered(machine, owner, keywords.get("key"), keywords.get("reverse", False))
        case "reverse":
            owner.reverse()
        case "clear":
            owner.clear()
        case "copy":
            return True, list(owner)
        case "pop":
            if not owner:
                raise thrown("IndexError")
            place = arguments[0] if arguments and isinstance(arguments[0], int) else -1
            return True, owner.pop(place) if -len(owner) <= place < len(owner) else None
        case "remove" | "index" | "count":
            return True, _sought(machine, owner, name, arguments[0])
        case _:
            return UNKNOWN
    return True, None


def _sought(machine: Machine, owner: list[Value], name: str, value: Value) -> Value:
    places = [place for place, item in enumerate(owner) if operators.equal(machine, item, value)]
    if name == "count":
        return len(places)
    if not places:
        raise thrown("ValueError", "not in list")
    if name == "index":
        return places[0]
    del owner[places[0]]
    return None


def _set(machine: Machine, owner: Value, name: str, arguments: list[Value]) -> tuple[bool, Value]:
    from chatkit_validate.integration.rehearsal.binding import hashable

    match name:
        case "add":
            owner.add(hashable(arguments[0]))
            return True, None
        case "discard" | "remove":
            owner.discard(hashable(arguments[0]))
            return True, None
        case "index" | "count":
            return True, _sought(machine, list(owner), name, arguments[0])
        case "union" | "intersection" | "difference" | "issubset" | "isdisjoint":
            return True, getattr(set(owner), name)(*(access.iterate(machine, item) for item in arguments))
        case "update":
            for item in arguments:
                owner.update(access.iterate(machine, item))
            return True, None
        case _:
            return UNKNOWN


def _record(owner: Record, name: str, arguments: list[Value]) -> tuple[bool, Value]:
    held = dict(zip(owner.names, owner.values, strict=True))
    match name:
        case "keys" | "values" | "items":
            return True, list(getattr(held, name)())
        case "get" if arguments:
            return True, held.get(arguments[0], arguments[1] if len(arguments) > 1 else None)
        case "_asdict" | "dict":
            return True, held
        case _:
            return UNKNOWN


def ordered(machine: Machine, items: list[Value], key: Value, reverse: Value) -> list[Value]:
    """`sorted(items, key=key, reverse=reverse)`; as they are where their keys are not known."""
    keys = [machine.call(key, [item]) if key is not None else item for item in items]
    if any(_is_unknown(item) for item in keys):
        machine.doubts.append("the order of values that are not known")
        return list(items)
    pairs = list(zip(keys, range(len(items)), items, strict=True))
    compare: Function[[tuple[Value, int, Value]], Value] = lambda pair: pair[0]  # noqa: E731 - typed, for sort
    try:
        pairs.sort(key=compare, reverse=machine.truth(reverse))
    except TypeError:
        raise thrown("TypeError", "not comparable") from None
    return [item for _, _, item in pairs]


def _is_unknown(key: Value) -> bool:
    return any(not isinstance(part, str | int | float | datetime | date | tuple | UUID) for part in parts(key, 2))
