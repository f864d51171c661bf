"""Attributes, items, membership and iteration."""

from __future__ import annotations

import ast
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chatkit_validate.integration.rehearsal.relation import clause
from chatkit_validate.integration.rehearsal.tables import Record, Result, Row
from chatkit_validate.integration.rehearsal.values import (
    NATIVE,
    Attribute,
    Callable,
    Default,
    Library,
    Made,
    Method,
    Object,
    Super,
    Text,
    Unknown,
    Value,
    owner_of,
    thrown,
)
from chatkit_validate.names import Class, External, Function, Module, Namespace, ancestors

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

_NATIVE = (*NATIVE, list, dict, tuple, set, frozenset, datetime, date, timedelta, UUID)
# What of a request's context is the same for every user: connections, and names of parts of the application.
_SHARED = frozenset(
    [
        "session",
        "db",
        "database",
        "conn",
        "connection",
        "pool",
        "engine",
        "logger",
        "request_session",
        "db_session",
        "store",
        "app",
        "app_name",
        "agent_id",
        "workflow_id",
        "conversation_id",
        "thread_id",
        "library_id",
        "case_id",
        "chat_id",
        "locale",
        "lang",
        "language",
        "settings",
        "config",
        "cache",
    ]
)


def attribute(machine: Machine, owner: Value, name: str) -> Value:
    """What `owner.name` gives."""
    match owner:
        case Object():
            return _of_object(machine, owner, name)
        case Class():
            return _of_class(machine, owner, owner, name)
        case Super(receiver=receiver, after=after):
            return _of_super(machine, receiver, after, name)
        case Module() | Namespace():
            return machine_member(machine, owner, name)
        case Library(name=dotted):
            return machine_definition(machine, External(f"{dotted}.{name}"))
        case Unknown():
            machine.asked = machine.asked or bool(owner.owner)
            if name in {"rowcount", "lastrowid"} and (held := _ran(machine, owner)) is not None:
                return held.count if name == "rowcount" else machine.serial()
            return of_unknown(owner, name)
        case Made(fields=fields) if name in fields:
            return fields[name]
        case Row():
            return owner.get(name)
        case Record():
            return owner.named(name)
        case Result() if name == "rowcount":
            return owner.count
        case None:
            raise thrown("AttributeError", f"'NoneType' object has no attribute {name!r}")
        case UUID() | datetime() | date() | timedelta():
            return _of_native(owner, name)
        case Callable(receiver=receiver) if name == "__name__":
            return getattr(owner.node, "name", "<lambda>")
        case _:
            return Method(owner, name)


def _of_native(owner: Value, name: str) -> Value:
    value = getattr(owner, name, None)
    if value is None and not hasattr(owner, name):
        raise thrown("AttributeError", name)
    return Method(owner, name) if callable(value) else value


def of_unknown(owner: Unknown, name: str) -> Value:
    """An attribute or item of something unknown; a user's, where it is a part of their request's context."""
    return Attribute(owner, name, shared=bool(owner.owner) and name.lower() in _SHARED)


def _ran(machine: Machine, cursor: Unknown) -> Result | None:
    from chatkit_validate.integration.rehearsal import drivers

    return drivers.last(machine, cursor)


def _items_of(machine: Machine, value: Unknown) -> list[Value]:
    """The one item that something unknown is taken to hold: the same whenever it is asked."""
    if not value.sources and not value.owner:
        return []
    key = ("items", id(value))
    if key not in machine.remembered:
        # The value itself is kept, so that its identity stays its own.
        machine.remembered[key] = (value, Unknown(f"an item of {value.label}", value.owner, (value,)))
    return [machine.remembered[key][1]]


def machine_member(machine: Machine, owner: Module | Namespace, name: str) -> Value:
    """What a module's name stands for."""
    from chatkit_validate.integration.rehearsal import naming

    return naming.member(machine, owner, name)


def machine_definition(machine: Machine, external: External) -> Value:
    """What a library's name stands for."""
    from chatkit_validate.integration.rehearsal import naming

    return naming.of_library(machine, external.name)


def _of_object(machine: Machine, owner: Object, name: str) -> Value:
    if name == "__class__":
        return owner.cls
    if name == "__dict__":
        return owner.fields
    if name in owner.fields:
        return owner.fields[name]
    return _of_class(machine, owner.cls, owner, name)


def _of_class(machine: Machine, cls: Class, receiver: Value, name: str, *, after: Class | None = None) -> Value:
    if name == "__name__":
        return cls.name
    column = _column(machine, cls, receiver, name)
    if column is not None:
        return column
    order = machine.hierarchy.order(cls)
    if after is not None and after in order:
        order = order[order.index(after) + 1 :]
    for base in order:
        if not isinstance(base, Class):
            continue
        function = base.own(name)
        if function is not None:
            return bound(machine, function, receiver)
        if name in base.scope.bindings:
            from chatkit_validate.integration.rehearsal import naming

            return naming.in_class(machine, base, name)
    return _inherited(machine, cls, receiver, name)


