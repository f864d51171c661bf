"""CK509: a turn leaves the event loop free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import blocking
from chatkit_validate.integration.agent.blocking import shortened
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.served import Served

RULE = Rule(
    code="CK509",
    name="blocking-respond",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="whole turn",
    what="While an answer is streamed, other requests are answered: nothing in `respond()` and in async tools "
    "waits without `await`.",
    why="One event loop serves all requests of a process. `time.sleep`, `requests`, a synchronous driver or "
    "client within a turn stops every other stream, every page of threads and the health check for as "
    "long as it takes.",
    instead="Use the async client; put what has none into `await asyncio.to_thread(...)`.",
    acceptable="Function tools written with plain `def`: openai-agents 0.24 runs them in a thread. Store methods "
    "that block are CK411's.",
    sources=("agents/tool.py: function_tool (0.24.0)",),
    shown=Shown(
        path="app/server.py",
        good="""        async with tasks:
""",
        bad="""        import requests

        requests.post("https://audit.example.com/turns", json={"thread": thread.id})
        async with tasks:
""",
    ),
)


def decide(turn: Served, integration: Integration) -> Decision:
    """Judges every call of libraries that the turn makes on the event loop."""
    waits = integration.once(blocking.waits, turn)
    if not waits:
        return Pass("Nothing in the turn is known to keep the event loop waiting", turn.where)
    first = waits[0]
    others = tuple(Note(one.where, f"so does `{shortened(one.name)}`") for one in waits[1:6])
    return Fail(
        f"`{shortened(first.name)}` keeps the event loop waiting, and with it every other request",
        first.where,
        "Use the library's async client, or `await asyncio.to_thread(...)`.",
        (Note(first.entry, "the part of the turn that runs it"), *others),
    )
