"""CK415: values are given to a statement, not written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rehearsed import judged
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Level, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method

RULE = Rule(
    code="CK415",
    name="interpolated-sql",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="store method",
    what="No value that a store's method is given stands in the text of a statement: ids, cursors, limits, texts, and "
    "what comes from the context are parameters.",
    why="Thread, item and attachment ids and the cursor come from the client as they are. In the text of a statement "
    "`' OR ''='` for a thread id reads and deletes what is everybody's, whatever the WHERE clause says of the "
    "user.",
    instead="Write `$1`, `?` or `:thread_id`, and pass the value beside the text.",
    acceptable="Names of tables and columns that come from constants or settings, and words chosen by a comparison: "
    '`"DESC" if order == "desc" else "ASC"`.',
    sources=("OWASP Top 10 2021, A03: Injection", "chatkit/types.py: params.thread_id, params.after are str (1.6.5)"),
    shown=Shown(
        path="app/store.py",
        good='"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = $2", context.user_id, possible(thread_id)',
        bad="f\"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = '{thread_id}'\", context.user_id",
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges the texts of the statements that a rehearsal of the method runs."""
    from chatkit_validate.integration.storage import interpolated

    return judged(
        integration.once(interpolated.pasted, method),
        method,
        fine="passes values beside its statements",
        way_out="Pass it as a parameter: `$1`, `?` or `:name` in the text, the value beside it.",
    )
