"""The turns of the servers that the application runs, all that runs in them, and the model runs they answer with."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import Foreign, FunctionValue, Instance, Part, Structure, reachable
from chatkit_validate.integration.agent import runs
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.model import Integration, Server
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.names import Class, Function
    from chatkit_validate.source import Place

# Methods of the server beside respond() that answer with a stream, or that a page calls in the middle of a turn.
_ANSWERS = ("action", "sync_action")
# Classes of the libraries whose methods, overridden in the project, run within a turn.
_CALLED_BACK = ("agents.RunHooks", "agents.AgentHooks", "agents.lifecycle.", "chatkit.agents.", "agents.Session")


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What one server class that the application runs does in a turn.

    Attributes:
        name: Class and method, e.g. `TaskServer.respond`.
        where: The class's definition.
        server: The class.
        turn: Its `respond()`.
        entries: The frames in which it is entered: `respond()`, `action()`, tools, what libraries call back.
        reached: Every call that can be made from there.
    """

    kind: ClassVar[str] = "turn"
    name: str
    where: Place
    server: Server
    turn: Turn
    entries: tuple[Frame, ...]
    reached: tuple[Called, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A call of a model that a turn's answer comes from, or that runs beside it.

    Attributes:
        name: The turn's name.
        where: The call; the turn where no model is called.
        turns: The turns that make it, each with its reading of the call.
    """

    kind: ClassVar[str] = "turn"
    name: str
    where: Place
    turns: tuple[tuple[Turn, ModelRun], ...]


def turns(integration: Integration, _root: str) -> tuple[Turn, ...]:
    """The turns of the server classes that answer the endpoints; all where these cannot be followed."""
    known: tuple[Turn, ...] = integration.subjects("turn")  # type: ignore[assignment]
    used = {server for endpoint in integration.served for one in endpoint.processings for server in one.servers}
    lost = any(not one.servers for endpoint in integration.served for one in endpoint.processings)
    serving = tuple(turn for turn in known if class_of(turn) in used)
    return serving if serving and not lost else known


def class_of(turn: Turn) -> Class | None:
    """The server class whose turn it is."""
    return next((frame.receiver.cls for frame in turn.frames if isinstance(frame.receiver, Instance)), None)


def served(integration: Integration, _root: str) -> tuple[Served, ...]:
    """The subjects of rules about whole turns; ask through `Integration.once`."""
    found = []
    for turn in integration.once(turns, integration.root):
        server = next((one for one in integration.servers if one.cls is class_of(turn)), None)
        if server is not None:
            entries = tuple(_entries(integration, server, turn))
            found.append(Served(turn.name, server.where, server, turn, entries, _reached(integration.flow, entries)))
    return tuple(found)


def model_runs(integration: Integration, _root: str) -> tuple[Run, ...]:
    """The subjects of rules about single runs; ask through `Integration.once`."""
    found: dict[object, list[tuple[Turn, ModelRun]]] = {}
    silent = []
    for turn in integration.once(turns, integration.root):
        known = integration.once(runs.runs, turn)
        for one in known:
            found.setdefault(one.call, []).append((turn, one))
        if not known:
            silent.append(Run(turn.name, turn.where, ()))
    told = [Run(pairs[0][0].name, pairs[0][1].where, tuple(pairs)) for pairs in found.values()]
    return (*told, *silent)


def _entries(integration: Integration, server: Server, turn: Turn) -> Iterator[Frame]:
    flow = integration.flow
    seen: set[Function | None] = {frame.function for frame in turn.frames}
    yield from turn.frames
    receiver = turn.frames[0].receiver if turn.frames else None
    for name in _ANSWERS:
        method = flow.hierarchy.method(server.cls, name)
        if method is not None and method not in seen:
            seen.add(method)
            yield flow.entry(method, receiver)
    for tool in turn.tools:
        if tool.function not in seen:
            seen.add(tool.function)
            yield flow.entry(tool.function)
    for value in _called_back(flow, turn.reached):
        for function in value.cls.scope.functions:
            if function not in seen and not function.name.startswith("__"):
                seen.add(function)
                yield flow.entry(function, value)
    for given in _dispatched(flow, turn.reached):
        if given.function not in seen:
            seen.add(given.function)
            yield flow.entry(given.function, given.receiver)


def _called_back(flow: Flow, reached: Iterable[Called]) -> Iterator[Instance]:
    """Objects of the project that a library's call is given or made on, and whose methods it calls."""
    for called in reached:
        for callee in called.callees:
            if isinstance(callee, Foreign) and isinstance(callee.base, Instance) and _is_hook(flow, callee.base):
                yield callee.base
            if not isinstance(callee, Foreign) or not callee.name.startswith(("agents.", "chatkit.")):
                continue
            for keyword in called.node.keywords:
                if keyword.arg in {"hooks", "converter", "session"}:
                    for value in flow.values(keyword.value, called.frame):
                        if isinstance(value, Instance) and _is_hook(flow, value):
                            yield value


def _is_hook(flow: Flow, value: Instance) -> bool:
    return any(name.startswith(_CALLED_BACK) for name in flow.hierarchy.outside(value.cls))


def _dispatched(flow: Flow, reached: Iterable[Called]) -> Iterator[FunctionValue]:
    """The functions of a dictionary that one is looked up in and called: `TOOLS[call.name](**arguments)`."""
    for called in reached:
        for callee in called.callees:
            base: Value | None = callee
            while isinstance(base, Part):
                base = base.base
            if base is not callee and isinstance(base, Structure) and isinstance(base.node, ast.Dict):
                for item in base.node.values:
                    for value in flow.values(item, base.frame):
                        if isinstance(value, FunctionValue):
                            yield value


def _reached(flow: Flow, entries: Iterable[Frame]) -> tuple[Called, ...]:
    found: dict[tuple[object, object], Called] = {}
    for entry in entries:
        for called in reachable.calls(flow, entry):
            found.setdefault((called.node, called.frame.receiver), called)
    return tuple(found.values())


def frames(integration: Integration, one: Served) -> tuple[Frame, ...]:
    """The frames of all code that runs in the turn, each function once; ask through `Integration.once`."""
    found = {frame.function: frame for frame in one.entries}
    for called in one.reached:
        found.setdefault(called.frame.function, called.frame)
    for called in one.reached:
        for inner in reachable.entered(integration.flow, called.callees, called.node, called.frame):
            found.setdefault(inner.function, inner)
    return tuple(found.values())
