"""CK503: the model reads the new message once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import history, repetition
from chatkit_validate.integration.evidence import Absent, Unresolved
from chatkit_validate.rules.answering_run import each_turn
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Run
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK503",
    name="duplicated-user-message",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="model run",
    what="The user's new message stands once in what the model reads.",
    why="`process()` stores the message before it calls `respond()`, so the history that is loaded there ends "
    "with it. Appended again, it is paid for twice, and models answer it twice or remark on the "
    "repetition.",
    instead="Pass the loaded history as it is, or leave the item with `input_user_message.id` out of it before "
    "appending.",
    sources=("chatkit/server.py: _process_new_thread_item_respond (1.6.5)",),
    shown=Shown(
        path="app/server.py",
        good="to_agent_input(list(reversed(page.data)))",
        bad="to_agent_input([*reversed(page.data), input_user_message])",
    ),
)


def decide(run: Run, integration: Integration) -> Decision:
    """Judges what one run reads beside the stored history."""
    return each_turn(integration, run, lambda turn, one: _judge(integration, turn, one))


def _judge(integration: Integration, turn: Turn, one: ModelRun) -> Decision:
    held = integration.once(history.history, one)
    if isinstance(held, Unresolved):
        return Unknown(held.reason, held.where)
    if isinstance(held, Absent):
        return NotApplicable("The model reads no history that could hold the message", held.where)
    loads = held.value.loads
    if loads:
        again = repetition.repeated(integration, turn, one, loads)
    else:
        again = repetition.remembered(integration, turn, one) if held.value.kept else None
    if again is None:
        return Pass("The new message is read once", held.where)
    return Fail(
        "The model reads the new message twice: in the history, and beside it",
        again.where,
        "Pass the history as it is; ChatKit has stored the message before it calls `respond()`.",
        (Note(held.where, "the history that holds it already"), Note(again.message, "the message that is added")),
    )
