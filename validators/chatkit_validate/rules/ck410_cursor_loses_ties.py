"""CK410: rows with equal times are neither lost nor repeated."""

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
    code="CK410",
    name="cursor-loses-ties",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="Paging shows every row once, at any limit and in both orders, also where all rows have one `created_at`.",
    why="A cursor that is a time (`created_at > $1`) passes over all rows that share it: ChatKit's own test store, "
    "paged one by one, loses four of five. Times are equal where the clock or the column is coarse, where a turn "
    "gives its items one time, and in data brought over. The items that are lost are missing in the model's "
    "history, too.",
    instead="Compare what the ORDER BY sorts by, and make that unique: a sequence, or `(created_at, seq) > ($1, "
    "$2)`. An id as the tie-breaker pages safely, but is in no order of creation (CK408).",
    sources=("PostgreSQL: row constructor comparison",),
    shown=Shown(
        path="app/store.py",
        good=(
            '                "SELECT seq FROM chat.records WHERE user_id = $1 AND kind = $2 AND id = $3",\n'
            "                context.user_id,\n"
            "                kind,\n"
            "                possible(after),\n"
            "            )\n"
            "            if start is None:\n"
            '                raise NotFoundError(f"No {kind} {after}")\n'
            "        limit = max(1, min(limit, 100))\n"
            "        rows = await self.pool.fetch(\n"
            '            "SELECT id, body FROM chat.records WHERE user_id = $1 AND kind = $2"\n'
            '            " AND ($3::text IS NULL OR thread_id = $3)"\n'
            "            f\" AND ($4::bigint IS NULL OR seq {'<' if descending else '>'} $4)\"\n"
            "            f\" ORDER BY seq {'DESC' if descending else 'ASC'} LIMIT $5\",\n"
        ),
        bad=(
            "                \"SELECT body::json->>'created_at' FROM chat.records\"\n"
            '                " WHERE user_id = $1 AND kind = $2 AND id = $3",\n'
            "                context.user_id,\n"
            "                kind,\n"
            "                possible(after),\n"
            "            )\n"
            "            if start is None:\n"
            '                raise NotFoundError(f"No {kind} {after}")\n'
            "        limit = max(1, min(limit, 100))\n"
            "        rows = await self.pool.fetch(\n"
            '            "SELECT id, body FROM chat.records WHERE user_id = $1 AND kind = $2"\n'
            '            " AND ($3::text IS NULL OR thread_id = $3)"\n'
            "            f\" AND ($4::text IS NULL OR body::json->>'created_at' {'<' if descending else '>'} $4)\"\n"
            "            f\" ORDER BY body::json->>'created_at' {'DESC' if descending else 'ASC'} LIMIT $5\",\n"
        ),
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import paging

    if method.method not in paging.LISTINGS:
        return ()
    return judged(
        integration.once(paging.ties, method),
        method,
        fine="shows every row once where all times are equal",
        way_out="Order by a number that the database counts, look the cursor's row up "
        "within user and thread, and go on behind it.",
    )
