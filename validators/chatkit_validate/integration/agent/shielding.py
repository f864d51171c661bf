"""Whether the part of an answer that was sent survives a client that leaves."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, FunctionValue, Generated, Instance, Opaque, reachable
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration import serving
from chatkit_validate.integration.agent import runs
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.storage import stores
from chatkit_validate.names import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Class, Function
    from chatkit_validate.source import Place

_METHOD = "handle_stream_cancelled"
_LOCKS = ("asyncio.Lock()", "asyncio.Semaphore()", "anyio.Lock()", "contextlib.nullcontext()", "asyncio.Condition()")
_SHIELDS = ("asyncio.shield", "asyncio.create_task", "asyncio.ensure_future")


class Guard(Enum):
    """What the server does for an answer whose reader leaves."""

    SHIELDED = "shielded"
    UNSHIELDED = "overridden without a shield"
    MISFIT = "overridden with other parameters"
    INHERITED = "left to the library"


def streaming(integration: Integration, one: Served) -> Place | None:
    """The run whose text the turn sends piece by piece; None where there is none."""
    return next((run.where for run in runs.answering(integration, one.turn) if run.streamed), None)


def guard(integration: Integration, one: Served) -> tuple[Guard, Place]:
    """What becomes of `handle_stream_cancelled`, and where that stands."""
    flow = integration.flow
    method = flow.hierarchy.method(one.server.cls, _METHOD)
    if method is None:
        return Guard.INHERITED, one.server.where
    where = method.module.place(method.node)
    if not _fits(method):
        return Guard.MISFIT, where
    frame = flow.entry(method, one.turn.frames[0].receiver if one.turn.frames else None)
    for inner in (frame, *_entered(flow, frame)):
        for node in own_nodes(inner.function) if inner.function else ():
            if isinstance(node, ast.Call) and _shields(flow, node, inner):
                return Guard.SHIELDED, inner.place(node)
    return Guard.UNSHIELDED, where


def _entered(flow: Flow, frame: Frame) -> Iterator[Frame]:
    for called in reachable.calls(flow, frame, depth=3):
        yield from reachable.entered(flow, called.callees, called.node, called.frame)


def _fits(method: Function) -> bool:
    """Whether it can be called as the library does: with the thread, the pending items and the context."""
    spec = method.node.args
    taken = len([*spec.posonlyargs, *spec.args]) - 1
    needed = taken - len(spec.defaults)
    return (taken >= 3 or spec.vararg is not None) and needed <= 3 and len(list(arguments(method.node))) > 1


def _shields(flow: Flow, node: ast.Call, frame: Frame) -> bool:
    for keyword in node.keywords:
        if keyword.arg == "shield":
            return True in (flow.constants(keyword.value, frame) or ())
    return any(isinstance(value, Foreign) and value.name in _SHIELDS for value in flow.values(node.func, frame))


def waits(integration: Integration, one: Served) -> Evidence[Place]:
    """Where the server's store really waits while it writes an item; Absent where no store of it does."""
    flow = integration.flow
    known, named = _stores(integration, one)
    if not known:
        if any("memory" in name.lower() for name in named):
            return Absent(one.where)
        return Unresolved("No store class of the project is given to the server", one.where)
    for store in known:
        method = flow.hierarchy.method(store.cls, "add_thread_item")
        if method is None:
            return Unresolved(f"How {store.cls.name} writes an item cannot be read", one.where)
        place = next(_waiting(flow, flow.entry(method, store)), None)
        if place is not None:
            return Found(place, place)
    return Absent(known[0].cls.module.place(known[0].cls.node))


def _stores(integration: Integration, one: Served) -> tuple[list[Instance], list[str]]:
    """The store objects that the server is made with, and the names of what libraries give it."""
    found: dict[Class, Instance] = {}
    named: list[str] = []
    servers = [
        value
        for endpoint in integration.served
        for processing in endpoint.processings
        for value in integration.flow.values(processing.receiver, processing.frame)
        if isinstance(value, Instance) and value.cls is one.server.cls
    ]
    for value in (given for server in servers for given in serving.given(integration, server)):
        if isinstance(value, Instance) and integration.flow.hierarchy.is_a(value.cls, serving.STORE):
            found.setdefault(value.cls, value)
        elif isinstance(value, Foreign):
            named.append(value.name)
    if not found:
        others = (store for store in integration.once(stores.stores, integration.root) if store.derived)
        found = {store.cls: store.made for store in others}
    return list(found.values()), named


def _waiting(flow: Flow, start: Frame) -> Iterator[Place]:
    seen = {start.function}
    queue = [start]
    for frame in queue:
        for node in own_nodes(frame.function) if frame.function else ():
            if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
                if _suspends(flow, node.value, frame):
                    yield frame.place(node)
            elif isinstance(node, ast.AsyncWith | ast.AsyncFor):
                sources = [one.context_expr for one in node.items] if isinstance(node, ast.AsyncWith) else [node.iter]
                if any(_foreign(flow, source, frame) for source in sources):
                    yield frame.place(sources[0])
        for called in reachable.calls(flow, frame, depth=0):
            for inner in reachable.entered(flow, called.callees, called.node, called.frame):
                if inner.function not in seen and len(queue) < 60:
                    seen.add(inner.function)
                    queue.append(inner)


def _suspends(flow: Flow, call: ast.Call, frame: Frame) -> bool:
    callees = flow.values(call.func, frame)
    if any(isinstance(value, FunctionValue | Generated) for value in callees):
        return False  # The project's own coroutine waits where it awaits something itself.
    return any(
        (isinstance(value, Foreign) and not value.name.startswith(_LOCKS)) or not isinstance(value, Foreign | Opaque)
        for value in callees
    ) or any(isinstance(value, Opaque) for value in callees)


def _foreign(flow: Flow, source: ast.expr, frame: Frame) -> bool:
    return any(
        isinstance(value, Foreign)
        and not value.name.startswith(_LOCKS)
        and not any(word in value.name.lower() for word in ("lock", "session"))
        for value in flow.values(source, frame)
    )
