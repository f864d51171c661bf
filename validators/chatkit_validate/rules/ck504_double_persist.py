"""CK504: nothing is stored twice."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK504",
    name="double-persist",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="No item is in the store twice, neither under one id nor under two.",
    why="`process()` stores the user's message before `respond()` and every item at its `thread.item.done`. "
    "What `respond()` stores besides becomes a second row in a store that only inserts, or a second item "
    "where it makes an id of its own: the user sees it twice after a reload, and the model reads it twice "
    "in every later turn.",
    instead="Leave storing to `process()`: yield `ThreadItemDoneEvent` and nothing more. Let `add_thread_item` "
    "insert or update by id; ChatKit itself adds a workflow item twice.",
    acceptable="Items that are not streamed, hidden context above all: `respond()` stores these itself. A second "
    "write under the same id changes nothing where the store replaces by id.",
    sources=(
        "chatkit/server.py: _process_new_thread_item_respond, _process_events (1.6.5)",
        "chatkit/agents.py:812: the workflow (1.6.5)",
    ),
)
