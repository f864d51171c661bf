"""CK703: an item is updated before it was added or after it was done."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK703",
    name="unannounced-item",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="`thread.item.updated` names an item that `thread.item.added` announced and that is neither done nor "
    "removed; no item is added or done twice.",
    why="Clients apply an update to the item they hold under that id: without one they drop the text or fail."
    " `process()` keeps the unfinished item for a cancelled stream only from its `thread.item.added` on.",
    instead="Yield `ThreadItemAddedEvent` first, then the updates, then `ThreadItemDoneEvent`; where ids are "
    "rewritten, rewrite them in all of these.",
    acceptable="An item that needs no updates may come with `thread.item.done` alone.",
    sources=("chatkit/server.py: _update_pending_items (1.6.5)",),
)
