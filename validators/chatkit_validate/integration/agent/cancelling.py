"""Whether a streamed run ends when nobody reads the turn any longer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Frame, FunctionValue
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration.agent import runs
from chatkit_validate.integration.evidence import Absent, Evidence, Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

_RESULT = "agents.RunResultStreaming()"
_LEAVING = frozenset({"CancelledError", "GeneratorExit", "BaseException"})
_EXITS = frozenset({"__aexit__", "__exit__"})
_CALLBACKS = frozenset({"callback", "push_async_callback"})


def cancelled(integration: Integration, turn: Turn, one: ModelRun) -> Evidence[Place]:
    """Where the run is cancelled whichever way the turn is left; Absent where it is not."""
    flow = integration.flow
    for frame in integration.once(runs.frames, turn):
        for call in _calls(frame):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "cancel":
                if _is_run(flow, call.func.value, frame, one) and _always(call, frame):
                    return Found(frame.place(call), frame.place(call))
            elif isinstance(call.func, ast.Attribute) and call.func.attr in _CALLBACKS and call.args:
                # `stack.callback(result.cancel)`
                if _cancels(flow, call.args[0], frame, one):
                    return Found(frame.place(call), frame.place(call))
            elif _always(call, frame) and any(_stops(flow, value, one) for value in flow.values(call.func, frame)):
                return Found(frame.place(call), frame.place(call))
    return Absent(one.where)


def _calls(frame: Frame) -> Iterator[ast.Call]:
    for node in own_nodes(frame.function) if frame.function else ():
        if isinstance(node, ast.Call):
            yield node


def _is_run(flow: Flow, receiver: ast.expr, frame: Frame, one: ModelRun) -> bool:
    return any(
        getattr(value, "node", None) is one.call or (isinstance(value, Foreign) and value.name == _RESULT)
        for value in flow.values(receiver, frame)
    )


def _cancels(flow: Flow, given: ast.expr, frame: Frame, one: ModelRun) -> bool:
    if isinstance(given, ast.Attribute) and given.attr == "cancel":
        return _is_run(flow, given.value, frame, one)
    return any(_stops(flow, value, one) for value in flow.values(given, frame))


def _stops(flow: Flow, value: Value, one: ModelRun) -> bool:
    """Whether the function `value` cancels a run; `result.cancel` that was passed on is one."""
    if isinstance(value, Foreign) and value.name.endswith(".cancel"):
        return getattr(value.base, "node", None) is one.call or value.name.startswith(_RESULT)
    if not isinstance(value, FunctionValue):
        return False
    inner = flow.entry(value.function, value.receiver)
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "cancel"
        and (_is_run(flow, call.func.value, inner, one) or _named(call.func.value))
        for call in _calls(inner)
    )


def _named(receiver: ast.expr) -> bool:
    """A parameter that is called like a run: what it is given cannot be seen from here."""
    return isinstance(receiver, ast.Name) and receiver.id in {"result", "run", "run_result", "streamed", "stream"}


def _always(call: ast.Call, frame: Frame) -> bool:
    """Whether the call runs also where the turn is left in its middle: in `finally`, or where that is caught."""
    current: Frame | None = frame
    node: ast.AST = call
    while current is not None and current.function is not None:
        function = current.function
        if function.name in _EXITS or _within_leaving(node, function):
            return True
        if not isinstance(current.call, ast.AST):
            return False
        node, current = current.call, current.caller
    return False


def _within_leaving(node: ast.AST, function: Function) -> bool:
    parents = function.parents
    below, above = node, parents.get(node)
    while above is not None:
        if isinstance(above, ast.Try | ast.TryStar) and any(below is one for one in above.finalbody):
            return True
        if isinstance(above, ast.ExceptHandler) and _leaving(above.type):
            return True
        below, above = above, parents.get(above)
    return False


def _leaving(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in ast.walk(caught)}
    return not names.isdisjoint(_LEAVING)
