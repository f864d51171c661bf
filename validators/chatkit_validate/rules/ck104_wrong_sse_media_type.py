"""CK104: the stream is announced as text/event-stream."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.application import argument
from chatkit_validate.rules.decide import decide as judge
from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import each_stream
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration import Endpoint, Integration, response
    from chatkit_validate.integration.evidence import Absent, Found

RULE = Rule(
    code="CK104",
    name="wrong-sse-media-type",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="The response that carries a `StreamingResult` has the content type `text/event-stream`.",
    why="A `StreamingResponse` without `media_type` has no content type at all; with another one the widget does not "
    "read the body as server-sent events, and proxies buffer or compress it.",
    instead='Write `StreamingResponse(result, media_type="text/event-stream")`.',
    sources=("HTML standard, section 9.2: server-sent events", "chatkit/server.py: StreamingResult"),
    shown=Shown(path="app/main.py", good='media_type="text/event-stream",', bad='media_type="application/x-ndjson",'),
    fix="safe or unsafe: passes the media type to the call of the response. Unsafe where the call stands in a function "
    "that other routes may use, or takes its media type from elsewhere.",
)
_RIGHT = '"text/event-stream"'


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the content type of every response that streams."""
    return each_stream(integration, endpoint, partial(_judge, endpoint))


def _judge(endpoint: Endpoint, reply: response.Reply) -> Decision:
    fix = partial(_fix, endpoint, reply)
    return judge(reply.media_type, found=lambda held: _found(held, fix), absent=lambda gap: _absent(gap, fix))


def _found(media_type: Found[str], fix: Callable[[], Fix | None]) -> Decision:
    plain = media_type.value.partition(";")[0].strip().lower()
    if plain == "text/event-stream":
        return Pass("The stream is announced as `text/event-stream`", media_type.where)
    message = f"The stream is announced as `{media_type.value}`"
    return Fail(message, media_type.where, 'Write `media_type="text/event-stream"`.', fix=fix)


def _absent(media_type: Absent, fix: Callable[[], Fix | None]) -> Decision:
    message = "The streaming response has no content type"
    return Fail(message, media_type.where, 'Pass `media_type="text/event-stream"`.', fix=fix)


def _fix(endpoint: Endpoint, reply: response.Reply) -> Fix | None:
    from chatkit_validate.rules import editing

    if not reply.plain:
        return None
    module, own = reply.frame.module, reply.frame is endpoint.frame
    given = argument(reply.call, "media_type", 3)
    if given is not None:
        literal = isinstance(given, ast.Constant)
        return Fix(safe=own and literal, edits=(editing.replaced(module, given, _RIGHT),))
    edits = editing.with_argument(module, reply.call, f"media_type={_RIGHT}")
    return Fix(safe=own, edits=edits) if edits else None
