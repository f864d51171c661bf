"""Calls: of the project's functions and classes, of methods of values, of libraries."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow.calls import is_generator
from chatkit_validate.integration.rehearsal import access, documents, drivers, methods, models, selecting, standard
from chatkit_validate.integration.rehearsal.environment import Environment
from chatkit_validate.integration.rehearsal.relation import Clause
from chatkit_validate.integration.rehearsal.statements import ReturnSignal
from chatkit_validate.integration.rehearsal.values import (
    NATIVE,
    Attribute,
    Callable,
    Generated,
    Library,
    Made,
    Method,
    Object,
    Partial,
    Super,
    ThrownError,
    Unknown,
    Value,
    owner_of,
    parts,
    thrown,
)
from chatkit_validate.names import Class

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

_NOT_THERE = ("NotFound", "DoesNotExist", "NoResultFound", "KeyError", "ResourceNotFound", "NoSuchKey")
_ASKS = ("get", "read", "find", "load", "fetch", "query", "select", "scan", "retrieve", "lookup", "one", "item")


def call(machine: Machine, callee: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """What calling `callee` gives."""
    match callee:
        case Callable():
            return _function(machine, callee, arguments, keywords)
        case Class():
            return make(machine, callee, arguments, keywords)
        case Partial():
            return machine.call(callee.callee, [*callee.arguments, *arguments], {**callee.keywords, **keywords})
        case Library(name=name):
            return _library(machine, name, arguments, keywords)
        case Attribute(of=owner, name=name):
            if name in {"get", "pop"} and owner.owner and arguments and isinstance(arguments[0], str):
                return access.of_unknown(owner, arguments[0])
            return _method(machine, owner, name, arguments, keywords)
        case Method(owner=owner, name=name):
            return _method(machine, owner, name, arguments, keywords)
        case Object():
            found = access.method_of(machine, callee, "__call__")
            return machine.call(found, arguments, keywords) if found is not None else Unknown("a call")
        case None:
            raise thrown("TypeError", "'NoneType' object is not callable")
        case Clause():
            return callee
        case _:
            return outside(machine, _label(callee), (callee, *arguments, *keywords.values()))


def _label(callee: Value) -> str:
    return callee.label if isinstance(callee, Unknown) else repr(callee)[:40]


def _function(machine: Machine, callee: Callable, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    function = callee.function
    environment = Environment(
        function.module if function else callee.closure.module if callee.closure else _module(machine),
        function or (callee.closure.function if callee.closure else None),
        callee.closure,
    )
    _bind(machine, callee, arguments, keywords, environment)
    if isinstance(callee.node, ast.Lambda):
        return machine.evaluate(callee.node.body, environment)
    generating = function is not None and is_generator(function)
    if generating:
        environment.yielded = []
    given: Value = None
    try:
        machine.execute(callee.node.body, environment)
    except ReturnSignal as signal:
        given = signal.value
    return Generated(environment.yielded or []) if generating else given


def _module(machine: Machine) -> Value:
    return machine.module


def _bind(
    machine: Machine, callee: Callable, arguments: list[Value], keywords: dict[str, Value], environment: Environment
) -> None:
    spec = callee.node.args
    positional = [*spec.posonlyargs, *spec.args]
    given = list(arguments)
    function = callee.function
    if callee.receiver is not None and function is not None and function.owner is not None:
        given = [callee.receiver, *given]
    names = {item.arg for item in (*positional, *spec.kwonlyargs)}
    for parameter, value in zip(positional, given, strict=False):
        environment.names[parameter.arg] = value
    if spec.vararg is not None:
        environment.names[spec.vararg.arg] = tuple(given[len(positional) :])
    elif len(given) > len(positional):
        raise thrown("TypeError", "too many arguments")
    for name, value in keywords.items():
        if name in names:
            environment.names[name] = value
        elif spec.kwarg is None:
            raise thrown("TypeError", f"unexpected keyword argument {name!r}")
    if spec.kwarg is not None:
        environment.names[spec.kwarg.arg] = {name: value for name, value in keywords.items() if name not in names}
    defaults = dict(zip(positional[len(positional) - len(spec.defaults) :], spec.defaults, strict=True))
    defaults |= {item: value for item, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if value}
    outer = callee.closure or Environment(environment.module)
    for parameter in (*positional, *spec.kwonlyargs):
        if parameter.arg not in environment.names:
            if parameter not in defaults:
                raise thrown("TypeError", f"missing argument {parameter.arg!r}")
            environment.names[parameter.arg] = machine.evaluate(defaults[parameter], outer)


def make(machine: Machine, cls: Class, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """A new object of a class of the project."""
    database = machine.database
    if database.is_model(cls):
        return database.new_row(cls, keywords)
    made = Object(cls)
    init = machine.hierarchy.method(cls, "__init__")
    if init is not None:
        machine.call(Callable(init.node, init, made), arguments, keywords)
        return made
    if machine.hierarchy.is_a(cls, "builtins.BaseException") or _is_error(machine, cls):
        made.fields["args"] = tuple(arguments)
        return made
    models.fill(machine, made, arguments, keywords)
    return made


def _is_error(machine: Machine, cls: Class) -> bool:
    return any(name.endswith(("Error", "Exception")) for name in machine.hierarchy.outside(cls))


def _library(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    for model in (standard.call, models.call, selecting.call):
        known, value = model(machine, name, arguments, keywords)
        if known:
            return value
    return outside(machine, name, (*arguments, *keywords.values()))


def _method(machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    if isinstance(owner, Super | Class | Object):
        return models.inherited(machine, owner, name, arguments, keywords)
    for model in (methods.call, models.method, selecting.method, drivers.call, documents.call):
        known, value = model(machine, owner, name, arguments, keywords)
        if known:
            return value
    if isinstance(owner, NATIVE):
        raise thrown("AttributeError", name)
    label = f"{owner.label}.{name}" if isinstance(owner, Unknown) else f"{owner!r}.{name}"[:60]
    return outside(machine, label, (owner, *arguments, *keywords.values()))


def outside(machine: Machine, name: str, arguments: tuple[Value, ...]) -> Value:
    """What a call gives that leaves the project: something of the user whose request it was given a part of.

    The same call with the same arguments gives the same thing.
    """
    from chatkit_validate.integration.rehearsal.machine import Contact

    if not standard.is_silent(name):
        machine.contacts.append(Contact(name, arguments, machine.node, machine.module))
    owner = owner_of(*arguments)
    last = name.rpartition(".")[2].lower()
    sought = machine.absent and any(
        isinstance(part, str) and part in machine.absent for item in arguments for part in parts(item, 2)
    )
    if sought and any(word in last for word in _ASKS):
        return _not_there(machine, last)
    if name[:1].isupper() or last[:1].isupper() or name.rpartition(".")[2][:1].isupper():
        return Unknown(name, owner, arguments, truth=True)
    try:
        key = ("outside", name, arguments)
        if key not in machine.remembered:
            machine.remembered[key] = Unknown(f"{name}()", owner, arguments)
        return machine.remembered[key]
    except TypeError:
        return Unknown(f"{name}()", owner, arguments)


def _not_there(machine: Machine, last: str) -> Value:
    for names in reversed(machine.caught):
        for name in names:
            if any(word in name for word in _NOT_THERE):
                raise ThrownError(Made(name, {"args": ()}))
    return [] if any(word in last for word in ("all", "list", "query", "scan")) else None
