"""Giving names, attributes and items a value; patterns of `match`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal import access, operators
from chatkit_validate.integration.rehearsal.tables import Row
from chatkit_validate.integration.rehearsal.values import Made, Object, Unknown, Value, thrown

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.environment import Environment
    from chatkit_validate.integration.rehearsal.machine import Machine


def assign(machine: Machine, target: ast.expr, value: Value, environment: Environment) -> None:
    """`target = value`."""
    match target:
        case ast.Name(id=name):
            _name(machine, name, value, environment)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            _unpack(machine, elements, value, environment)
        case ast.Attribute(value=owner, attr=attr):
            set_attribute(machine, machine.evaluate(owner, environment), attr, value)
        case ast.Subscript(value=owner, slice=key):
            set_item(machine, machine.evaluate(owner, environment), machine.evaluate(key, environment), value)
        case ast.Starred(value=inner):
            assign(machine, inner, value, environment)
        case _:
            return


def _name(machine: Machine, name: str, value: Value, environment: Environment) -> None:
    function = environment.function
    if function is not None and name in function.scope.outer:
        holder = environment.parent.holder(name) if environment.parent else None
        if holder is not None:
            holder.names[name] = value
        else:
            machine.globals[environment.module, name] = value
    else:
        environment.names[name] = value


def _unpack(machine: Machine, elements: list[ast.expr], value: Value, environment: Environment) -> None:
    if isinstance(value, Unknown):
        for position, element in enumerate(elements):
            assign(machine, element, Unknown(f"{value.label}[{position}]", value.owner, (value,)), environment)
        return
    items = access.iterate(machine, value)
    starred = next((position for position, item in enumerate(elements) if isinstance(item, ast.Starred)), None)
    if starred is not None:
        after = len(elements) - starred - 1
        middle = items[starred : len(items) - after]
        items = [*items[:starred], list(middle), *items[len(items) - after :]]
    if len(items) != len(elements):
        raise thrown("ValueError", "not enough or too many values to unpack")
    for element, item in zip(elements, items, strict=True):
        assign(machine, element, item, environment)


def set_attribute(machine: Machine, owner: Value, name: str, value: Value) -> None:
    """`owner.name = value`."""
    match owner:
        case Object():
            setter = access.setter_of(machine, owner, name)
            if setter is not None:
                machine.call(setter, [value])
            else:
                owner.fields[name] = value
        case Made():
            owner.fields[name] = value
        case Row():
            owner.set(name, value)
        case None:
            raise thrown("AttributeError", name)
        case _:
            return


def set_item(machine: Machine, owner: Value, key: Value, value: Value) -> None:
    """`owner[key] = value`."""
    match owner:
        case dict():
            owner[hashable(key)] = value
        case list():
            if isinstance(key, int | slice):
                try:
                    owner[key] = access.iterate(machine, value) if isinstance(key, slice) else value
                except (IndexError, ValueError) as error:
                    raise thrown(type(error).__name__) from None
        case None:
            raise thrown("TypeError", "'NoneType' object does not support item assignment")
        case Object():
            found = access.method_of(machine, owner, "__setitem__")
            if found is not None:
                machine.call(found, [key, value])
        case _:
            machine.outside(f"{owner!r}[]", (owner, key, value))


def hashable(key: Value) -> Value:
    """`key`, or its text where it cannot be a key."""
    try:
        hash(key)
    except TypeError:
        return repr(key)
    return key


def delete(machine: Machine, target: ast.expr, environment: Environment) -> None:
    """`del target`."""
    match target:
        case ast.Name(id=name):
            environment.names.pop(name, None)
        case ast.Subscript(value=owner, slice=key):
            held = machine.evaluate(owner, environment)
            place = machine.evaluate(key, environment)
            if isinstance(held, dict | list):
                try:
                    del held[place]
                except (KeyError, IndexError, TypeError) as error:
                    raise thrown(type(error).__name__, place) from None
            else:
                machine.outside("del", (held, place))
        case ast.Attribute(value=owner, attr=attr):
            held = machine.evaluate(owner, environment)
            if isinstance(held, Object | Made):
                held.fields.pop(attr, None)
        case _:
            return


def augment(machine: Machine, statement: ast.AugAssign, environment: Environment) -> None:
    """`target += value` and its like; lists grow in place."""
    target = statement.target
    load: ast.expr = ast.copy_location(
        ast.Name(target.id, ast.Load())
        if isinstance(target, ast.Name)
        else ast.Attribute(target.value, target.attr, ast.Load())
        if isinstance(target, ast.Attribute)
        else ast.Subscript(target.value, target.slice, ast.Load()),
        target,
    )
    before = machine.evaluate(load, environment)
    given = machine.evaluate(statement.value, environment)
    if isinstance(before, list) and isinstance(statement.op, ast.Add):
        before.extend(access.iterate(machine, given))
        return
    assign(machine, target, operators.binary(machine, statement.op, before, given), environment)


def matches(machine: Machine, pattern: ast.pattern, subject: Value, environment: Environment) -> bool:
    """Whether `subject` fits `pattern`; binds what the pattern captures."""
    match pattern:
        case ast.MatchValue(value=value):
            return machine.truth(operators.compare(machine, ast.Eq(), subject, machine.evaluate(value, environment)))
        case ast.MatchSingleton(value=value):
            return subject is value
        case ast.MatchOr(patterns=patterns):
            return any(matches(machine, item, subject, environment) for item in patterns)
        case ast.MatchAs(pattern=inner, name=name):
            fits = inner is None or matches(machine, inner, subject, environment)
            if fits and name:
                environment.names[name] = subject
            return fits
        case ast.MatchClass(cls=cls, kwd_attrs=names, kwd_patterns=patterns):
            kind = machine.evaluate(cls, environment)
            known = machine.is_a(subject, kind)
            if known is None:
                known = machine.choose(f"whether it is {kind!r}")
            return known and all(
                matches(machine, item, machine.attribute(subject, name), environment)
                for name, item in zip(names, patterns, strict=True)
            )
        case _:
            return machine.choose("a pattern")
