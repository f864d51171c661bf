"""CK511: what the user has seen of an answer is kept."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import shielding
from chatkit_validate.integration.agent.shielding import Guard
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Edit, Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.names import Class

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
    fix="unsafe: shields what `handle_stream_cancelled` does, or overrides it so. A store whose statements have no "
    "time limit can then hold a request that nobody waits for.",
)

_METHOD = "handle_stream_cancelled"
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
            fix=partial(_fix, integration, turn, guard),
        ),
        absent=lambda absent: NotApplicable(
            "The store never waits, so that cancelling does not reach it", absent.where
        ),
    )


def _fix(integration: Integration, turn: Served, guard: Guard) -> Fix | None:
    from chatkit_validate.rules import editing
    from chatkit_validate.rules.importing import imported

    method = integration.flow.hierarchy.method(turn.server.cls, _METHOD)
    module = method.module if method else turn.server.cls.module
    local, imports = imported(module, "anyio", "CancelScope")
    shield = f"with {local}(shield=True):"
    if guard is Guard.INHERITED:
        edits = _overridden(turn.server.cls, shield)
    elif guard is Guard.UNSHIELDED and method is not None:
        body = [one for one in method.node.body if not _is_docstring(one)]
        edits = (
            editing.wrapped(module, body, shield) if body and all(editing.alone(module, one) for one in body) else ()
        )
    else:
        return None
    both = (*imports, *edits)
    return Fix(safe=False, edits=tuple(sorted(both, key=lambda edit: edit.start))) if edits else None


def _overridden(server: Class, shield: str) -> tuple[Edit, ...]:
    from chatkit_validate.rules import editing

    module, last = server.module, server.node.body[-1]
    if last.lineno == server.node.lineno:
        return ()
    margin, unit, end = editing.indentation(module, last.lineno), editing.unit_in(module, last), editing.newline(module)
    lines = (
        f"async def {_METHOD}(self, thread, pending_items, context):",
        f"{unit}{shield}",
        f"{unit}{unit}await super().{_METHOD}(thread, pending_items, context)",
    )
    text = end + "".join(f"{end}{margin}{line}" for line in lines)
    return (editing.inserted(module, editing.line_end(module, editing.span(module, last)[1]), text),)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
