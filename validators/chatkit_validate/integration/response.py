"""What the handler answers: the streaming and the JSON response, their media types and headers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance
from chatkit_validate.flow.attributes import constructor_frame
from chatkit_validate.flow.blocks import inside
from chatkit_validate.flow.influence import influences
from chatkit_validate.flow.reachable import own_calls
from chatkit_validate.integration import headers
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.names import Class
    from chatkit_validate.source import Place

_STREAMING = frozenset(
    {
        "starlette.responses.StreamingResponse",
        "sse_starlette.EventSourceResponse",
        "sse_starlette.sse.EventSourceResponse",
        "fastapi.sse.EventSourceResponse",
    }
)
# Response classes, and the content type each announces when none is given.
_CLASSES: dict[str, str | None] = {
    "starlette.responses.Response": None,
    "starlette.responses.StreamingResponse": None,
    "starlette.responses.JSONResponse": "application/json",
    "starlette.responses.ORJSONResponse": "application/json",
    "starlette.responses.UJSONResponse": "application/json",
    "starlette.responses.PlainTextResponse": "text/plain",
    "starlette.responses.HTMLResponse": "text/html",
    "sse_starlette.EventSourceResponse": "text/event-stream",
    "sse_starlette.sse.EventSourceResponse": "text/event-stream",
    "fastapi.sse.EventSourceResponse": "text/event-stream",
}


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """A response object that the handler returns.

    Attributes:
        call: The call that makes it.
        frame: Where it is made.
        base: The library's response class it is or derives from.
        streaming: Whether that class streams.
        content: The expression it sends; None where none is passed.
        status: The expression of its status; None where it keeps the default, 200.
        carries: Whether it sends what `process()` gave.
        media_type: The content type it announces.
        headers: Its headers, names in lower case, a value None where it is not literal.
        returned: The `return` expression of the handler that gives it.
        plain: Whether the library's own constructor takes its arguments.
    """

    call: ast.Call
    frame: Frame
    base: str
    streaming: bool
    content: ast.expr | None
    status: ast.expr | None
    carries: bool
    media_type: Evidence[str]
    headers: Evidence[headers.Headers]
    returned: ast.expr
    plain: bool

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.frame.place(self.call)


@dataclass(frozen=True, slots=True, eq=False)
class Bare:
    """A returned value that is no response object: FastAPI serialises it to JSON.

    Attributes:
        value: The returned value.
        returned: The `return` expression of the handler.
        frame: Where it is returned.
        carries: Whether it is made from what `process()` gave.
    """

    value: Value
    returned: ast.expr
    frame: Frame
    carries: bool

    @property
    def where(self) -> Place:
        """Where it is returned."""
        return self.frame.place(self.returned)


def replies(integration: Integration, endpoint: Endpoint) -> tuple[Reply | Bare, ...]:
    """Everything the endpoint's handler can return, in source order; ask through `Integration.once`."""
    function = endpoint.handler.function
    found: list[Reply | Bare] = []
    results = result_nodes(endpoint)
    for statement in inside(function.node.body):
        if isinstance(statement, ast.Return) and statement.value is not None:
            found.extend(_returned(integration, endpoint, statement.value, results))
    return tuple(found)


def streams(integration: Integration, endpoint: Endpoint) -> tuple[Reply, ...]:
    """The streaming responses that send what `process()` gave."""
    found = integration.once(replies, endpoint)
    return tuple(reply for reply in found if isinstance(reply, Reply) and reply.streaming and reply.carries)


def reached(endpoint: Endpoint, reply: Reply | Bare) -> tuple[tuple[ast.AST, Frame], ...]:
    """The nodes that are run to give `reply`, from where it is made out to the handler's code, with their frames."""
    if not isinstance(reply, Reply):
        return ((reply.returned, endpoint.frame),)
    node: ast.AST | None = reply.call
    frame: Frame | None = reply.frame
    found: list[tuple[ast.AST, Frame]] = []
    while node is not None and frame is not None:
        found.append((node, frame))
        if frame is endpoint.frame:
            return tuple(found)
        node, frame = frame.call, frame.caller
    return (*found, (reply.returned, endpoint.frame))


def result_nodes(endpoint: Endpoint) -> frozenset[ast.AST]:
    """The nodes whose values are what `process()` gives the handler."""
    return frozenset(processing.call for processing in endpoint.processings)


def carries(flow: Flow, expression: ast.expr, frame: Frame, results: frozenset[ast.AST]) -> bool:
    """Whether `expression` is made from what `process()` gave."""
    return any(getattr(value, "node", None) in results for value in influences(flow, expression, frame))


