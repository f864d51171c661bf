"""CK706: hidden context reaches the client."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK706",
    name="exposed-hidden-item",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="No `hidden_context_item` and no `sdk_hidden_context` is in a stream, in items.list or in threads.get_by_id.",
    why="Hidden context is what the application tells the model behind the user's back: permissions, prices, "
    "prompts. Whoever opens the browser's network view reads it.",
    instead="Save it with `store.add_thread_item()`, never yield it with `thread.item.added` or `.replaced` "
    "(`process()` swallows only `.done`), and leave items.list and threads.get_by_id to `process()`, "
    "which filters it.",
    sources=("chatkit/server.py: _process_events swallows hidden thread.item.done only (1.6.5)",),
)
