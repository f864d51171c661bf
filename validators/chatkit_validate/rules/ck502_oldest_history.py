"""CK502: of a long thread the model reads the end, not the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import history, window
from chatkit_validate.integration.agent.window import Window
from chatkit_validate.integration.evidence import Absent, Found, Unresolved
from chatkit_validate.rules.answering_run import each_turn
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.agent.served import Run

RULE = Rule(
    code="CK502",
    name="oldest-history",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="model run",
    what="Where only part of a thread is read, it is the newest part: in a thread of more than twenty items "
    "the model still reads the user's last message.",
    why='`order="asc"` with a limit answers the oldest items. With 20 of them and one answer per message the '
    "window is full after ten turns: from the eleventh on the model no longer reads what it is asked, and "
    "answers old questions again.",
    instead='Load `"desc"` and reverse: `list(reversed(page.data))`. Begin the window at a user\'s message, so '
    "that no tool result stands there without its call.",
    acceptable="The whole thread in ascending order, page after page to the end.",
    sources=(
        "chatkit/store.py: Store.load_thread_items",
        "chatkit-js#96: a window that cuts a tool call from its result",
    ),
    shown=Shown(
        path="app/server.py",
        good="""30, "desc", context)
        history = await ThreadItemConverter().to_agent_input(list(reversed(page.data)))
""",
        bad="""30, "asc", context)
        history = await ThreadItemConverter().to_agent_input(page.data)
""",
    ),
)


def decide(run: Run, integration: Integration) -> Decision:
    """Judges every load of the thread's items that reaches one run."""
    return each_turn(integration, run, lambda _, one: _judge(integration, one))


def _judge(integration: Integration, one: ModelRun) -> Decision:
    held = integration.once(history.history, one)
    if isinstance(held, Unresolved):
        return Unknown(held.reason, held.where)
    if isinstance(held, Absent) or not held.value.loads:
        return NotApplicable("The model reads no items of the thread from the store", held.where)
    return gravest(_window(integration, load, one) for load in held.value.loads)


def _window(integration: Integration, load: history.Load, one: ModelRun) -> Decision:
    return decide_evidence(
        window.window(integration, load, one),
        found=lambda found: _told(found, load),
        absent=lambda absent: NotApplicable("The model reads no items of the thread from the store", absent.where),
    )


def _told(found: Found[Window], load: history.Load) -> Decision:
    if found.value is not Window.OLDEST:
        return Pass(f"Of a long thread the model reads {found.value.value}", found.where)
    return Fail(
        "Of a long thread the model reads the oldest items, and the new message no longer",
        found.where,
        'Load `order="desc"` and pass `list(reversed(page.data))` on.',
        () if found.where == load.where else (Note(load.where, "the thread's items are loaded here"),),
    )
