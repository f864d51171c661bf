"""What is known before the stream starts, and what catches errors while it runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, FunctionValue, Generated, Instance
from chatkit_validate.flow.blocks import expressions, inside
from chatkit_validate.flow.exceptions import broad
from chatkit_validate.integration import body, response, serving
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

LOOKUPS = ("load_thread", "load_attachment")


@dataclass(frozen=True, slots=True)
class Preflight:
    """Store lookups that the handler makes itself before `process()`.

    Attributes:
        checked: The lookups made, by method name, with where.
        told: Where an error inside the stream is caught and sent as an event; None where nothing does.
    """

    checked: dict[str, Place]
    told: Place | None


def read(integration: Integration, endpoint: Endpoint) -> Preflight:
    """What the endpoint checks before it streams; ask through `Integration.once`."""
    checked: dict[str, Place] = {}
    for called in body.before(integration, endpoint, depth=4):
        for name in LOOKUPS:
            if name not in checked and _is_lookup(integration, called, name):
                checked[name] = called.frame.place(called.node)
    return Preflight(checked, next(_told(integration, endpoint), None))


def _is_lookup(integration: Integration, called: Called, name: str) -> bool:
    for callee in called.callees:
        match callee:
            case FunctionValue(function=function, receiver=Instance(cls=cls)) if function.name == name:
                if serving.is_store(integration, cls):
                    return True
            case Foreign(name=path) if path.endswith(f".store.{name}") or path == f"{serving.STORE}().{name}":
                return True
            case _:
                continue
    return isinstance(called.node.func, ast.Attribute) and called.node.func.attr == name and _of_store(called.node)


def _of_store(node: ast.Call) -> bool:
    """`server.store.load_thread(...)` on a server whose store is only known to the library."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return isinstance(owner, ast.Attribute) and owner.attr == "store"


def _told(integration: Integration, endpoint: Endpoint) -> Iterator[Place]:
    """Generators around the result that send an event when it breaks."""
    flow = integration.flow
    for reply in integration.once(response.streams, endpoint):
        for value in flow.values(reply.content, reply.frame) if reply.content is not None else ():
            if isinstance(value, Generated):
                yield from _sending(flow, value.frame)
    for cls in serving.classes(endpoint):
        for name in ("process", "process_streaming", "_process_streaming"):
            method = flow.hierarchy.method(cls, name)
            if method is not None:
                yield from _sending(flow, flow.enter(FunctionValue(method, None), None, None))


def _sending(flow: Flow, frame: Frame) -> Iterator[Place]:
    for statement in inside(frame.function.node.body) if frame.function else ():
        for handler in statement.handlers if isinstance(statement, ast.Try) else ():
            sends = any(isinstance(node, ast.Yield) for item in handler.body for node in expressions(item))
            if sends and broad(flow, handler, frame):
                yield frame.place(handler)
