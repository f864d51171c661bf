"""CK714: a deleted thread is still there."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK714",
    name="undeleted-thread",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="After threads.delete threads.get_by_id answers 404, items.list has nothing of it, threads.list does "
    "not show it, and it takes no message.",
    why="Who deletes a conversation has a right to its being gone. Items that stay behind are read again "
    "under a reused id, or by whoever guesses one.",
    instead="Delete the thread, its items and its attachments in one transaction; load the thread before anything"
    " is written to it.",
    sources=("chatkit/store.py: Store.delete_thread",),
)
