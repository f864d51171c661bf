"""Where a request reaches ChatKit: calls of `process()` on a server, and the handlers that make them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Instance, Opaque, Parameter, Part, Structure, reachable
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.influence import influences
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.names import Class, Function
    from chatkit_validate.source import Place

SERVER = "chatkit.server.ChatKitServer"
RESULT = f"{SERVER}().process()"
_REQUEST = "starlette.requests.Request()"


@dataclass(frozen=True, slots=True, eq=False)
class Processing:
    """A call of `process()` on a ChatKit server.

    Attributes:
        call: The call.
        frame: The frame it is made in; its callers lead back to the handler.
        receiver: The expression the server is taken from.
        servers: The server classes it may run on; empty where the receiver cannot be followed to a class.
    """

    call: ast.Call
    frame: Frame
    receiver: ast.expr
    servers: tuple[Class, ...]

    @property
    def where(self) -> Place:
        """Where the call stands."""
        return self.frame.place(self.call)

    @property
    def body(self) -> ast.expr | None:
        """The expression passed as the request."""
        for keyword in self.call.keywords:
            if keyword.arg == "request":
                return keyword.value
        return self.call.args[0] if self.call.args else None

    @property
    def context(self) -> ast.expr | None:
        """The expression passed as the context."""
        for keyword in self.call.keywords:
            if keyword.arg == "context":
                return keyword.value
        return self.call.args[1] if len(self.call.args) > 1 else None


def is_server(flow: Flow, cls: Class) -> bool:
    """Whether `cls` derives from the library's ChatKitServer."""
    if flow.hierarchy.is_a(cls, SERVER):
        return True
    outside = flow.hierarchy.outside(cls)
    return any(name.endswith("ChatKitServer") for name in outside) and flow.hierarchy.method(cls, "respond") is not None


def find(flow: Flow, frame: Frame, carriers: frozenset[Function]) -> Iterator[Processing]:
    """The `process()` calls that running `frame` makes, itself or in functions it calls.

    Args:
        flow: The engine.
        frame: The handler's frame.
        carriers: Functions whose text holds a `.process(` call: nothing else needs to be followed.
    """
    function = frame.function
    if function is None:
        return
    if function in carriers:
        yield from own(flow, frame)
    others = carriers - {function}
    if not others:
        return
    for called in reachable.calls(flow, frame, depth=4):
        for inner in reachable.entered(flow, called.callees, called.node, called.frame):
            if inner.function in others:
                yield from own(flow, inner)


def own(flow: Flow, frame: Frame) -> Iterator[Processing]:
    """The `process()` calls in the frame's own body."""
    for node in reachable.own_calls(frame):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "process":
            servers = tuple(_servers(flow, node.func.value, frame))
            if _composed(flow, node, frame):
                continue
            if servers or _looks_served(flow, node, frame):
                yield Processing(node, frame, node.func.value, servers)


def _composed(flow: Flow, node: ast.Call, frame: Frame) -> bool:
    """Whether the program writes the request itself, its type included: no client's request is handed on."""
    given = node.args[0] if node.args else next((item.value for item in node.keywords if item.arg == "request"), None)
    values = flow.values(given, frame) if given is not None else ()
    return bool(values) and all(_states_type(flow, value) for value in values)


def _states_type(flow: Flow, value: Value) -> bool:
    while isinstance(value, Foreign) and value.name.endswith(".encode()") and value.base is not None:
        value = value.base
    if not isinstance(value, Foreign) or not value.name.endswith("dumps()") or value.frame is None:
        return isinstance(value, Foreign) and value.base is not None and _states_type(flow, value.base)
    call = value.node
    held = flow.values(call.args[0], value.frame) if isinstance(call, ast.Call) and call.args else ()
    return bool(held) and all(
        isinstance(one, Structure)
        and isinstance(one.node, ast.Dict)
        and any(
            isinstance(key, ast.Constant) and key.value == "type" and isinstance(item, ast.Constant)
            for key, item in zip(one.node.keys, one.node.values, strict=True)
        )
        for one in held
    )


def _servers(flow: Flow, receiver: ast.expr, frame: Frame) -> Iterator[Class]:
    seen: set[Class] = set()
    for value in flow.values(receiver, frame):
        if isinstance(value, Instance) and value.cls not in seen and is_server(flow, value.cls):
            seen.add(value.cls)
            yield value.cls


def _looks_served(flow: Flow, node: ast.Call, frame: Frame) -> bool:
    """Whether an unresolved receiver is handed the request's raw body: what only ChatKit's `process()` takes."""
    assert isinstance(node.func, ast.Attribute)  # noqa: S101 - narrows for the type checker
    receivers = flow.values(node.func.value, frame)
    if any(isinstance(value, Foreign) and value.name.startswith(SERVER) for value in receivers):
        return True
    if not any(isinstance(value, Opaque | Parameter | Part | Foreign) for value in receivers):
        return False
    body = node.args[0] if node.args else next((item.value for item in node.keywords if item.arg == "request"), None)
    if body is None:
        return False
    return any(
        isinstance(value, Foreign) and value.name.startswith(f"{_REQUEST}.body")
        for value in influences(flow, body, frame)
    )


def carriers(functions: Iterator[Function]) -> frozenset[Function]:
    """Those of `functions` whose own body holds a call `x.process(...)`."""
    found = set()
    for function in functions:
        for node in own_nodes(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "process":
                found.add(function)
    return frozenset(found)
