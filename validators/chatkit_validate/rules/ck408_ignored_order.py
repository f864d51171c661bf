"""CK408: a list follows the order asked for."""

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
    code="CK408",
    name="ignored-order",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="`asc` gives rows from the oldest to the newest and `desc` the reverse, for threads and items, on later "
    "pages too. Rows with equal times stand as they were added; where they do not, it is a warning.",
    why="ChatKit asks both ways: `asc` for the first 20 items of a thread, `desc` with a limit of 1 for the client "
    "tool call whose output has come, `desc` with 2 for a workflow to continue. Always `asc`, and the output is "
    "refused (`ValueError: Last thread item ... was not a ClientToolCallItem`), while the model is given the "
    "oldest messages for the newest. Random ids sort into no order at all.",
    instead="Order by a sequence that the database counts, `ASC` or `DESC` as asked, and turn the cursor's "
    "comparison with it.",
    sources=("chatkit/server.py:589, 1017; chatkit/agents.py:513: load_thread_items (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good="""f" ORDER BY seq {'DESC' if descending else 'ASC'} LIMIT $5",""",
        bad='" ORDER BY seq LIMIT $5",',
    ),
)


def decide(method: Method, integration: Integration) -> Decision | tuple[Decision, ...]:
    """Judges what a rehearsal of the method comes to."""
    from chatkit_validate.integration.storage import paging

    if method.method not in paging.LISTINGS:
        return ()
    return judged(
        integration.once(paging.direction, method),
        method,
        fine="follows the order asked for",
        way_out="Order by a number that the database counts, `ASC` or `DESC` as asked.",
    )