def _column(machine: Machine, cls: Class, receiver: Value, name: str) -> Value:
    if receiver is cls and machine.database.is_model(cls) and name in machine.database.columns(cls):
        return clause("column", machine.database.table_of(cls), name)
    if receiver is cls and name in {"__table__", "c"} and machine.database.is_model(cls):
        return cls
    return None


def _inherited(machine: Machine, cls: Class, receiver: Value, name: str) -> Value:
    """A member of a library's base class."""
    found = machine.hierarchy.method(cls, "__getattr__")
    if found is not None and isinstance(receiver, Object) and not name.startswith("__"):
        return machine.call(bound(machine, found, receiver), [name])
    outside = machine.hierarchy.outside(cls)
    if (
        not outside
        and machine.hierarchy.complete(cls)
        and isinstance(receiver, Object)
        and not receiver.fields.get("?")
    ):
        raise thrown("AttributeError", f"{cls.name} has no {name}")
    return Method(receiver, name)


def _of_super(machine: Machine, receiver: Value, after: Class, name: str) -> Value:
    cls = receiver.cls if isinstance(receiver, Object) else receiver if isinstance(receiver, Class) else after
    return _of_class(machine, cls, receiver, name, after=after)


def bound(machine: Machine, function: Function, receiver: Value) -> Value:
    """A method as an object or class gives it: properties called, decorators applied."""
    from chatkit_validate.integration.rehearsal import naming

    kinds = naming.decorators(machine, function)
    if kinds & {"builtins.property", "functools.cached_property"} and isinstance(receiver, Object):
        return machine.call(Callable(function.node, function, receiver), [])
    if "builtins.staticmethod" in kinds:
        return Callable(function.node, function)
    if "builtins.classmethod" in kinds:
        return Callable(function.node, function, receiver.cls if isinstance(receiver, Object) else receiver)
    plain = Callable(function.node, function, receiver if isinstance(receiver, Object) else None)
    return naming.wrapped(machine, function, plain)


def method_of(machine: Machine, owner: Object, name: str) -> Value:
    """The project's method `name` of an object; None where its classes have none."""
    function = machine.hierarchy.method(owner.cls, name)
    return bound(machine, function, owner) if function is not None else None


def setter_of(machine: Machine, owner: Object, name: str) -> Value:
    """The setter of a property; None where the name is no property."""
    for base in machine.hierarchy.order(owner.cls):
        for function in base.scope.functions if isinstance(base, Class) else ():
            if function.name == name:
                for decorator in function.node.decorator_list:
                    if isinstance(decorator, ast.Attribute) and decorator.attr == "setter":
                        return Callable(function.node, function, owner)
    return None


def object_truth(machine: Machine, owner: Object) -> bool:
    """Whether an object of the project counts as true."""
    for name in ("__bool__", "__len__"):
        found = method_of(machine, owner, name)
        if found is not None:
            return machine.truth(machine.call(found, []))
    return True


def item(machine: Machine, owner: Value, key: Value) -> Value:
    """What `owner[key]` gives."""
    from chatkit_validate.integration.rehearsal.binding import hashable

    match owner:
        case dict():
            place = hashable(key)
            if place not in owner:
                if isinstance(owner, Default):
                    owner[place] = machine.call(owner.factory, [])
                    return owner[place]
                raise thrown("KeyError", key)
            return owner[place]
        case list() | tuple() | str() | bytes():
            if isinstance(key, Unknown | Text):
                return Unknown("an item", owner_of(key), (owner, key))
            try:
                found = owner[key]
            except (IndexError, TypeError, ValueError) as error:
                raise thrown(type(error).__name__) from None
            return found
        case Row():
            return owner.get(str(key))
        case Record():
            return owner.at(key)
        case Result():
            return item(machine, list(owner.records), key)
        case Class() | Library() | Callable():
            return owner
        case Unknown():
            machine.asked = machine.asked or bool(owner.owner)
            if isinstance(key, str):
                return of_unknown(owner, key)
            return Unknown(f"{owner.label}[]", owner.owner or owner_of(key), (owner, key))
        case Made(fields=fields):
            if isinstance(key, str) and key in fields:
                return fields[key]
            return owner if isinstance(key, Library | Class) else Unknown("an item", "", (owner, key))
        case None:
            raise thrown("TypeError", "'NoneType' object is not subscriptable")
        case Object():
            found = method_of(machine, owner, "__getitem__")
            return machine.call(found, [key]) if found is not None else Unknown("an item", "", (owner, key))
        case _:
            return Unknown("an item", owner_of(owner, key), (owner, key))


