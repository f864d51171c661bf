"""CK104: the stream is announced as text/event-stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as judge
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import each_stream
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
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
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the content type of every response that streams."""
    return each_stream(integration, endpoint, _judge)


def _judge(reply: response.Reply) -> Decision:
    return judge(reply.media_type, found=_found, absent=_absent)


def _found(media_type: Found[str]) -> Decision:
    plain = media_type.value.partition(";")[0].strip().lower()
    if plain == "text/event-stream":
        return Pass("The stream is announced as `text/event-stream`", media_type.where)
    return Fail(
        f"The stream is announced as `{media_type.value}`", media_type.where, 'Write `media_type="text/event-stream"`.'
    )


def _absent(media_type: Absent) -> Decision:
    return Fail(
        "The streaming response has no content type", media_type.where, 'Pass `media_type="text/event-stream"`.'
    )
