"""CK411: a store does not keep the event loop waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method

RULE = Rule(
    code="CK411",
    name="blocking-store",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="store method",
    what="No method of the store calls a synchronous driver, a synchronous session, a file or an HTTP client on the "
    "event loop, itself or in a function that it calls.",
    why="While the call waits, nothing else runs: all users' streams stand still, health checks time out, and a "
    "disconnect is noticed late. ChatKit calls the store several times a turn, so that one slow statement is felt by "
    "everybody. With a few users and a database next door nobody sees it.",
    instead="Await an asynchronous driver (asyncpg, psycopg's AsyncConnection, SQLAlchemy's AsyncSession, aiosqlite), "
    "or move the whole piece of work away: `await asyncio.to_thread(self._load, thread_id)`.",
    acceptable="A tool for one person on their own machine: write `# chatkit: ignore[CK411] <why>` on the call.",
    sources=("chatkit/server.py: _process_streaming awaits the store on the loop that sends the events (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good='        bodies, after = await self._page("thread", None, limit, after, order, context)\n',
        bad='        bodies, after = await self._page("thread", None, limit, after, order, context)\n'
        '        open("threads.log", "a").write(f"{len(bodies)}\\n")\n',
    ),
)


def decide(method: Method, integration: Integration) -> Decision:
    """Judges every call that the method makes on the event loop."""
    from chatkit_validate.integration.storage.blocking import wait

    return decided(
        integration.once(wait, method),
        found=lambda found: Fail(
            f"{method.name}() keeps the event loop waiting: {_shortened(found.value.name)}() is synchronous",
            found.where,
            "Await an asynchronous driver, or put the work into `await asyncio.to_thread(...)`.",
            tuple(Note(place, "called here") for place in found.value.passed),
        ),
        absent=lambda absent: Pass(f"{method.method}() keeps nobody waiting", absent.where),
    )


def _shortened(name: str) -> str:
    parts = name.split(".")
    return name if len(parts) <= 4 else f"{'.'.join(parts[:2])}...{parts[-1]}"
