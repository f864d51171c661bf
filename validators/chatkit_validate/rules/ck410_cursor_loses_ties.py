"""CK410: rows with equal times are neither lost nor repeated."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK410",
    name="cursor-loses-ties",
    level=Level.WARNING,
    by=(Validator.STORE,),
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
)
