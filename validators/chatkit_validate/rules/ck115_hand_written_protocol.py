"""CK115: the library speaks the protocol, not the endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import framing
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

_GOOD = """        return StreamingResponse(
            result,
"""
_BAD = """        return StreamingResponse(
            (f"event: message\\ndata: {event.decode()}\\n\\n" async for event in result),
"""
RULE = Rule(
    code="CK115",
    name="hand-written-protocol",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="The endpoint passes the request to `process()` and what it gives to the client, and neither reads a request "
    "shape nor writes server-sent events of its own.",
    why="ChatKit's requests are JSON objects told apart by `type`, its stream has `data:` lines only. JSON-RPC, "
    "`{message, thread_id}`, `event:` lines, `[DONE]` or `text_delta` are other protocols: the widget rejects them.",
    instead="Give `await request.body()` to `process()` and the `StreamingResult` to `StreamingResponse` as it is.",
    acceptable="An `error` event that a wrapper adds when the stream breaks.",
    sources=("chatkit/types.py: ChatKitReq", "chatkit/server.py: StreamingResult"),
    shown=Shown(path="app/main.py", good=_GOOD, bad=_BAD),
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what is streamed around the library's own events."""
    written = integration.once(framing.framings, endpoint)
    if written:
        return Fail(
            "The stream is written by hand here, around what the library already frames",
            written[0],
            "Pass the `StreamingResult` to `StreamingResponse` as it is.",
            tuple(Note(place, "and here") for place in written[1:]),
        )
    return Pass("Requests and events are the library's own", endpoint.processing.where)
