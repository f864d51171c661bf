"""What a value is made from: every value that takes part in it, through calls, items, formatting and loops."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow.blocks import expressions, inside
from chatkit_validate.flow.value import (
    Foreign,
    Frame,
    FunctionValue,
    Generated,
    Instance,
    Opaque,
    Part,
    Structure,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow.origin import Flow

_STEPS = 4000


def influences(flow: Flow, expression: ast.expr, frame: Frame) -> Iterator[Value]:
    """Every value that takes part in `expression`: itself, operands, arguments, receivers, elements, yields.

    Control dependence does not count. After a bounded number of steps the walk ends; a caller that concludes from
    absence looks for `Opaque` among what it got and at `exhausted`.
    """
    return walk(flow, [(expression, frame)])


def of_values(flow: Flow, values: Iterable[Value]) -> Iterator[Value]:
    """As `influences`, starting from values."""
    return walk(flow, [], values)


def walk(flow: Flow, start: list[tuple[ast.expr, Frame]], values: Iterable[Value] = ()) -> Iterator[Value]:
    """As `influences`, starting from several expressions and values at once."""
    seen: set[Value] = set()
    read: set[tuple[ast.expr, Frame]] = set()
    pending = list(values)
    todo = list(start)
    steps = 0
    while (todo or pending) and steps < _STEPS:
        steps += 1
        if not pending:
            item = todo.pop()
            if item not in read:
                read.add(item)
                found = flow.values(*item)
                pending.extend(found)
                if any(isinstance(value, Opaque) for value in found):
                    # What an unknown callable gives is made from what it is given.
                    todo.extend((part, item[1]) for part in _given(item[0]))
            continue
        value = pending.pop()
        if value in seen:
            continue
        seen.add(value)
        yield value
        match value:
            case Structure(node=node, frame=frame):
                todo.extend((part, frame) for part in operands(node))
            case Foreign(node=node, frame=where, base=base):
                if base is not None:
                    pending.append(base)
                if isinstance(node, ast.Call) and where is not None and value.name.endswith("()"):
                    todo.extend((part, where) for part in passed(node))
                elif isinstance(node, ast.Subscript) and where is not None:
                    todo.append((node.slice, where))
            case Part(base=base, node=node, frame=frame):
                pending.append(base)
                if isinstance(node, ast.Call):
                    todo.extend((part, frame) for part in passed(node))
                elif isinstance(node, ast.Subscript):
                    # Which entry is taken is part of what the value is made from.
                    todo.append((node.slice, frame))
            case Instance(node=ast.Call() as node, frame=frame, made=True):
                todo.extend((part, frame) for part in passed(node))
            case Generated(frame=inner):
                todo.extend((part, inner) for part in _generated(inner))
            case FunctionValue(receiver=receiver) if receiver is not None:
                pending.append(receiver)
            case _:
                continue


def passed(node: ast.Call) -> list[ast.expr]:
    """The argument expressions of a call."""
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _given(node: ast.expr) -> list[ast.expr]:
    while isinstance(node, ast.Await | ast.Starred):
        node = node.value
    return passed(node) if isinstance(node, ast.Call) else []


def operands(node: ast.expr) -> list[ast.expr]:
    """The expressions directly inside `node` that its value is made from."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        heads = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [*heads, *(generator.iter for generator in node.generators)]
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _generated(frame: Frame) -> Iterator[ast.expr]:
    if frame.function is None:
        return
    for statement in inside(frame.function.node.body):
        if isinstance(statement, ast.For | ast.AsyncFor):
            yield statement.iter
        elif isinstance(statement, ast.Expr):
            for node in expressions(statement):
                if isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
                    yield node.value
