"""CK407: a page that has more says from where."""

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
    code="CK407",
    name="has-more-without-after",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
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
    shown=Shown(
        path="app/store.py",
        good="return Page(data=[ITEM.validate_json(b) for b in bodies], has_more=after is not None, after=after)",
        bad="return Page(data=[ITEM.validate_json(b) for b in bodies], has_more=after is not None)",
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import paging

    if method.method not in paging.LISTINGS:
        return ()
    return judged(
        integration.once(paging.position, method),
        method,
        fine="says from where a next page goes on",
        way_out="Set `after` to the id of the last row shown wherever `has_more` is true.",
    )
