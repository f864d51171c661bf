"""CK501: the model reads the thread, not just its last message."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK501",
    name="lost-history",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="Every turn gives the model the earlier turns of its thread, read from the store.",
    why="A request brings the new message only; nothing else carries the conversation. An agent that is run "
    "with that text alone answers each message as if it were the first. What keeps the history beside the "
    "store (`previous_response_id`, a conversation id, an Agents SDK session) knows nothing of deleted "
    "threads and of `threads.retry_after_item`, and goes on from answers that the user no longer sees.",
    instead='Read `store.load_thread_items(thread.id, None, limit, "desc", context)`, reverse the page, convert '
    "it with `ThreadItemConverter().to_agent_input(...)` and pass that to `Runner.run_streamed`.",
    acceptable="A server whose answers come from no model, or whose every message stands alone by design.",
    sources=(
        "chatkit/server.py: _process_new_thread_item_respond stores the message, then calls respond() (1.6.5)",
        "chatkit/agents.py: ThreadItemConverter.to_agent_input",
        "chatkit-python#23",
    ),
)
