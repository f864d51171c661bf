"""How respond() runs its model: whether text leaves before the model has finished."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Generated
from chatkit_validate.flow.blocks import expressions, inside
from chatkit_validate.flow.calls import THREADS, is_generator, returns
from chatkit_validate.flow.influence import walk
from chatkit_validate.flow.reachable import own_calls
from chatkit_validate.integration import leak
from chatkit_validate.integration.application import argument
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_STREAMS = (".run_streamed", ".astream", ".astream_events", ".stream", ".stream_events", ".run_async", ".run_live")
_WHOLE = (".Runner.run", ".Runner.run_sync", ".ainvoke", ".invoke", ".arun", ".agenerate", ".generate_content")
_CREATES = ("completions.create", "responses.create", "messages.create", ".acompletion", ".completion")
_MODEL = ("agents.", "openai.", "langchain", "langgraph", "litellm.", "anthropic.", "google.", "pydantic_ai.")


class Way(Enum):
    """How a call of a model gives its answer."""

    STREAMED = 1
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class Run:
    """A call of a model in respond().

    Attributes:
        way: How it answers.
        where: The call.
        node: The call.
        sent: Whether what it gives takes part in an event that respond() sends.
    """

    way: Way
    where: Place
    node: ast.AST
    sent: bool


def runs(integration: Integration, endpoint: Endpoint) -> tuple[Run, ...]:
    """The calls of models that respond() makes; ask through `Integration.once`."""
    flow = integration.flow
    found: dict[ast.AST, tuple[Way, Place]] = {}
    for frame in integration.once(leak.respond_frames, endpoint):
        for call in own_calls(frame):
            way = way_of(flow, call, frame)
            if way is not None:
                found.setdefault(call, (way, frame.place(call)))
    if not found:
        return ()
    used = _sent(integration, endpoint)
    return tuple(Run(way, where, node, node in used) for node, (way, where) in found.items())


def consumed(integration: Integration, endpoint: Endpoint) -> Place | None:
    """A loop of respond() that reads a stream to its end before anything of it is sent; None where there is none.

    A loop that sends from inside, anywhere in respond(), shows that text leaves as it comes.
    """
    flow = integration.flow
    silent: list[tuple[ast.AsyncFor, Place]] = []
    pending = list(_entries(integration, endpoint))
    seen = set(pending)
    for frame in pending:
        for statement in inside(frame.function.node.body) if frame.function else ():
            if not isinstance(statement, ast.AsyncFor):
                continue
            if not any(isinstance(node, ast.Yield) for item in statement.body for node in expressions(item)):
                silent.append((statement, frame.place(statement)))
                continue
            for value in flow.values(statement.iter, frame):
                if isinstance(value, Foreign):
                    return None
                if isinstance(value, Generated) and value.frame not in seen:
                    seen.add(value.frame)
                    pending.append(value.frame)
    if not silent:
        return None
    used = _sent(integration, endpoint)
    return next((where for statement, where in silent if statement in used), None)


def _entries(integration: Integration, endpoint: Endpoint) -> Iterator[Frame]:
    """The generators that are `respond()`, or that it gives back."""
    for frame in integration.once(leak.respond_frames, endpoint):
        function = frame.function
        if function is None or function.name != "respond" or frame.caller is not None:
            continue
        if is_generator(function):
            yield frame
        for expression in returns(function):
            for value in integration.flow.values(expression, frame) if expression is not None else ():
                if isinstance(value, Generated):
                    yield value.frame


def way_of(flow: Flow, call: ast.Call, frame: Frame) -> Way | None:
    """How the model that `call` asks gives its answer; None where it asks none that is known."""
    if not isinstance(call.func, ast.Attribute | ast.Name):
        return None
    callees = flow.values(call.func, frame)
    if call.args and any(isinstance(value, Foreign) and value.name in THREADS for value in callees):
        callees = flow.values(call.args[0], frame)
    for value in callees:
        name = value.name if isinstance(value, Foreign) else ""
        if not name.startswith(_MODEL):
            continue
        if name.endswith(_CREATES):
            return Way.STREAMED if _asks_stream(flow, call, frame) else Way.WHOLE
        if name.endswith(_WHOLE):
            return Way.WHOLE
        if name.endswith(_STREAMS):
            whole = _asks_whole(flow, call, frame) or _by_node(flow, call, frame, name)
            return Way.WHOLE if whole else Way.STREAMED
    return None


def _asks_stream(flow: Flow, call: ast.Call, frame: Frame) -> bool:
    given = argument(call, "stream", None)
    literals = flow.constants(given, frame) if given is not None else ()
    return literals is None or True in literals


def _by_node(flow: Flow, call: ast.Call, frame: Frame, name: str) -> bool:
    """A LangGraph graph streams what whole nodes give unless `stream_mode` asks for messages or custom events."""
    if not name.startswith("langgraph.") or not name.endswith((".astream", ".stream")):
        return False
    given = argument(call, "stream_mode", None)
    if given is None:
        return not any(keyword.arg is None for keyword in call.keywords)
    modes = [
        value.value for value in walk(flow, [(given, frame)]) if isinstance(value, Constant) and value.value is not None
    ]
    return bool(modes) and not {"messages", "custom", "messages-tuple", "events"} & {str(mode) for mode in modes}


def _asks_whole(flow: Flow, call: ast.Call, frame: Frame) -> bool:
    """google-adk streams only where `run_config` says so."""
    given = argument(call, "run_config", None)
    values = walk(flow, [(given, frame)]) if given is not None else ()
    return any(isinstance(value, Foreign) and value.name.endswith(".StreamingMode.NONE") for value in values)


def _sent(integration: Integration, endpoint: Endpoint) -> frozenset[ast.AST]:
    return frozenset(_nodes(integration, endpoint))


def _nodes(integration: Integration, endpoint: Endpoint) -> Iterator[ast.AST]:
    for value in walk(integration.flow, list(integration.once(leak.sent, endpoint))):
        node = getattr(value, "node", None)
        if isinstance(node, ast.AST) and not isinstance(value, Constant):
            yield node
