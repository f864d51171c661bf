"""CK110: an unknown thread or item is answered with 404."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import lookup, serving
from chatkit_validate.rules.edit import Fix, Shown
from chatkit_validate.rules.outcome import every_answer
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.flow.exceptions import Thrown
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.integration.errors import Answer

RULE = Rule(
    code="CK110",
    name="not-found-not-404",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="A request that names an unknown thread or item answers 404.",
    why="`process()` lets the store's `NotFoundError` out, and what does not map it answers 500, which clients retry. "
    "A store that makes a thread up for an unknown id answers 200 to everything, other people's ids included.",
    instead="Let the store raise `chatkit.store.NotFoundError`, and catch it around `process()`: "
    '`raise HTTPException(404, "No such thread or item")`.',
    acceptable="A handler for `NotFoundError` registered on the application counts.",
    sources=("chatkit/store.py: NotFoundError", "RFC 9110, section 15.5.5"),
    shown=Shown(path="app/main.py", good="except NotFoundError:", bad="except KeyError:"),
    fix="safe or unsafe: catches `NotFoundError` around `process()` and answers 404. Unsafe where another `except` "
    "caught it that does more than log and answer. A store that raises none is not mended.",
)
_WAY_OUT = 'Catch `chatkit.store.NotFoundError` around `process()` and `raise HTTPException(404, "No such thread")`.'
_STORE = "Raise `chatkit.store.NotFoundError` for an id that is not there, or not the caller's."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what an unknown id ends in: first the handler's mapping, then what the store raises."""
    mapped = every_answer(
        integration,
        endpoint,
        serving.thrown(integration, endpoint, "chatkit.store.NotFoundError"),
        lambda status: status == 404,
        cause="An unknown thread or item",
        way_out=_WAY_OUT,
        mend=partial(_fix, endpoint),
    )
    if not isinstance(mapped, Pass):
        return mapped
    for method in lookup.lookups(integration, endpoint):
        if not method.raises_not_found:
            return Fail(
                f"{method.name} raises no `NotFoundError` for an unknown id",
                method.where,
                _STORE,
                (Note(mapped.where, "the handler would answer 404"),),
            )
    return mapped


def _fix(endpoint: Endpoint, thrown: Thrown, now: Answer) -> Fix | None:
    from chatkit_validate.rules.catching import refusing

    return refusing(endpoint, thrown, now, (404, "No such thread or item"), safe=True)
