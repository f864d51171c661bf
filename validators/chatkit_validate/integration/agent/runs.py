"""The calls of models that a turn makes, and which of them its answer comes from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Generated, reachable
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.calls import returns
from chatkit_validate.flow.influence import walk
from chatkit_validate.integration import run
from chatkit_validate.integration.agent.tracing import keyword
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.source import Place

_SDK = (".Runner.run", ".Runner.run_sync", ".Runner.run_streamed")
_CLONES = 6
_INPUTS = ("messages", "input", "contents", "prompt", "new_message")


@dataclass(frozen=True, slots=True, eq=False)
class ModelRun:
    """A call of a model.

    Attributes:
        call: The call.
        frame: Where it is made.
        name: What is called, e.g. `agents.Runner.run_streamed`.
        sdk: Whether it is the Agents SDK's Runner.
        streamed: Whether its answer is read piece by piece.
        sent: Whether what it gives takes part in an event that the turn sends.
    """

    call: ast.Call
    frame: Frame
    name: str
    sdk: bool
    streamed: bool
    sent: bool

    @property
    def where(self) -> Place:
        """The call."""
        return self.frame.place(self.call)


def runs(integration: Integration, turn: Turn) -> tuple[ModelRun, ...]:
    """The calls of models in the turn, in order of discovery; ask through `Integration.once`."""
    found: dict[ast.Call, tuple[Called, str]] = {}
    for called in turn.reached:
        name = _model(integration.flow, called)
        if name:
            found.setdefault(called.node, (called, name))
    if not found:
        return ()
    used = frozenset(_sent(integration.flow, turn))
    return tuple(
        ModelRun(
            node,
            called.frame,
            name,
            name.endswith(_SDK),
            run.way_of(integration.flow, node, called.frame) is run.Way.STREAMED or name.endswith(".run_streamed"),
            node in used,
        )
        for node, (called, name) in found.items()
    )


def answering(integration: Integration, turn: Turn) -> tuple[ModelRun, ...]:
    """The runs that the answer comes from; all of them where what is sent cannot be followed to one.

    A run beside it, for a title say, is none.
    """
    known = integration.once(runs, turn)
    return tuple(one for one in known if one.sent) or known


def _model(flow: Flow, called: Called) -> str:
    for callee in called.callees:
        name = callee.name if isinstance(callee, Foreign) else ""
        if name.endswith(_SDK) and name.startswith("agents."):
            return name
    if any(isinstance(callee, Foreign) and "Runner.run" in callee.name for callee in called.callees):
        # `result.stream_events()` reads a run that is already known.
        return ""
    if run.way_of(flow, called.node, called.frame) is None:
        return ""
    return next((callee.name for callee in called.callees if isinstance(callee, Foreign)), "a model")


def given(flow: Flow, one: ModelRun) -> tuple[tuple[ast.expr, Frame], ...]:
    """The expressions of the run's input."""
    if one.sdk:
        found = keyword(flow, one.call, "input", 1, one.frame)
        return (found,) if found else ()
    named = [keyword(flow, one.call, name, None, one.frame) for name in _INPUTS]
    first = [(node, one.frame) for node in one.call.args[:1]]
    return tuple(found for found in (*named, *first) if found is not None)


def agents(flow: Flow, one: ModelRun) -> Iterator[tuple[ast.Call, Frame]]:
    """The calls that make the agent that an SDK run starts with, `clone()` before what it is made from."""
    agent = keyword(flow, one.call, "starting_agent", 0, one.frame) if one.sdk else None
    for value in flow.values(*agent) if agent else ():
        current: Value | None = value
        for _ in range(_CLONES):
            node, frame = getattr(current, "node", None), getattr(current, "frame", None)
            if isinstance(node, ast.Call) and frame is not None:
                yield node, frame
            current = getattr(current, "base", None)


def instructions(flow: Flow, one: ModelRun) -> Iterator[tuple[ast.expr, Frame]]:
    """The instructions of the agent that the run starts with, or of the call itself."""
    for name in ("instructions", "system", "system_instruction"):
        if held := keyword(flow, one.call, name, None, one.frame):
            yield held
    for node, frame in agents(flow, one):
        if held := keyword(flow, node, "instructions", None, frame):
            yield held


def _sent(flow: Flow, turn: Turn) -> Iterator[ast.AST]:
    for value in walk(flow, list(sent(flow, turn))):
        node = getattr(value, "node", None)
        if isinstance(node, ast.AST) and not isinstance(value, Constant):
            yield node


def frames(integration: Integration, turn: Turn) -> tuple[Frame, ...]:
    """The frames of the turn's own code and of every function it runs, each function once; ask through `once`."""
    found = {frame.function: frame for frame in turn.frames}
    for called in turn.reached:
        found.setdefault(called.frame.function, called.frame)
    for called in turn.reached:
        # A function that calls nothing is in no other call's frame.
        for inner in reachable.entered(integration.flow, called.callees, called.node, called.frame):
            found.setdefault(inner.function, inner)
    return tuple(found.values())


def sent(flow: Flow, turn: Turn) -> Iterator[tuple[ast.expr, Frame]]:
    """The expressions that the turn yields, in `respond()` and in the generators that it passes on."""
    pending = list(turn.frames)
    seen = set(pending)
    for frame in pending:
        if frame.function is None:
            continue
        passed_on = [value for value in returns(frame.function) if value is not None]
        for node in own_nodes(frame.function):
            match node:
                case ast.Yield(value=ast.expr() as event) | ast.YieldFrom(value=event):
                    yield event, frame
                case ast.For(iter=source) | ast.AsyncFor(iter=source) | ast.withitem(context_expr=source):
                    passed_on.append(source)
                case _:
                    continue
        for value in (value for source in passed_on for value in flow.values(source, frame)):
            if isinstance(value, Generated) and value.frame not in seen:
                seen.add(value.frame)
                pending.append(value.frame)
