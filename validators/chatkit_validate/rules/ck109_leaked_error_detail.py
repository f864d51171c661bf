"""CK109: what went wrong inside stays inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import leak
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

_GOOD = """    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
"""
RULE = Rule(
    code="CK109",
    name="leaked-error-detail",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="The text of an error that nobody expected is logged, not sent: neither in the answer of a broad `except` or "
    "an app-level handler, nor in an event or message of `respond()`.",
    why="An unexpected exception's text holds what broke: SQL, file names, host names, the caller's whole input, "
    "sometimes a key. The client can do nothing with it; an attacker can.",
    instead='`logger.exception(...)` and a fixed sentence: `raise HTTPException(500, "The chat failed")`.',
    acceptable="A narrow `except` that answers its own message is fine.",
    sources=("OWASP API8:2023 Security Misconfiguration", "chatkit/errors.py: CustomStreamError"),
    shown=Shown(
        path="app/main.py",
        good=_GOOD,
        bad=_GOOD + '    except Exception as error:\n        raise HTTPException(500, f"Error: {error}") from error\n',
    ),
)
_WAY_OUT = "Log the exception with `logger.exception(...)` and send a fixed sentence."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges every place that answers an error nobody expected."""
    leaks = integration.once(leak.leaks, endpoint)
    if not leaks:
        return Pass("The text of unexpected errors is not sent", endpoint.processing.where)
    first = leaks[0]
    what = "A whole traceback" if first.trace else "The text of any exception"
    how = "in an event of the stream" if first.streamed else "to the client"
    others = tuple(Note(item.where, "and here") for item in leaks[1:])
    return Fail(f"{what} is sent {how}", first.where, _WAY_OUT, (Note(first.caught, "caught here"), *others))
