"""CK106: the JSON answer is the library's bytes, sent as JSON once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import plain
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK106",
    name="wrong-json-response",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="A `NonStreamingResult` is answered as its own JSON bytes with the content type `application/json`.",
    why="`NonStreamingResult.json` is an attribute that holds bytes. `result.json()` raises `TypeError`; `JSONResponse("
    "result.json)` cannot serialise bytes; returning `result.json` sends a JSON string that holds JSON; returning "
    '`result` sends `{"json": ...}`. The widget cannot read any of them.',
    instead='Write `Response(content=result.json, media_type="application/json")`.',
    acceptable="Any response that sends the same JSON, such as `JSONResponse(json.loads(result.json))`.",
    sources=("chatkit/server.py: NonStreamingResult",),
    shown=Shown(
        path="app/main.py",
        good='return Response(content=result.json, media_type="application/json")',
        bad="return result.json",
    ),
)
_WAY_OUT = 'Write `Response(content=result.json, media_type="application/json")`.'


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the response that carries a result that does not stream."""
    answer = integration.once(plain.answer, endpoint)
    if answer is None:
        return NotApplicable("No answer is made from a result that does not stream", endpoint.where)
    match answer.form:
        case plain.Form.BYTES:
            return Pass("The result's JSON is sent as it is", answer.where)
        case plain.Form.UNKNOWN:
            return Unknown("What is sent for a result that does not stream cannot be followed", answer.where)
        case _:
            return Fail(plain.MEANING[answer.form], answer.where, _WAY_OUT)
