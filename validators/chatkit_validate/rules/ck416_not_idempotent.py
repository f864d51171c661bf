"""CK416: Saving again updates and adding again adds nothing."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK416",
    name="not-idempotent",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="Saving again updates and adding again adds nothing: `save_thread` twice, the second time with a "
    "`Thread` that carries items, `add_thread_item` twice with one id, `save_item` and "
    "`save_attachment` of what is there or not.",
    why="A first turn that sets a title saves the thread twice, the second time as a `Thread`; a plain "
    "INSERT then fails with a duplicate key, and a store that keeps the object as it is breaks "
    "`threads.get_by_id` with `TypeError: Thread() got multiple values for keyword argument 'items'`."
    " ChatKit adds a workflow item at its end and again when the run is done.",
    instead="Write upserts with the owner in the key, and store `thread.model_dump_json(exclude={'items'})`. "
    "Update rows where they stand: deleting and inserting moves an item to the end and takes a "
    "thread's items along.",
    sources=("chatkit/server.py:556, 899, 906, 933: save_thread; chatkit/agents.py:812: the workflow (1.6.5)",),
)
