"""CK713: a thread is not called what clients were told."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK713",
    name="lost-title",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="The title that a stream (`thread.updated`) or threads.update told is the one in threads.get_by_id "
    "and threads.list.",
    why="The list of conversations shows titles; one that is told and not kept changes with the next reload. "
    "The first turn of a titled thread saves it twice, the second time as a `Thread`: a store that only "
    "inserts fails there.",
    instead="Set `thread.title` on the thread that `respond()` got, and let `save_thread` write the whole row, "
    "inserting or updating.",
    sources=(
        "chatkit/server.py: save_thread is called again after respond() changed the thread (1.6.5)",
        "chatkit-python#9",
    ),
)
