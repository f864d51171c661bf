"""CK108: an HTTPException keeps its status on the way out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import errors, refusal
from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.flow.exceptions import Thrown
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.integration.errors import Answer

_GOOD = """    try:
        await refuse_unknown_ids(server, body, caller)
        result = await server.process(body, caller)
    except ValidationError:
        raise HTTPException(422, "Not a ChatKit request") from None
    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
"""
_BAD = """    try:
        if len(body) > 1_000_000:
            raise HTTPException(413, "The request is too large")
        await refuse_unknown_ids(server, body, caller)
        result = await server.process(body, caller)
    except ValidationError:
        raise HTTPException(422, "Not a ChatKit request") from None
    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
    except Exception:
        logger.exception("The chat failed")
        raise HTTPException(500, "The chat failed") from None
"""
RULE = Rule(
    code="CK108",
    name="swallowed-http-exception",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="An `HTTPException` raised while the request is handled reaches the client with its own status.",
    why="`HTTPException` is an `Exception`: a broad `except` around the code that raises it turns a 401, 403 or 413 "
    "into a 500 (or a 200). That includes what the store and the attachment store raise inside `process()`.",
    instead="Write `except HTTPException: raise` before the broad `except`, or drop the broad one: FastAPI answers 500 "
    "for what nobody catches.",
    acceptable="A broad `except` that no `HTTPException` can reach is no fault.",
    sources=("starlette/exceptions.py: HTTPException",),
    shown=Shown(path="app/main.py", good=_GOOD, bad=_BAD),
    fix="safe or unsafe: writes `except HTTPException: raise` before the broad `except`. Unsafe where that one does "
    "more than log and answer: what it does besides is then left out for an `HTTPException`.",
)
_WAY_OUT = "Put `except HTTPException: raise` before this `except`."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Follows every HTTPException that can be raised on the way."""
    last = None
    for thrown in integration.once(refusal.raised, endpoint):
        last = thrown
        decision = _judge(endpoint, integration, thrown)
        if decision is not None:
            return decision
    if last is None:
        return Pass("No `HTTPException` is raised where an `except` could catch it", endpoint.processing.where)
    return Pass("Every `HTTPException` reaches the client as it was raised", last.where)


def _judge(endpoint: Endpoint, integration: Integration, thrown: Thrown) -> Decision | None:
    own = refusal.status(integration.flow, thrown)
    for answer in errors.answers(integration, endpoint, thrown):
        if not answer.fate.caught or (answer.status == own and not answer.swallowed):
            continue
        handler, frame = answer.fate.caught[0]
        told = "and the handler goes on" if answer.swallowed else f"and answers {answer.status or 'otherwise'}"
        return Fail(
            f"This `except` catches the `HTTPException({own or '...'})` {told}",
            frame.place(handler),
            _WAY_OUT,
            (Note(thrown.where, "raised here"), Note(answer.where, "answered here")),
            fix=partial(_fix, integration, answer),
        )
    return None


def _fix(integration: Integration, answer: Answer) -> Fix | None:
    from chatkit_validate.flow.exceptions import broad
    from chatkit_validate.rules.catching import only_answers, passing

    for handler, frame in answer.fate.caught:
        if broad(integration.flow, handler, frame):
            return passing(frame, handler, safe=only_answers(handler))
    return None
