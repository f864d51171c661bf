"""Database sessions that live as long as a request, and whether they are still in use while the answer streams."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Instance, Opaque, Structure
from chatkit_validate.flow.calls import is_generator
from chatkit_validate.flow.influence import passed
from chatkit_validate.flow.variables import injected
from chatkit_validate.names import arguments
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_SESSIONS = (
    "Session()",
    "AsyncSession()",
    "sessionmaker()()",
    "async_sessionmaker()()",
    "Connection()",
    "scoped_session()()",
)
_DEEP = 6
_MANY = 400


@dataclass(frozen=True, slots=True)
class RequestSession:
    """A session that a dependency opens, yields and closes.

    Attributes:
        where: The parameter that asks for it.
        opened: Where the dependency opens it.
        used: Where it goes into the context or the server that stream; None where only dependencies use it.
        closed: Where it is closed before the answer streams, and after all that asked for it; None where it is not.
    """

    where: Place
    opened: Place
    used: Place | None
    closed: Place | None = None


def sessions(integration: Integration, endpoint: Endpoint) -> tuple[RequestSession, ...]:
    """The request's sessions of one endpoint, those used while streaming first."""
    flow = integration.flow
    found: dict[Place, RequestSession] = {}
    streaming = tuple(_streaming(flow, endpoint))
    asked = [
        (parameter, frame, depth, opened, value)
        for parameter, frame, depth in _parameters(flow, endpoint.frame, 0)
        for opened, value in _yielded(flow, parameter, frame)
    ]
    for parameter, frame, depth, opened, value in asked:
        used = next((place for held, place in streaming if held == value or _same(held, value)), None)
        where = frame.place(parameter)
        if used is not None or depth or _is_session(value):
            sharing = [(other, inner) for other, inner, _, place, _ in asked if place == opened]
            closed = None if used is not None else _closed(flow, sharing)
            found.setdefault(where, RequestSession(where, opened, used, closed))
    return tuple(sorted(found.values(), key=lambda one: (one.used is None, one.where)))


def _closed(flow: Flow, sharing: list[tuple[ast.arg, Frame]]) -> Place | None:
    """Where one of the functions that share a session closes it, once all others have had it.

    FastAPI calls a dependency once a request, so they hold the same object; and a function's own dependencies
    have run before it. One that is called elsewhere may run afterwards, and open the session anew.
    """
    for parameter, frame in sharing:
        body = frame.function.node.body if frame.function and not isinstance(frame.function.node, ast.Lambda) else ()
        place = _closing(body, parameter.arg, frame)
        before = {id(one.function) for _, one, _ in _parameters(flow, frame, 0)}
        if place is not None and all(id(one.function) in before for _, one in sharing):
            return place
    return None


def _closing(statements: Iterable[ast.stmt], name: str, frame: Frame) -> Place | None:
    """The statement that closes what `name` holds, if every way through `statements` that returns goes past it."""
    for statement in statements:
        match statement:
            case (
                ast.Expr(value=ast.Await(value=ast.Call(func=ast.Attribute(value=closed, attr="close" | "aclose"))))
                | ast.Expr(value=ast.Call(func=ast.Attribute(value=closed, attr="close")))
                | ast.With(items=[ast.withitem(context_expr=closed)])
                | ast.AsyncWith(items=[ast.withitem(context_expr=closed)])
            ) if unparse(closed) == name:
                return frame.place(statement)
            case ast.Try(body=body, finalbody=final):
                place = _closing(final, name, frame) or _closing(body, name, frame)
                if place is not None:
                    return place
        if any(isinstance(node, ast.Return) for node in ast.walk(statement)):
            break
    return None


def _same(held: Value, value: Value) -> bool:
    node = getattr(value, "node", None)
    return node is not None and getattr(held, "node", None) is node and type(held) is type(value)


def _streaming(flow: Flow, endpoint: Endpoint) -> Iterator[tuple[Value, Place]]:
    """What the context and the server of `process()` hold, with the expression that takes it in.

    What was only used to compute something (a user that was looked up with the session) is not held.
    """
    for processing in endpoint.processings:
        for expression in (processing.context, processing.receiver):
            if expression is not None:
                place = processing.frame.place(expression)
                yield from ((value, place) for value in _held(flow, expression, processing.frame))


def _held(flow: Flow, expression: ast.expr, frame: Frame) -> Iterator[Value]:
    """The value of `expression`, and what displays and constructors in it were given."""
    todo = [(expression, frame)]
    seen: set[Value] = set()
    while todo and len(seen) < _MANY:
        for value in flow.values(*todo.pop()):
            if value in seen:
                continue
            seen.add(value)
            yield value
            match value:
                case Structure(node=ast.Dict(values=values), frame=where):
                    todo.extend((one, where) for one in values)
                case Structure(node=ast.List(elts=values) | ast.Tuple(elts=values), frame=where):
                    todo.extend((one, where) for one in values)
                case Instance(node=ast.Call() as call, frame=where, made=True):
                    todo.extend((one, where) for one in passed(call))
                case Foreign(name=name, node=ast.Call() as call, frame=where) if where is not None:
                    constructor = name.removesuffix("()").rpartition(".")[2]
                    if (constructor[:1].isupper() or constructor == "dict") and not name.endswith(_SESSIONS):
                        todo.extend((one, where) for one in passed(call))
                case _:
                    continue


def _parameters(flow: Flow, frame: Frame, depth: int) -> Iterator[tuple[ast.arg, Frame, int]]:
    """The handler's parameters and those of its dependencies."""
    function = frame.function
    if function is None or depth > _DEEP:
        return
    for parameter in arguments(function.node):
        callables = injected(flow, parameter, frame)
        if callables is None:
            continue
        yield parameter, frame, depth
        for callee in callables:
            inner = _frame_of(flow, callee)
            if inner is not None:
                yield from _parameters(flow, inner, depth + 1)


def _frame_of(flow: Flow, callee: Value) -> Frame | None:
    from chatkit_validate.flow import FunctionValue

    return flow.enter(callee, None, None) if isinstance(callee, FunctionValue) else None


def _yielded(flow: Flow, parameter: ast.arg, frame: Frame) -> Iterator[tuple[Place, Value]]:
    """The sessions that the parameter's own dependency yields."""
    from chatkit_validate.flow import FunctionValue
    from chatkit_validate.flow.calls import yields

    for callee in injected(flow, parameter, frame) or ():
        if not isinstance(callee, FunctionValue) or not is_generator(callee.function):
            continue
        inner = flow.enter(callee, None, None)
        for value in yields(flow, inner):
            if _is_session(value) or _is_session_text(inner, value):
                yield inner.place(callee.function.node), value


def _is_session(value: Value) -> bool:
    return isinstance(value, Foreign) and value.name.endswith(_SESSIONS)


def _is_session_text(frame: Frame, value: Value) -> bool:
    """A session of a factory that cannot be followed, from a dependency that says so in its name."""
    name = frame.function.name.lower() if frame.function else ""
    return isinstance(value, Opaque | Foreign) and any(
        word in name for word in ("session", "get_db", "database", "conn")
    )
