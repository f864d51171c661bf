"""CK505: every item that is begun is finished."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK505",
    name="missing-done-event",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="In a turn that ends well every item that `thread.item.added` announced gets its `thread.item.done`, "
    "or is removed or replaced.",
    why="`process()` stores an item at its `thread.item.done` and at no other event. Without it the user "
    "reads an answer that is gone after a reload, and that the next turn's model has never seen.",
    instead="Yield `ThreadItemDoneEvent(item=...)` with the whole item after its last update; "
    "`stream_agent_response` does so by itself.",
    acceptable="An item that `ThreadItemRemovedEvent` takes back, after a guardrail say.",
    sources=("chatkit/server.py: _process_events stores on ThreadItemDoneEvent (1.6.5)",),
)
