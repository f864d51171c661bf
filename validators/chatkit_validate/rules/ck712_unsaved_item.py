"""CK712: what was streamed is not what is stored."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK712",
    name="unsaved-item",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="After a turn items.list holds exactly the items that were done, in their order, and "
    "threads.get_by_id begins with them.",
    why="The user reloads the page and finds another conversation than the one they had; the next turn is "
    "built from it.",
    instead="Yield `ThreadItemDoneEvent` for every item and let `process()` save it; keep every item type in the "
    "store, and their order in a column of its own.",
    sources=("chatkit/server.py: _process_events saves on thread.item.done (1.6.5)",),
)
