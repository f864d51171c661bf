"""CK406: a page goes on after its cursor."""

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
    code="CK406",
    name="ignored-cursor",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="With `after` a page holds the rows behind that one, in either order, so that pages joined hold every row "
    "once. After a cursor that names nothing of this user, in this thread, comes an empty page or `NotFoundError`.",
    why="A list that begins again at its first page never ends: the widget loads more for ever, and so does "
    "ChatKit, 20 items at a time, where `threads.retry_after_item` names a message that is not among the newest "
    "20. Comparing random ids (`id > after`) skips and repeats rows instead. An unknown cursor is no invention: "
    "another tab has deleted the row.",
    instead="Look the cursor's row up, within the same user and thread, and continue after its place in the order: "
    "`seq > (SELECT seq ... WHERE id = $after)`, or `seq <` for `desc`. No row, no page: a comparison with NULL "
    "does that by itself.",
    sources=("chatkit/server.py:1026: _paginate_thread_items_reverse (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good='                raise NotFoundError(f"No {kind} {after}")\n',
        bad="                pass\n",
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import paging

    if method.method not in paging.LISTINGS:
        return ()
    return judged(
        integration.once(paging.cursor, method),
        method,
        fine="goes on behind its cursor, and shows nothing after one that names nothing",
        way_out="Order by a number that the database counts, look the cursor's row up "
        "within user and thread, and go on behind it.",
    )
