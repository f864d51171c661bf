"""Whether the new message stands in what the model reads beside a history that holds it already."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Frame, FunctionValue
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.influence import passed
from chatkit_validate.integration.agent import history, runs
from chatkit_validate.integration.agent.tracing import Trace
from chatkit_validate.names import arguments
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.agent.history import Load
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.names import Class
    from chatkit_validate.source import Place

# Parts of a message that are not its text.
_BESIDE = frozenset(
    {"id", "thread_id", "created_at", "inference_options", "attachments", "quoted_text", "type", "model_config"}
)
_COMPARES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)


@dataclass(frozen=True, slots=True)
class Repetition:
    """The new message beside a history that holds it.

    Attributes:
        where: The input of the model.
        message: The parameter of `respond()` that holds the message.
    """

    where: Place
    message: Place


def repeated(integration: Integration, turn: Turn, one: ModelRun, loads: tuple[Load, ...]) -> Repetition | None:
    """Where the new message's text goes into the run beside the history of `loads`; None where it does not.

    None too where the code tells the stored message from the new one, by its id or its text, or leaves the last
    item out.
    """
    traced = integration.once(history.reading, one)
    place = next(_texts(turn, traced), None)
    if place is None or any(_without_last(value, loads) for value in traced.values()):
        return None
    if _tells_apart(integration, turn, loads):
        return None
    given = next(iter(runs.given(integration.flow, one)), None)
    return Repetition(given[1].place(given[0]) if given else one.where, place)


def remembered(integration: Integration, turn: Turn, one: ModelRun) -> Repetition | None:
    """As `repeated`, for a memory of the application's own that is given the message before it is asked."""
    traced = integration.once(history.reading, one)
    place = next(_texts(turn, traced), None)
    if place is None:
        return None
    parameters = {node for node, _ in messages(turn)}
    asked = dict(_asked(turn, traced))
    for called in turn.reached:
        if called.frame not in turn.frames:
            continue
        for callee in called.callees:
            owner = callee.function.owner if isinstance(callee, FunctionValue) else None
            if owner is None or called.node.lineno >= asked.get(owner, 0):
                continue
            given = [(part, called.frame) for part in passed(called.node)]
            told = Trace(integration.flow, given).met
            if any(getattr(met.value, "node", None) in parameters and met.taken not in _BESIDE for met in told):
                return Repetition(called.frame.place(called.node), place)
    return None


def _asked(turn: Turn, traced: Trace) -> Iterator[tuple[Class, int]]:
    """The classes of the application whose methods `respond()` asks for what the model reads, and where it does."""
    for value in traced.values():
        frame = getattr(value, "frame", None)
        while isinstance(frame, Frame) and frame.caller is not None:
            owner = frame.function.owner if frame.function else None
            if owner is not None and frame.caller in turn.frames and isinstance(frame.call, ast.Call):
                yield owner, frame.call.lineno
            frame = frame.caller


def messages(turn: Turn) -> tuple[tuple[ast.arg, Frame], ...]:
    """The parameter of `respond()` that holds the user's new message, in each of the turn's frames."""
    found = []
    for frame in turn.frames:
        parameters = list(arguments(frame.function.node)) if frame.function else []
        if len(parameters) > 2:
            found.append((parameters[2], frame))
    return tuple(found)


def _texts(turn: Turn, traced: Trace) -> Iterator[Place]:
    parameters = {node for node, _ in messages(turn)}
    for met in traced.met:
        node, frame = getattr(met.value, "node", None), getattr(met.value, "frame", None)
        if node in parameters and met.taken not in _BESIDE and isinstance(frame, Frame):
            yield frame.place(node)


def _without_last(value: Value, loads: tuple[Load, ...]) -> bool:
    """`items[:-1]` of an ascending history, `page.data[1:]` of a descending one."""
    node = getattr(value, "node", None)
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return False
    lower, upper = node.slice.lower, node.slice.upper
    last = isinstance(upper, ast.UnaryOp) and isinstance(upper.op, ast.USub)
    first = isinstance(lower, ast.Constant) and lower.value == 1
    return (last or first) and any(_from(value, load) for load in loads)


def _from(value: Value | None, load: Load) -> bool:
    for _ in range(8):
        if value is None:
            return False
        if getattr(value, "node", None) is load.call:
            return True
        node = getattr(value, "node", None)
        if isinstance(node, ast.Call) and node.args:
            return True
        value = getattr(value, "base", None)
    return False


def _tells_apart(integration: Integration, turn: Turn, loads: tuple[Load, ...]) -> bool:
    """Whether the turn compares something of the loaded items with something of the new message."""
    flow = integration.flow
    # What the model answers is made from both.
    answers = frozenset(one.call for one in integration.once(runs.runs, turn))
    parameters = {node for node, _ in messages(turn)}
    calls = {load.call for load in loads}
    for frame in integration.once(runs.frames, turn):
        for node in own_nodes(frame.function) if frame.function else ():
            if not isinstance(node, ast.Compare) or not all(isinstance(op, _COMPARES) for op in node.ops):
                continue
            sides = (node.left, *node.comparators)
            if any(isinstance(side, ast.Constant) for side in sides):
                continue
            met = [_sources(flow, side, frame, answers) for side in sides]
            if any(parameters & one for one in met) and any(calls & one for one in met):
                return True
    return False


def _sources(flow: Flow, node: ast.expr, frame: Frame, closed: frozenset[ast.AST]) -> set[ast.AST]:
    found: set[ast.AST] = set()
    for value in Trace(flow, [(node, frame)], closed).values():
        if isinstance(stated := getattr(value, "node", None), ast.AST):
            found.add(stated)
        inner = getattr(value, "frame", None)
        while isinstance(inner, Frame):
            if isinstance(inner.call, ast.Call):
                found.add(inner.call)
            inner = inner.caller
    return found
