"""CK512: every message has an id of its own."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK512",
    name="repeated-item-ids",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="The ids of assistant messages repeat neither within a turn nor between turns.",
    why="Models behind chat completions, LiteLLM among them, give no item ids: the Agents SDK says "
    "`__fake_id__`, and `stream_agent_response` passes it on. In a store that replaces by id each answer "
    "overwrites the one before, in other threads and of other users too where the id alone is the key; in "
    "one that only inserts the second answer fails.",
    instead='Map the ids of the events to `store.generate_item_id("message", thread, context)`, one for each '
    "message, the same in all of its events.",
    acceptable="The same id in the events of one message, from added to done.",
    sources=(
        "agents/models/fake_id.py: FAKE_RESPONSES_ID (0.24.0)",
        "openai-cs-agents-demo#52",
    ),
)
