"""CK705: an item in a stream names another thread."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK705",
    name="wrong-thread-id",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="Every item in a stream, and every `thread.created` and `thread.updated`, names the thread that the "
    "request is about.",
    why="Clients file an item under its `thread_id`; the store loads it by that. A wrong one shows somebody's"
    " answer in another conversation, or loses it.",
    instead="Give items `thread_id=thread.id` of the thread that `respond()` was called with; keep nothing about "
    "a turn on the server object, which all turns share.",
    sources=("chatkit/types.py: ThreadItemBase.thread_id",),
)
