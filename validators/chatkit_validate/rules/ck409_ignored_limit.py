"""CK409: a page is as long as asked for."""

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
    code="CK409",
    name="ignored-limit",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="A page holds `limit` rows while there are as many, `has_more` is true exactly where rows are left, and "
    "limits of 0, -1 or beyond every integer type raise nothing in the store and end in no server error.",
    why="ChatKit asks for 1 item where it wants the newest and for 20 where it opens a thread; a store without a "
    "limit loads the whole conversation for either. The limit is the client's: only none and 0 become 20, while -1 "
    "and 100 000 000 come as they are, the first of which PostgreSQL refuses and the second of which it serves. "
    "`has_more` that is always false hides everything behind the first page.",
    instead="Clamp it in the store (`max(1, min(limit, 100))`), fetch one row more than that, and let the extra "
    "row decide `has_more`.",
    sources=("chatkit/server.py:454, 503: params.limit or DEFAULT_PAGE_SIZE (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good="limit = max(1, min(limit, 100))",
        bad="limit = max(1, min(limit, 100)) * 2",
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import paging

    if method.method not in paging.LISTINGS:
        return ()
    return judged(
        integration.once(paging.length, method),
        method,
        fine="is as long as asked for, and says whether rows are left",
        way_out="Clamp it in the store (`max(1, min(limit, 100))`), fetch one row "
        "more, and let that row decide `has_more`.",
    )
