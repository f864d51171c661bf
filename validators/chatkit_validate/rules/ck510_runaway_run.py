"""CK510: the run ends when its reader leaves."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK510",
    name="runaway-run",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="Once the client has left, the model is no longer read and no tool is called.",
    why="A streamed run is a task of its own, and cancelling `respond()` does not cancel it. Measured: a tool "
    "finished its work after the client had gone. The tokens are paid for, and tools go on acting for "
    "somebody who pressed stop.",
    instead="Around the loop over `stream_agent_response`: `finally:` with `if not result.is_complete: "
    "result.cancel()`.",
    acceptable="`await Runner.run(...)`: the cancellation reaches it by itself. Work that must be completed whoever "
    "listens belongs into a job queue.",
    sources=("agents/result.py: RunResultStreaming.cancel",),
)
