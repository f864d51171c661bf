"""CK103: a request that is no ChatKit request is the caller's mistake, and is answered as such."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import body, serving
from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.outcome import every_answer
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Level, Validator

if TYPE_CHECKING:
    from chatkit_validate.flow.exceptions import Thrown
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.integration.errors import Answer

RULE = Rule(
    code="CK103",
    name="invalid-request-not-4xx",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="Malformed JSON, and well-formed JSON that is no ChatKit request, answer 400 or 422.",
    why="`process()` validates the body with pydantic and lets the `ValidationError` out; what does not map it answers "
    "500. Clients and proxies retry a 500, monitoring counts it as an outage, and the caller does not learn that "
    "the request was wrong.",
    instead='Catch `pydantic.ValidationError` around `process()`: `raise HTTPException(422, "Not a ChatKit request")`.',
    acceptable="A handler for pydantic's `ValidationError` registered on the application counts. One for FastAPI's "
    "`RequestValidationError` does not: that is another class.",
    sources=("chatkit/server.py: ChatKitServer.process", "RFC 9110, sections 15.5.1 and 15.5.21"),
    shown=Shown(path="app/main.py", good="except ValidationError:", bad="except TypeError:"),
    fix="unsafe: catches pydantic's `ValidationError` around `process()` and answers 422, and malformed JSON 400. A "
    "`ValidationError` of the store's own rows, or of other code in the same `try`, is then answered so too.",
)
_WAY_OUT = (
    'Catch pydantic\'s `ValidationError` around `process()` and `raise HTTPException(422, "Not a ChatKit request")`.'
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what the two kinds of wrong request end in."""
    decisions = [
        every_answer(
            integration,
            endpoint,
            body.refusals(integration, endpoint) or serving.thrown(integration, endpoint, "pydantic.ValidationError"),
            _is_client_error,
            cause="A request that is no ChatKit request",
            way_out=_WAY_OUT,
            mend=partial(_fix, endpoint, answer=(422, "Not a ChatKit request")),
        )
    ]
    parsed = body.parsings(integration, endpoint)
    if parsed:
        decisions.append(
            every_answer(
                integration,
                endpoint,
                parsed,
                _is_client_error,
                cause="Malformed JSON",
                way_out=_MALFORMED,
                mend=partial(_fix, endpoint, answer=(400, "The body is not JSON")),
            )
        )
    return gravest(decisions)


_MALFORMED = "Catch `json.JSONDecodeError` where the body is parsed and answer 400, or leave parsing to `process()`."


def _fix(endpoint: Endpoint, thrown: Thrown, now: Answer, answer: tuple[int, str]) -> Fix | None:
    from chatkit_validate.rules.catching import refusing

    return refusing(endpoint, thrown, now, answer, safe=False)


def _is_client_error(status: int) -> bool:
    return 400 <= status < 500
