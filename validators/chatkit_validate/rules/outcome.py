"""Judging what callers get for an exception: every way it can end has to be one the rule accepts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.flow.exceptions import End
from chatkit_validate.integration import errors
from chatkit_validate.rules.verdict import Decision, Fail, Note, Pass, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatkit_validate.flow.exceptions import Thrown
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.rules.edit import Fix


def every_answer(  # noqa: PLR0913 - whose answer, to what, and what is said of it
    integration: Integration,
    endpoint: Endpoint,
    raised: Iterable[Thrown],
    accepts: Callable[[int], bool],
    *,
    cause: str,
    way_out: str,
    mend: Callable[[Thrown, errors.Answer], Fix | None] | None = None,
) -> Decision:
    """Passes where every exception of `raised` ends in a status that `accepts`.

    Args:
        integration: The integration.
        endpoint: The endpoint.
        raised: The exceptions to follow.
        accepts: Whether a status is right.
        cause: What the caller did, to begin a sentence with: `Malformed JSON`.
        way_out: What to do.
        mend: Makes the fix for an exception that ends wrongly.
    """
    passed: Pass | None = None
    for thrown in raised:
        for answer in errors.answers(integration, endpoint, thrown):
            fix = partial(mend, thrown, answer) if mend else None
            if answer.swallowed:
                message = f"{cause} is caught, and the handler goes on as if nothing had happened"
                return Fail(message, answer.where, way_out, (Note(thrown.where, "raised here"),), fix=fix)
            if answer.status is None:
                return Unknown(f"The status that {cause[0].lower()}{cause[1:]} ends in cannot be read", answer.where)
            if not accepts(answer.status):
                return Fail(_told(cause, answer), answer.where, way_out, _way(thrown, answer), fix=fix)
            passed = passed or Pass(f"{cause} answers {answer.status}", answer.where)
    return passed or Unknown(f"What becomes of {cause[0].lower()}{cause[1:]} cannot be followed", endpoint.where)


def _told(cause: str, answer: errors.Answer) -> str:
    kind = errors.kind_name(answer.fate.thrown.origin)
    if answer.fate.end is End.ESCAPES and answer.status == 500 and not answer.fate.caught:
        return f"{cause} answers 500: nothing catches the {kind}"
    return f"{cause} answers {answer.status}"


def _way(thrown: Thrown, answer: errors.Answer) -> tuple[Note, ...]:
    notes = [Note(thrown.where, "raised here")]
    notes.extend(Note(frame.place(handler), "caught here") for handler, frame in answer.fate.caught)
    return tuple(note for note in notes if note.where != answer.where)
