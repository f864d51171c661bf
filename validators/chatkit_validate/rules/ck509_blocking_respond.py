"""CK509: a turn leaves the event loop free."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK509",
    name="blocking-respond",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="While an answer is streamed, other requests are answered: nothing in `respond()` and in async tools "
    "waits without `await`.",
    why="One event loop serves all requests of a process. `time.sleep`, `requests`, a synchronous driver or "
    "client within a turn stops every other stream, every page of threads and the health check for as "
    "long as it takes.",
    instead="Use the async client; put what has none into `await asyncio.to_thread(...)`.",
    acceptable="Function tools written with plain `def`: openai-agents 0.24 runs them in a thread. Store methods "
    "that block are CK411's.",
    sources=("agents/tool.py: function_tool (0.24.0)",),
)
