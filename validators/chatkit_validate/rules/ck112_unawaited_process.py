"""CK112: process() is a coroutine and has to be awaited."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import waiting
from chatkit_validate.rules.edit import Fix, Shown
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
    fix="safe or unsafe: writes `await` where an `async def` makes the call. Nothing ran before, so nothing else "
    "changes. Unsafe where the coroutine is handed to another call, which may have been meant to run it.",
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges every call of `process()`."""
    return gravest(_judge(integration, item) for item in endpoint.processings)


def _judge(integration: Integration, processing: Processing) -> Decision:
    if waiting.awaited(integration.flow, processing.call, processing.frame):
        return Pass("`process()` is awaited", processing.where)
    message = "The coroutine that `process()` gives is never awaited"
    return Fail(message, processing.where, "Write `await` before it.", fix=partial(_fix, processing))


def _fix(processing: Processing) -> Fix | None:
    from chatkit_validate.rules import editing

    frame, call = processing.frame, processing.call
    if frame.function is None or not isinstance(frame.function.node, ast.AsyncFunctionDef):
        return None
    start, end = editing.span(frame.module, call)
    above = frame.module.parents.get(call)
    taken = isinstance(above, ast.Attribute | ast.Subscript) or (isinstance(above, ast.Call) and above.func is call)
    opened, closed = ("(await ", ")") if taken else ("await ", "")
    edits = [
        editing.inserted(frame.module, start, opened),
        *([editing.inserted(frame.module, end, closed)] if closed else ()),
    ]
    handed = isinstance(above, ast.keyword | ast.Starred) or (isinstance(above, ast.Call) and above.func is not call)
    return Fix(safe=not handed, edits=tuple(edits))
