"""CK111: an error is told, not turned into an empty success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import silence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

_GOOD = """    except NotFoundError:
        raise HTTPException(404, "No such thread or item") from None
"""
RULE = Rule(
    code="CK111",
    name="swallowed-error",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="After an exception the handler answers an error, and `respond()` sends an error event or lets the "
    "exception out.",
    why="A handler that logs and falls through answers `200 null`; a `respond()` that returns without an event ends "
    "the stream as if the turn were complete. The widget shows nothing, nobody retries, and no alert fires.",
    instead="Log and `raise`. The library turns what leaves `respond()` into an error event with a retry button.",
    acceptable="A failed side effect (a second copy, a decoration) that is logged while the answer itself arrives.",
    sources=("chatkit/server.py: _process_events",),
    shown=Shown(
        path="app/main.py",
        good=_GOOD,
        bad=_GOOD + '    except Exception:\n        logger.exception("The chat failed")\n        return None\n',
    ),
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what the handler and respond() do after an exception."""
    found = integration.once(silence.silences, endpoint)
    if not found:
        return Pass("No error ends as an empty success", endpoint.processing.where)
    first = found[0]
    notes = tuple(Note(where, told) for where, told in first.way)
    return Fail(first.message, first.where, "Log the exception and raise it again, or send an error event.", notes)
