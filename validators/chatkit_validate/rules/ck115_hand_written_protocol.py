"""CK115: the library speaks the protocol, not the endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import Endpoint, framing
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.widget.plain_route import PlainRoute

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
    subject="route",
    what="The endpoint passes the request to `process()` and what it gives to the client, and neither reads a request "
    "shape nor writes server-sent events of its own. A route that the widget's URL names and that does without the "
    "library is judged too.",
    why="ChatKit's requests are JSON objects told apart by `type`, its stream has `data:` lines only. JSON-RPC, "
    "`{message, thread_id}`, `event:` lines, `[DONE]` or `text_delta` are other protocols: the widget rejects them.",
    instead="Give `await request.body()` to `process()` and the `StreamingResult` to `StreamingResponse` as it is. An "
    "app without the library gets a ChatKitServer and one new POST route; the older one stays for its own clients.",
    acceptable="An `error` event that a wrapper adds when the stream breaks. A service that cannot install the library "
    "and speaks the protocol by hand, in full, says so above its route; the probe then tells whether it does.",
    sources=("chatkit/types.py: ChatKitReq", "chatkit/server.py: StreamingResult"),
    shown=Shown(path="app/main.py", good=_GOOD, bad=_BAD),
)


def decide(route: Endpoint | PlainRoute, integration: Integration) -> Decision:
    """Judges what is streamed around the library's own events, or what a widget is answered without them."""
    if not isinstance(route, Endpoint):
        return _without_library(route)
    written = integration.once(framing.framings, route)
    if written:
        return Fail(
            "The stream is written by hand here, around what the library already frames",
            written[0],
            "Pass the `StreamingResult` to `StreamingResponse` as it is.",
            tuple(Note(place, "and here") for place in written[1:]),
        )
    return Pass("Requests and events are the library's own", route.processing.where)


def _without_library(route: PlainRoute) -> Decision:
    registration = route.route.registration
    where = registration.frame.place(registration.call)
    if route.speaks:
        return Fail(
            f"{route.name} speaks ChatKit's protocol by hand, and the widget is answered by it",
            where,
            "Hand the request to `process()` of a ChatKitServer.",
        )
    if route.shape:
        return Fail(
            f"The widget posts ChatKit's requests to {route.name}, which demands a {route.shape} of its own",
            where,
            "Add a POST route that hands the raw body to `process()` of a ChatKitServer, and point the widget there.",
        )
    return Unknown(f"The widget posts to {route.name}; whether that answers ChatKit's requests cannot be told", where)
