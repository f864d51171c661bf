"""CK404: one user's conversations are out of another's reach."""

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
    code="CK404",
    name="unscoped-store",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="Every method that is given an id reads and deletes the context user's rows only, each by itself; "
    "`load_threads` lists only theirs.",
    why="An id is no secret: it is in logs and links, and ChatKit's default has 32 random bits. `items.list`, "
    "`threads.delete` and `attachments.delete` call the store without `load_thread` before, so that a check there "
    "guards none of them. Examples have this fault: ChatKit's own test store scopes all methods but "
    "`load_attachment`, and in the store of one official sample every user reads and deletes all threads.",
    instead="Name the owner in every statement (`WHERE user_id = $1 AND id = $2`), with the user from `context`, "
    "and raise `NotFoundError` where no row is left.",
    acceptable="An application in which all callers are to see the same: `chatkit-validate store --shared` "
    "declares it; for `check` write `# chatkit: ignore[CK404] <why>` on the line of the method.",
    sources=(
        "chatkit/server.py:485, 501, 523: attachments.delete, items.list, threads.delete (1.6.5)",
        "OWASP API Security 2023, API1: Broken Object Level Authorization",
    ),
    shown=Shown(
        path="app/store.py",
        good='"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = $2", context.user_id, possible(thread_id)',
        bad='"DELETE FROM chat.records WHERE thread_id = $1", possible(thread_id)',
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import ownership

    if (excuse := left_out(method)) is not None:
        return excuse
    return judged(
        integration.once(ownership.unscoped, method),
        method,
        fine="reaches the context user's rows only",
        way_out="Name the owner in every statement: `WHERE user_id = $1 AND id = $2`, with the user from the context.",
    )
