"""CK513: what a turn starts, somebody waits for or holds on to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import tasks
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Served

RULE = Rule(
    code="CK513",
    name="dropped-task",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="whole turn",
    what="Every task that a turn or one of its tools starts is awaited, or kept where it cannot be collected.",
    why="The event loop holds its tasks weakly: one that nothing refers to can be collected in the middle of its "
    "work. What it raises is told to nobody, and at a shutdown nobody waits for it: the title, the audit row or the "
    "memory it was to write is lost now and then, without a trace.",
    instead="`await` it at the end of the turn, start it in an `asyncio.TaskGroup`, or keep it: "
    "`background.add(task); task.add_done_callback(background.discard)` with `background` a set of the application.",
    acceptable="Never without a reference. Work that must outlive the turn belongs into a job queue.",
    sources=("Python: asyncio.create_task, the note about keeping a reference",),
    shown=Shown(
        path="app/server.py",
        good="""        async with tasks:
""",
        bad="""        import asyncio

        asyncio.create_task(self.store.save_thread(thread, context))
        async with tasks:
""",
    ),
)


def decide(turn: Served, integration: Integration) -> Decision:
    """Judges every task that the turn or one of its tools starts."""
    started = integration.once(tasks.tasks, turn)
    dropped = [one for one in started if not one.held]
    if dropped:
        return Fail(
            "Nothing waits for this task or keeps it",
            dropped[0].where,
            "Await it, or keep it in a set until it is done.",
            (Note(turn.where, "the turn that starts it"), *(Note(one.where, "and this one") for one in dropped[1:])),
        )
    if started:
        return Pass("Every task that is started is awaited or kept", started[0].where)
    return Pass("The turn starts no task", turn.where)
