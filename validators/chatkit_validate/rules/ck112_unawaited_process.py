"""CK112: process() is a coroutine and has to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import waiting
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.integration.processing import Processing

RULE = Rule(
    code="CK112",
    name="unawaited-process",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="The result of `process()` is awaited.",
    why="`process()` is a coroutine function: without `await` nothing runs, the coroutine is no `StreamingResult`, and "
    "reading `.json` of it raises `AttributeError`.",
    instead="Write `result = await server.process(body, context)`.",
    sources=("chatkit/server.py: ChatKitServer.process",),
    shown=Shown(
        path="app/main.py",
        good="result = await server.process(body, caller)",
        bad="result = server.process(body, caller)",
    ),
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges every call of `process()`."""
    return gravest(_judge(integration, item) for item in endpoint.processings)


def _judge(integration: Integration, processing: Processing) -> Decision:
    if waiting.awaited(integration.flow, processing.call, processing.frame):
        return Pass("`process()` is awaited", processing.where)
    return Fail("The coroutine that `process()` gives is never awaited", processing.where, "Write `await` before it.")
