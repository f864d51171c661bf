"""What a caller gets when something goes wrong: status, and where it is decided."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance
from chatkit_validate.flow.attributes import constructor_frame
from chatkit_validate.flow.calls import returns
from chatkit_validate.flow.exceptions import End, Fate, Thrown, derives, fates
from chatkit_validate.flow.reachable import own_calls
from chatkit_validate.integration import dependencies, handlers
from chatkit_validate.integration.application import argument
from chatkit_validate.names import Class
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

HTTP = "starlette.exceptions.HTTPException"
_STATUS = r"starlette\.status\.HTTP_(\d{3})_"
_ENUM = r"http\.HTTPStatus\.([A-Z_]+)(?:\.value)?"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets for an exception.

    Attributes:
        status: The HTTP status; None where it cannot be read, or where the handler goes on.
        fate: How the exception ended.
        where: The place that decides: the `except` clause's raise or return, else what let the exception out.
        details: The expressions that make the answer's text, each with its frame.
        swallowed: Whether the handler goes on as if nothing had happened.
    """

    status: int | None
    fate: Fate
    where: Place
    details: tuple[tuple[ast.expr, Frame], ...] = ()
    swallowed: bool = False


def answers(integration: Integration, endpoint: Endpoint, thrown: Thrown) -> tuple[Answer, ...]:
    """Everything the caller of `endpoint` can get when `thrown` is raised."""
    return tuple(_answer(integration, endpoint, fate) for fate in fates(integration.flow, thrown))


def _answer(integration: Integration, endpoint: Endpoint, fate: Fate) -> Answer:
    flow = integration.flow
    if fate.end is End.CONTINUES:
        return Answer(None, fate, fate.where, swallowed=True)
    if fate.end is End.ANSWERS:
        return _returned(flow, fate, endpoint)
    origin = fate.thrown.origin
    http = origin.type if isinstance(origin.type, str) else ""
    if derives(flow, origin.type, HTTP) or http == HTTP:
        status, details = http_status(flow, origin)
        return Answer(status, fate, fate.thrown.where, details)
    if endpoint.application is not None:
        handler = handlers.answering(integration, endpoint.application, origin.type)
        if handler is not None:
            return _handled(flow, fate, handler)
    return Answer(500, fate, fate.thrown.where)


def _returned(flow: Flow, fate: Fate, endpoint: Endpoint) -> Answer:
    assert isinstance(fate.node, ast.Return)  # noqa: S101 - an answer is a return
    frame = fate.frame
    while frame.caller is not None and frame.call is not None:
        parents = flow.parents(frame.caller)
        above = parents.get(frame.call)
        above = parents.get(above) if isinstance(above, ast.Await) else above
        if not isinstance(above, ast.Return):
            return Answer(None, fate, fate.where, swallowed=True)
        frame = frame.caller
    if frame.function in {each.function for each in dependencies.frames(flow, endpoint.frame)}:
        # What a dependency returns is no answer: the handler goes on with it.
        return Answer(None, fate, fate.where, swallowed=True)
    if fate.node.value is None:
        return Answer(200, fate, fate.where, swallowed=True)
    statuses = [
        http_status(flow, fate.thrown)[0] if _passes_on(value, fate) else status_of(flow, value)
        for value in flow.values(fate.node.value, fate.frame)
    ]
    known = statuses[0] if statuses and all(item == statuses[0] for item in statuses) else None
    return Answer(known, fate, fate.where, ((fate.node.value, fate.frame),))


def _passes_on(value: Value, fate: Fate) -> bool:
    """`except HTTPException as error: return JSONResponse(..., status_code=error.status_code)`."""
    call = getattr(value, "node", None)
    status = argument(call, "status_code", 1) if isinstance(call, ast.Call) else None
    return (
        isinstance(status, ast.Attribute)
        and status.attr == "status_code"
        and isinstance(status.value, ast.Name)
        and any(status.value.id == handler.name for handler, frame in fate.caught[-1:] if frame is fate.frame)
    )


def status_of(flow: Flow, value: Value) -> int | None:
    """The status of a returned value: a response's `status_code`, 200 for anything FastAPI serialises."""
    if isinstance(value, Foreign) and isinstance(value.node, ast.Call) and value.frame is not None:
        if not value.name.endswith("Response()"):
            return 200
        return number(flow, argument(value.node, "status_code", 1), value.frame, 200)
    if isinstance(value, Instance) and isinstance(value.node, ast.Call):
        return number(flow, argument(value.node, "status_code", 1), value.frame, 200)
    return 200


def number(flow: Flow, expression: ast.expr | None, frame: Frame, absent: int | None) -> int | None:
    """The HTTP status an expression gives, `starlette.status` and `HTTPStatus` names included."""
    if expression is None:
        return absent
    found: set[int | None] = set()
    for value in flow.values(expression, frame):
        match value:
            case Constant(value=int() as literal):
                found.add(literal)
            case Foreign(name=name) if match := re.match(_STATUS, name):
                found.add(int(match[1]))
            case Foreign(name=name) if match := re.match(_ENUM, name):
                found.add(_named(match[1]))
            case _:
                found.add(None)
    return found.pop() if len(found) == 1 else None


def _named(name: str) -> int | None:
    from http import HTTPStatus

    return HTTPStatus[name].value if name in HTTPStatus.__members__ else None


def http_status(flow: Flow, thrown: Thrown) -> tuple[int | None, tuple[tuple[ast.expr, Frame], ...]]:
    """The status an HTTPException is made with, None where it cannot be read, and the expressions of its detail.

    Where it may be one of several, as a helper makes 400 or 422, the highest: what is worst for the caller.
    """
    expression = thrown.node.exc if isinstance(thrown.node, ast.Raise) else None
    statuses: list[int | None] = []
    details: list[tuple[ast.expr, Frame]] = []
    for value in flow.values(expression, thrown.frame) if expression is not None else ():
        for call, frame in _constructors(flow, value):
            status = argument(call, "status_code", 0)
            if status is None:
                continue
            statuses.append(number(flow, status, frame, None))
            if (detail := argument(call, "detail", 1)) is not None:
                details.append((detail, frame))
    known = [status for status in statuses if status is not None]
    return max(known) if known and len(known) == len(statuses) else None, tuple(details)


def _constructors(flow: Flow, value: Value) -> Iterator[tuple[ast.Call, Frame]]:
    match value:
        case Foreign(node=ast.Call() as call, frame=frame) if frame is not None:
            yield call, frame
        case Instance(cls=cls, node=ast.Call() as call, frame=frame):
            init = flow.hierarchy.method(cls, "__init__")
            inner = constructor_frame(flow, value, init) if init else None
            if inner is not None:
                for inside in own_calls(inner):
                    if isinstance(inside.func, ast.Attribute) and inside.func.attr == "__init__":
                        yield inside, inner
            else:
                yield call, frame
        case _:
            return


def _handled(flow: Flow, fate: Fate, handler: handlers.ExceptionHandler) -> Answer:
    frame = flow.enter(handler.runs, None, None)
    statuses: set[int | None] = set()
    details: list[tuple[ast.expr, Frame]] = []
    for expression in returns(handler.runs.function):
        if expression is not None:
            statuses.update(status_of(flow, value) for value in flow.values(expression, frame))
            details.append((expression, frame))
    status = statuses.pop() if len(statuses) == 1 else None
    return Answer(status, fate, handler.frame.place(handler.node), tuple(details))


def kind_name(thrown: Thrown) -> str:
    """The exception's class as people call it."""
    kind = thrown.type
    return kind.name if isinstance(kind, Class) else (kind or "an exception").rpartition(".")[2]
