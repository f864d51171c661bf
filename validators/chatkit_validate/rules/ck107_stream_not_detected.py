"""CK107: results that stream are told from those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import detection, response
from chatkit_validate.integration.detection import Tells
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK107",
    name="stream-not-detected",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="The handler streams a `StreamingResult` and answers a `NonStreamingResult` at once, and tells them apart by "
    "something they really differ in.",
    why="`process()` gives either, depending on the request. A test that holds for neither (`hasattr(result, "
    '"stream")`) sends every stream as JSON or every JSON answer as a stream: both fail in the client.',
    instead="Write `if isinstance(result, StreamingResult):`.",
    acceptable='`hasattr(result, "__aiter__")` is true for streams only and passes.',
    sources=("chatkit/server.py: StreamingResult, NonStreamingResult",),
    shown=Shown(
        path="app/main.py",
        good="if isinstance(result, StreamingResult):",
        bad='if hasattr(result, "stream"):',
    ),
)
_WAY_OUT = "Write `if isinstance(result, StreamingResult):`."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the test that leads to the streaming response."""
    tests = detection.streaming_tests(integration, endpoint)
    if tests is None:
        return _without(endpoint, integration)
    right = next((test for test in tests if test.tells is not Tells.NEITHER), None)
    if right is not None:
        return Pass("Results that stream are told from those that do not", right.where)
    stream = integration.once(response.streams, endpoint)[0]
    if tests:
        return Fail("This test holds for no result of the library", tests[0].where, _WAY_OUT)
    return Fail("Every result is answered as a stream, JSON answers too", stream.where, _WAY_OUT)


def _without(endpoint: Endpoint, integration: Integration) -> Decision:
    replies = [reply for reply in integration.once(response.replies, endpoint) if reply.carries]
    if not replies:
        return Unknown("What the handler answers cannot be followed to a response", endpoint.where)
    return Fail("No response streams: a `StreamingResult` is not answered as one", replies[0].where, _WAY_OUT)
