"""CK407: a page that has more says from where."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK407",
    name="has-more-without-after",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="A page with `has_more` has an `after`, the id of its last row; the last page should have none, which is "
    "advice.",
    why="ChatKit passes `after` on without a look: its paging with `has_more=True, after=None` had asked for the "
    "first page 1000 times when it was stopped. `threads.retry_after_item` on an older message then fills the "
    "memory with the same 20 items; clients loop likewise.",
    instead="Fetch `limit + 1` rows, and `return Page(data=rows[:limit], has_more=more, after=rows[limit - 1].id "
    "if more else None)`.",
    sources=("chatkit/server.py:1031-1040: _paginate_thread_items_reverse; chatkit/types.py:24: Page (1.6.5)",),
)
