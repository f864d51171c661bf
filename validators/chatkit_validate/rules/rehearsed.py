"""Judging what a rehearsal of a store's method came to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.evidence import Absent, Found, Unresolved
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration.evidence import Evidence
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault
    from chatkit_validate.rules.edit import Fix

ATTACHMENTS = "Attachments are not enabled: the server is built without an attachment store"


def judged(
    answer: Evidence[Fault] | str | None,
    method: Method,
    *,
    fine: str,
    way_out: str,
    mend: Callable[[Found[Fault]], Fix | None] | None = None,
) -> Decision | tuple[Decision, ...]:
    """A decision about a method; none where the rule asks nothing of it.

    Args:
        answer: What came of the trial.
        method: The method.
        fine: What is said where nothing is wrong.
        way_out: What to do where something is.
        mend: Makes the fix of a fault.
    """
    match answer:
        case None:
            return ()
        case str():
            return NotApplicable(answer, method.where)
        case Found(value=fault, where=where):
            notes = tuple(Note(place, told) for place, told in fault.passed if place != where)
            level = Level.ADVICE if fault.advice else None
            fix = partial(mend, answer) if mend and isinstance(answer, Found) else None
            return Fail(f"{method.name}() {fault.told}", where, way_out, notes, level, fix)
        case Absent(where=where):
            return Pass(f"{method.name}() {fine}", where)
        case Unresolved(reason=reason, where=where):
            return Unknown(reason, where)


def left_out(method: Method) -> NotApplicable | None:
    """Why a method of attachments is not judged; None where it is."""
    if method.is_of_attachments and not method.store.attachments:
        return NotApplicable(ATTACHMENTS, method.where)
    return None
