"""CK405: what is not there is not found, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rehearsed import judged, left_out
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Level, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method

RULE = Rule(
    code="CK405",
    name="not-found-not-raised",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="`load_thread`, `load_item` and `load_attachment` raise `chatkit.store.NotFoundError` for every id that "
    "names nothing of this user, in this thread; ill-formed ids (empty, with U+0000, 5000 characters long) "
    "included. Deletes and lists may have nothing to do instead, but raise nothing else.",
    why="`NotFoundError` is the one exception by which an endpoint can tell a stale link from a defect. None "
    "instead ends `threads.get_by_id` with `AttributeError`; `ValueError`, or the database's error for an id that "
    "is no UUID or holds U+0000, ends in 500; a thread made up for an unknown id takes messages that nobody will "
    "find.",
    instead="Raise `NotFoundError` whenever the query finds no row, and keep ids in `text` columns; refuse U+0000, "
    "which PostgreSQL does not take, in the same way.",
    sources=("chatkit/store.py:44: NotFoundError; chatkit/server.py:1016: _load_full_thread (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good='            raise NotFoundError(f"No {kind} {id}")\n',
        bad="            raise KeyError(id)\n",
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import absence

    if (excuse := left_out(method)) is not None:
        return excuse
    return judged(
        integration.once(absence.unanswered, method),
        method,
        fine="answers NotFoundError, or has nothing to do, for an id that names nothing",
        way_out="Raise `chatkit.store.NotFoundError` whenever there is no such row, "
        "before or instead of anything else.",
    )
