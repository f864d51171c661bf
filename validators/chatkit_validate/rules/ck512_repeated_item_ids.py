"""CK512: every message has an id of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import item_ids, runs
from chatkit_validate.integration.agent.item_ids import Api
from chatkit_validate.integration.evidence import Found, Unresolved
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.source import Place

RULE = Rule(
    code="CK512",
    name="repeated-item-ids",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="whole turn",
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
    shown=Shown(
        path="app/server.py",
        good='agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])',
        bad='agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks], model="litellm/gemini")',
    ),
)


def decide(turn: Served, integration: Integration) -> Decision:
    """Judges the ids of the messages that one server's turns send."""
    same = item_ids.repeating(integration, turn)
    if same is not None:
        return Fail(
            "The id of this message is the same in every turn",
            same,
            'Take `store.generate_item_id("message", thread, context)`.',
        )
    passed = item_ids.passed_on(turn)
    if passed is None:
        if item_ids.by_hand(turn):
            return Pass("The turn makes the ids of its messages itself", turn.where)
        return NotApplicable("The turn sends no messages that could be recognised", turn.where)
    own = item_ids.replaced(integration, turn)
    if own is not None:
        return Pass("The turn puts ids of its own into the events", own)
    known = [one for one in runs.answering(integration, turn.turn) if one.sdk]
    return (
        gravest(_judge(integration, one, passed) for one in known)
        if known
        else Pass("The ids are those of the library", passed)
    )


def _judge(integration: Integration, one: ModelRun, passed: Place) -> Decision:
    held = item_ids.api(integration, one)
    if isinstance(held, Unresolved):
        return Unknown(held.reason, held.where)
    if isinstance(held, Found) and held.value is Api.CHAT:
        return Fail(
            "The model is called by chat completions: every message has the id `__fake_id__`",
            passed,
            'Give each message `store.generate_item_id("message", thread, context)`, the same in all of its events.',
            (Note(held.where, "the model"),),
        )
    return Pass("The Responses API gives every message an id", held.where)
