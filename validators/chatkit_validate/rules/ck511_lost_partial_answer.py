"""CK511: what the user has seen of an answer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import shielding
from chatkit_validate.integration.agent.shielding import Guard
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Served

RULE = Rule(
    code="CK511",
    name="lost-partial-answer",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="whole turn",
    what="After a client has left in the middle of an answer, the part that it was sent is in the thread.",
    why="Starlette cancels the request's scope, and in it the first `await` of `handle_stream_cancelled` is "
    "cancelled again. With a store that really waits, such as asyncpg's, neither the partial message nor "
    "the note that the user cancelled is written: only the user's message is left, and the next turn may "
    "go on with the abandoned answer. A store in memory never waits and hides it.",
    instead="Override `handle_stream_cancelled`: `with anyio.CancelScope(shield=True): await "
    "super().handle_stream_cancelled(thread, pending_items, context)`. Give the store's statements a time "
    "limit, since nothing else bounds them there.",
    acceptable="A server that streams no partial text.",
    sources=(
        "chatkit/server.py: handle_stream_cancelled (1.6.5)",
        "anyio: CancelScope(shield=True)",
    ),
    shown=Shown(
        path="app/server.py",
        good="        with anyio.CancelScope(shield=True):\n            await super()",
        bad="        if pending_items:\n            await super()",
    ),
)

_SAID = {
    Guard.INHERITED: "Nothing shields `handle_stream_cancelled`: the part of the answer that was sent is lost",
    Guard.UNSHIELDED: "`handle_stream_cancelled` is not shielded: the part of the answer that was sent is lost",
    Guard.MISFIT: "`handle_stream_cancelled` cannot be called as ChatKit calls it: the part that was sent is lost",
}


def decide(turn: Served, integration: Integration) -> Decision:
    """Judges what one server does for an answer whose reader leaves."""
    streamed = shielding.streaming(integration, turn)
    if streamed is None:
        return NotApplicable("The turn sends no text piece by piece", turn.where)
    guard, where = shielding.guard(integration, turn)
    if guard is Guard.SHIELDED:
        return Pass("What was sent is saved behind a shield", where)
    return decide_evidence(
        shielding.waits(integration, turn),
        found=lambda waiting: Fail(
            _SAID[guard],
            where,
            "Override it: `with anyio.CancelScope(shield=True): await super().handle_stream_cancelled(thread, "
            "pending_items, context)`.",
            (Note(waiting.where, "the store waits here"), Note(streamed, "the text is sent piece by piece")),
        ),
        absent=lambda absent: NotApplicable(
            "The store never waits, so that cancelling does not reach it", absent.where
        ),
    )