def _returned(
    integration: Integration, endpoint: Endpoint, returned: ast.expr, results: frozenset[ast.AST]
) -> Iterator[Reply | Bare]:
    flow = integration.flow
    for value in flow.values(returned, endpoint.frame):
        if isinstance(value, Constant) and value.value is None and not isinstance(returned, ast.Constant):
            continue
        reply = _reply(integration, endpoint, value, returned, results)
        yield reply or Bare(value, returned, endpoint.frame, carries(flow, returned, endpoint.frame, results))


def _reply(
    integration: Integration, endpoint: Endpoint, value: Value, returned: ast.expr, results: frozenset[ast.AST]
) -> Reply | None:
    flow = integration.flow
    match value:
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if name.removesuffix("()") in _CLASSES and frame:
            base, cls = name.removesuffix("()"), None
        case Instance(cls=cls, node=ast.Call() as call, frame=frame, made=True):
            known = next((item for item in _CLASSES if flow.hierarchy.is_a(cls, item)), None)
            base = next((item for item in flow.hierarchy.outside(cls) if item in _CLASSES), known or "")
            if not base:
                return None
        case _:
            return None
    inits = [(call, frame)]
    if isinstance(value, Instance) and cls is not None:
        inits.extend(_super_calls(flow, value))
    content = next((found for call_, _ in inits if (found := argument(call_, "content", 0)) is not None), None)
    return Reply(
        call,
        frame,
        base,
        base in _STREAMING,
        content,
        next((found for call_, _ in inits if (found := argument(call_, "status_code", 1)) is not None), None),
        content is not None and any(carries(flow, content, where, results) for _, where in inits[:1]),
        _media_type(flow, inits, base, cls),
        _headers(integration, endpoint, inits, (frame, endpoint.frame)),
        returned,
        cls is None or flow.hierarchy.method(cls, "__init__") is None,
    )


def _super_calls(flow: Flow, value: Instance) -> Iterator[tuple[ast.Call, Frame]]:
    """`super().__init__(...)` in the constructor of the project's response class."""
    init = flow.hierarchy.method(value.cls, "__init__")
    inner = constructor_frame(flow, value, init) if init else None
    if inner is None:
        return
    for call in own_calls(inner):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            yield call, inner


def _media_type(flow: Flow, inits: list[tuple[ast.Call, Frame]], base: str, cls: Class | None) -> Evidence[str]:
    for call, frame in inits:
        given = argument(call, "media_type", 3)
        if given is None:
            continue
        literals = flow.constants(given, frame)
        if literals is None:
            return Unresolved("the media type is not a literal", frame.place(given))
        texts = [item for item in literals if isinstance(item, str)]
        if texts:
            odd = next((text for text in texts if not text.startswith("text/event-stream")), texts[0])
            return Found(odd, frame.place(given))
    for call, frame in inits:
        given = argument(call, "headers", 2)
        held = headers.literal(flow, given, frame) if given is not None else None
        if isinstance(held, Found) and (text := held.value.get("content-type")):
            return Found(text, held.where)
    call, frame = inits[0]
    declared = flow.hierarchy.attribute(cls, "media_type") if cls else None
    if declared is not None and declared[1][-1].value is not None:
        literals = flow.constants(declared[1][-1].value, flow.module_frame(declared[0].module))
        if literals and isinstance(literals[0], str):
            return Found(literals[0], declared[0].module.place(declared[1][-1].node))
    default = _CLASSES[base]
    where = frame.place(call)
    return Found(default, where) if default else Absent(where, (where,))


def _headers(
    integration: Integration, endpoint: Endpoint, inits: list[tuple[ast.Call, Frame]], frames: tuple[Frame, ...]
) -> Evidence[headers.Headers]:
    flow = integration.flow
    merged: headers.Headers = {}
    where = inits[0][1].place(inits[0][0])
    stated = False
    for call, frame in inits:
        given = argument(call, "headers", 2)
        if given is None:
            if any(keyword.arg is None for keyword in call.keywords):
                return Unresolved("arguments are passed as `**`, headers perhaps among them", frame.place(call))
            continue
        found = headers.literal(flow, given, frame)
        if isinstance(found, Unresolved):
            return found
        if isinstance(found, Found):
            merged.update(found.value)
            where, stated = found.where, True
    later = headers.set_later(flow, inits[0][0], frames)
    merged.update(later)
    if endpoint.application is not None:
        around = integration.once(headers.by_middleware, endpoint.application)
        if isinstance(around, Found):
            merged.update({name: text for name, text in around.value.items() if name not in merged})
    if merged or stated:
        return Found(merged, where)
    return Absent(where, (where,))
