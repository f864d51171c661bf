"""What expressions give."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal import access, binding, operators
from chatkit_validate.integration.rehearsal.values import Callable, Generated, Super, Unknown, Value
from chatkit_validate.names import arguments
from chatkit_validate.names.unparse import unparse

if TYPE_CHECKING:
    from collections.abc import Callable as Function

    from chatkit_validate.integration.rehearsal.environment import Environment
    from chatkit_validate.integration.rehearsal.machine import Machine

_MANY = 2000


def evaluate(machine: Machine, node: ast.expr, environment: Environment) -> Value:
    """What `node` gives in `environment`."""
    return _KINDS.get(type(node), _display)(machine, node, environment)


def _name(machine: Machine, node: Value, environment: Environment) -> Value:
    return machine.name(node.id, environment)


def _constant(_machine: Machine, node: Value, _environment: Environment) -> Value:
    return node.value


def _attribute(machine: Machine, node: Value, environment: Environment) -> Value:
    return access.attribute(machine, evaluate(machine, node.value, environment), node.attr)


def _awaited(machine: Machine, node: Value, environment: Environment) -> Value:
    return evaluate(machine, node.value, environment)


def _subscript(machine: Machine, node: Value, environment: Environment) -> Value:
    return access.item(machine, evaluate(machine, node.value, environment), evaluate(machine, node.slice, environment))


def _binary(machine: Machine, node: Value, environment: Environment) -> Value:
    left, right = evaluate(machine, node.left, environment), evaluate(machine, node.right, environment)
    return operators.binary(machine, node.op, left, right)


def _unary(machine: Machine, node: Value, environment: Environment) -> Value:
    return operators.unary(machine, node.op, evaluate(machine, node.operand, environment))


def _chosen(machine: Machine, node: Value, environment: Environment) -> Value:
    chosen = node.body if machine.truth(evaluate(machine, node.test, environment)) else node.orelse
    return evaluate(machine, chosen, environment)


def _joined(machine: Machine, node: Value, environment: Environment) -> Value:
    return operators.join(_formatted(machine, node.values, environment))


def _walrus(machine: Machine, node: Value, environment: Environment) -> Value:
    given = evaluate(machine, node.value, environment)
    binding.assign(machine, node.target, given, environment)
    return given


def _display(machine: Machine, node: ast.expr, environment: Environment) -> Value:
    match node:
        case ast.List(elts=elements):
            return _elements(machine, elements, environment)
        case ast.Tuple(elts=elements):
            return tuple(_elements(machine, elements, environment))
        case ast.Set(elts=elements):
            return {binding.hashable(item) for item in _elements(machine, elements, environment)}
        case ast.Dict():
            return _dict(machine, node, environment)
        case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
            return list(_comprehended(machine, generators, environment, lambda inner: machine.evaluate(elt, inner)))
        case ast.SetComp(elt=elt, generators=generators):
            found = _comprehended(machine, generators, environment, lambda inner: machine.evaluate(elt, inner))
            return {binding.hashable(item) for item in found}
        case ast.DictComp():
            pairs = _comprehended(machine, node.generators, environment, partial(_pair, machine, node))
            return dict(pairs)
        case ast.Lambda():
            return Callable(node, None, None, environment)
        case ast.Slice(lower=lower, upper=upper, step=step):
            ends = [machine.evaluate(end, environment) if end is not None else None for end in (lower, upper, step)]
            return slice(*ends)
        case ast.Starred(value=inner):
            return machine.evaluate(inner, environment)
        case ast.Yield(value=value):
            given = machine.evaluate(value, environment) if value is not None else None
            _yield(environment, [given])
            return None
        case ast.YieldFrom(value=value):
            _yield(environment, access.iterate(machine, machine.evaluate(value, environment)))
            return None
        case _:
            return Unknown(unparse(node))


def _pair(machine: Machine, node: ast.DictComp, inner: Environment) -> tuple[Value, Value]:
    return binding.hashable(machine.evaluate(node.key, inner)), machine.evaluate(node.value, inner)


def _yield(environment: Environment, items: list[Value]) -> None:
    current: Environment | None = environment
    while current is not None:
        if current.yielded is not None:
            current.yielded.extend(items)
            return
        current = current.parent


def _elements(machine: Machine, elements: list[ast.expr], environment: Environment) -> list[Value]:
    found: list[Value] = []
    for element in elements:
        value = machine.evaluate(element, environment)
        if isinstance(element, ast.Starred):
            found.extend(access.iterate(machine, value))
        else:
            found.append(value)
    return found


def _dict(machine: Machine, node: ast.Dict, environment: Environment) -> dict[Value, Value]:
    found: dict[Value, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        given = machine.evaluate(value, environment)
        if key is not None:
            found[binding.hashable(machine.evaluate(key, environment))] = given
        else:
            found.update(access.mapping(machine, given))
    return found


def _comprehended(
    machine: Machine,
    generators: list[ast.comprehension],
    environment: Environment,
    give: Function[[Environment], Value],
) -> Generated:
    found = Generated()
    inner = environment.inner()

    def walk(position: int) -> None:
        if position == len(generators):
            found.append(give(inner))
            return
        generator = generators[position]
        for item in access.iterate(machine, machine.evaluate(generator.iter, inner))[:_MANY]:
            machine.step(generator.iter, environment.module)
            binding.assign(machine, generator.target, item, inner)
            if all(machine.truth(machine.evaluate(test, inner)) for test in generator.ifs):
                walk(position + 1)

    walk(0)
    return found


def _formatted(machine: Machine, values: list[ast.expr], environment: Environment) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if isinstance(value, ast.FormattedValue):
            given = machine.evaluate(value.value, environment)
            spec = machine.evaluate(value.format_spec, environment) if value.format_spec is not None else ""
            found.append(operators.formatted(given, spec, shown=value.conversion == ord("r")))
        else:
            found.append(machine.evaluate(value, environment))
    return found


def _either(machine: Machine, node: ast.BoolOp, environment: Environment) -> Value:
    value: Value = None
    for part in node.values:
        value = machine.evaluate(part, environment)
        if part is node.values[-1]:
            break
        if machine.truth(value) is isinstance(node.op, ast.Or):
            break
    return value


def _compare(machine: Machine, node: ast.Compare, environment: Environment) -> Value:
    left = machine.evaluate(node.left, environment)
    answer: Value = True
    for op, right in zip(node.ops, node.comparators, strict=True):
        other = machine.evaluate(right, environment)
        answer = operators.compare(machine, op, left, other)
        if len(node.ops) > 1 and not machine.truth(answer):
            return False
        left = other
    return answer


def _call(machine: Machine, node: ast.Call, environment: Environment) -> Value:
    if isinstance(node.func, ast.Name) and not node.args:
        if node.func.id == "super":
            return _super(environment)
        if node.func.id in {"locals", "globals", "vars"}:
            return {}
    callee = machine.evaluate(node.func, environment)
    given = _elements(machine, node.args, environment)
    keywords: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, environment)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        else:
            keywords.update((str(key), item) for key, item in access.mapping(machine, value).items())
    machine.node, machine.module = node, environment.module
    return machine.call(callee, given, keywords)


def _super(environment: Environment) -> Value:
    current: Environment | None = environment
    while current is not None:
        function = current.function
        if function is not None and function.owner is not None:
            first = next(arguments(function.node), None)
            receiver = current.names.get(first.arg) if first is not None else None
            return Super(receiver, function.owner)
        current = current.parent
    return Unknown("super()")


_KINDS: dict[type, Function[[Machine, Value, Environment], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _awaited,
    ast.Subscript: _subscript,
    ast.Compare: _compare,
    ast.BoolOp: _either,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.IfExp: _chosen,
    ast.JoinedStr: _joined,
    ast.NamedExpr: _walrus,
}
