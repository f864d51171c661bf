"""CK501: the model reads the thread, not just its last message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import history, runs
from chatkit_validate.integration.evidence import Found
from chatkit_validate.rules.answering_run import each_turn
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Run
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK501",
    name="lost-history",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="model run",
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
    shown=Shown(
        path="app/server.py",
        good="to_agent_input(list(reversed(page.data)))",
        bad="to_agent_input(input_user_message)",
    ),
)


def decide(run: Run, integration: Integration) -> Decision:
    """Judges what one run reads; in a turn of several runs, one that reads the conversation is enough."""
    return each_turn(integration, run, lambda turn, one: _judge(integration, turn, one))


def _judge(integration: Integration, turn: Turn, one: ModelRun) -> Decision:
    return decide_evidence(
        integration.once(history.history, one),
        found=lambda found: Pass(f"Earlier turns reach the model through {found.value.source}", found.where),
        absent=lambda _: _lost(integration, turn, one),
    )


def _lost(integration: Integration, turn: Turn, one: ModelRun) -> Decision:
    others = (other for other in runs.answering(integration, turn) if other is not one)
    for other in others:
        held = integration.once(history.history, other)
        if isinstance(held, Found):
            return NotApplicable("Another run of the turn reads the conversation", held.where)
    if not one.sent and not one.streamed:
        return Unknown("Nothing that the turn sends can be followed to a run, so that this may be beside it", one.where)
    return Fail(
        "The model reads nothing of the thread's earlier turns",
        one.where,
        "Load the thread's items, newest first, reverse them and pass what ThreadItemConverter makes of them.",
        (Note(turn.where, "the turn that gives the model its input"),),
    )
