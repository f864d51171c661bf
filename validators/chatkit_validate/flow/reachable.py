"""The call graph: every call that running a frame can make, with the frame it is made in."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.flow.blocks import expressions, own_nodes
from chatkit_validate.flow.value import ClassValue, Frame, FunctionValue, Generated, Instance, Value
from chatkit_validate.names import Binds
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow.origin import Flow
    from chatkit_validate.names import Function

_DEPTH = 8
_CALLS = 3000


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A call, where it is made, and what it may call.

    Attributes:
        node: The call.
        frame: The frame it is made in; `frame.caller` leads back to where the walk began.
        callees: What `node.func` can stand for.
    """

    node: ast.Call
    frame: Frame
    callees: tuple[Value, ...]


def own_calls(frame: Frame) -> list[ast.Call]:
    """The calls that the body of the frame's function makes itself, nested definitions left out."""
    if frame.function is not None:
        return list(_calls_of(frame.function))
    return [node for statement in frame.module.file.tree.body for node in _run(statement) if isinstance(node, ast.Call)]


@lru_cache(maxsize=16384)
def _calls_of(function: Function) -> tuple[ast.Call, ...]:
    return tuple(node for node in own_nodes(function) if isinstance(node, ast.Call))


def _run(statement: ast.stmt) -> list[ast.AST]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    return expressions(statement)


def calls(flow: Flow, start: Frame, *, depth: int = _DEPTH) -> Iterator[Called]:
    """Every call that running `start` can make, breadth first, project functions entered once each.

    A function is entered in the frame of the first call that reaches it, so arguments are those of that call.
    """
    seen = {start.function}
    queue = [start]
    budget = _CALLS
    for frame in queue:
        for node in own_calls(frame):
            budget -= 1
            if budget == 0:
                return
            callees = flow.values(node.func, frame)
            yield Called(node, frame, callees)
            if frame.depth - start.depth >= depth:
                continue
            for inner in (*entered(flow, callees, node, frame), *handed(flow, node, frame)):
                if inner.function not in seen:
                    seen.add(inner.function)
                    queue.append(inner)


def handed(flow: Flow, node: ast.Call, frame: Frame) -> Iterator[Frame]:
    """The frames of functions of this body that the call `node` is given to run: `await self._run(_load)`."""
    scope = frame.function.scope if frame.function else frame.module.scope
    for argument in node.args:
        bindings = scope.bindings.get(argument.id, ()) if isinstance(argument, ast.Name) else ()
        if any(binding.how is Binds.FUNCTION for binding in bindings):
            for value in flow.values(argument, frame):
                if isinstance(value, FunctionValue):
                    yield flow.hand(value, node, frame)


def entered(flow: Flow, callees: tuple[Value, ...], node: ast.Call, frame: Frame) -> Iterator[Frame]:
    """The frames of project functions that the call `node` runs (constructors included)."""
    for callee in callees:
        match callee:
            case FunctionValue():
                yield flow.enter(callee, node, frame)
            case ClassValue(cls=cls):
                method = flow.hierarchy.method(cls, "__init__")
                if method is not None:
                    yield flow.enter(FunctionValue(method, Instance(cls, node, frame)), node, frame)
            case Generated(frame=inner):
                yield inner
            case Instance(cls=cls):
                method = flow.hierarchy.method(cls, "__call__")
                if method is not None:
                    yield flow.enter(FunctionValue(method, callee), node, frame)
            case _:
                continue
