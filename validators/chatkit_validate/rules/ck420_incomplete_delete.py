"""CK420: A delete takes all that belongs to it and nothing else."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK420",
    name="incomplete-delete",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="A delete takes all that belongs to it and nothing else: a thread its items, an item only itself.",
    why="What a user deleted and the store kept is found again: in the next thread under that id, in a "
    "backup, in an answer to a request for their data.",
    instead="Delete by user, thread and item id together, a thread with its items in one transaction or by a "
    "foreign key with ON DELETE CASCADE.",
    sources=("chatkit/store.py: delete_thread: “Delete a thread and its items” (1.6.5)",),
)