def contains(machine: Machine, holder: Value, value: Value) -> bool:
    """Whether `value in holder`."""
    match holder:
        case dict() | set() | frozenset():
            from chatkit_validate.integration.rehearsal.binding import hashable

            return hashable(value) in holder
        case list() | tuple():
            from chatkit_validate.integration.rehearsal.operators import equal

            return any(equal(machine, item, value) for item in holder)
        case str() if isinstance(value, str):
            return value in holder
        case Record():
            return value in holder.names
        case Made(fields=fields):
            return value in fields
        case None:
            raise thrown("TypeError", "argument of type 'NoneType' is not iterable")
        case Object():
            found = method_of(machine, holder, "__contains__")
            if found is not None:
                return machine.truth(machine.call(found, [value]))
            return machine.choose("whether something is in an object")
        case Unknown(owner=owner) if owner:
            return True
        case _:
            return machine.choose(f"whether something is in {holder!r}"[:60])


def iterate(machine: Machine, value: Value) -> list[Value]:
    """The items of `value`."""
    match value:
        case list() | tuple() | set() | frozenset():
            return list(value)
        case dict():
            return list(value.keys())
        case str():
            return list(value)
        case bytes():
            return list(value)
        case Result():
            return list(value.records)
        case Record():
            return list(value.values)
        case None:
            raise thrown("TypeError", "'NoneType' object is not iterable")
        case int() | float():
            raise thrown("TypeError", "not iterable")
        case Object():
            for name in ("__aiter__", "__iter__"):
                found = method_of(machine, value, name)
                if found is not None:
                    given = machine.call(found, [])
                    return [] if given is value else iterate(machine, given)
            return []
        case Unknown():
            ran = _ran(machine, value)
            return _items_of(machine, value) if ran is None else list(ran.records)
        case Made(fields=fields):
            return [(key, held) for key, held in fields.items()]
        case _:
            return []


def mapping(_machine: Machine, value: Value) -> dict[Value, Value]:
    """`value` as the mapping that `**value` takes it for."""
    match value:
        case dict():
            return dict(value)
        case Record():
            return dict(zip(value.names, value.values, strict=False))
        case Made(fields=fields) | Object(fields=fields):
            return dict(fields)
        case Row():
            return value.all()
        case None:
            raise thrown("TypeError", "argument after ** must be a mapping")
        case _:
            return {}


def text(value: Value) -> Value:
    """`str(value)`."""
    match value:
        case str() | Text() | Unknown():
            return value
        case Result():
            return value.status
        case Made(name=name, fields={"args": (str() as told, *_)}):
            return told or name
        case _ if isinstance(value, _NATIVE):
            return str(value)
        case _:
            return repr(value)


def is_a(machine: Machine, value: Value, kind: Value) -> bool | None:
    """Whether `value` is of the class `kind`; None where that is not known."""
    if isinstance(kind, tuple | list):
        answers = [is_a(machine, value, item) for item in kind]
        return True if True in answers else None if None in answers else False
    match value, kind:
        case Object(cls=cls), Class():
            return kind in machine.hierarchy.order(cls)
        case Object(cls=cls), Library(name=name):
            return machine.hierarchy.is_a(cls, name)
        case Row(), Class():
            return value.table.name == machine.database.table_of(kind)
        case Made(name=own), Library(name=name):
            return _derives(own, name)
        case Made(name=own), Class():
            return False if own.startswith(("builtins.", "chatkit.")) else None
        case Unknown(owner=owner), _:
            return True if owner else None
        case (Text(), Library(name="builtins.str")):
            return True
        case _, Library(name=name):
            return _native(value, name)
        case _:
            return False


def _derives(own: str, name: str) -> bool | None:
    if own == name:
        return True
    known = ancestors(own)
    if known is not None:
        return name in known
    if own.startswith("chatkit.types."):
        return name in {"pydantic.BaseModel", "builtins.object"}
    return name in {"builtins.Exception", "builtins.BaseException"}


def _native(value: Value, name: str) -> bool | None:
    import builtins

    if name == "datetime.datetime":
        return isinstance(value, datetime)
    if name == "uuid.UUID":
        return isinstance(value, UUID)
    if name.startswith(("typing.", "collections.")):
        kinds: dict[str, type | tuple[type, ...]] = {
            "Mapping": dict,
            "MutableMapping": dict,
            "Sequence": (list, tuple),
            "Iterable": (list, tuple, dict, set),
        }
        kind = kinds.get(name.rpartition(".")[2])
        return isinstance(value, kind) if kind is not None else None
    found = getattr(builtins, name.removeprefix("builtins."), None) if name.startswith("builtins.") else None
    if isinstance(found, type) and isinstance(value, _NATIVE):
        return isinstance(value, found)
    return False if isinstance(value, _NATIVE) else None
