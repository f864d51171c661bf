"""The way in: an endpoint, or a server that no endpoint reaches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, reachable
from chatkit_validate.integration import modules
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.integration.model import Endpoint, Integration, Server
    from chatkit_validate.source import Place


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An endpoint, or a server without one.

    Attributes:
        kind: `endpoint` or `server`.
        name: Of the endpoint or the server.
        where: Where it is defined.
        endpoint: The endpoint; None for a server that no route reaches.
        called: Whether another endpoint's handler calls this one's.
        unread: A `process()` whose server cannot be followed, and may be this one; None where there is none.
    """

    kind: str
    name: str
    where: Place
    endpoint: Endpoint | None
    called: bool = False
    unread: Place | None = None


def entries(integration: Integration) -> tuple[Entry, ...]:
    """One entry for each endpoint, and one for each server that is built and that no endpoint runs."""
    hierarchy = integration.flow.hierarchy
    run = {cls for endpoint in integration.endpoints for item in endpoint.processings for cls in item.servers}
    bases = {base for cls in run for base in hierarchy.order(cls)}
    bases |= {base for server in integration.servers for base in hierarchy.order(server.cls)[1:]}
    idle = [server for server in integration.servers if server.cls not in run and server.cls not in bases]
    if integration.endpoints:
        idle = [server for server in idle if _is_built(integration, server)]
    unread = next(
        (item.where for endpoint in integration.endpoints for item in endpoint.processings if not item.servers), None
    )
    return (
        *(_entry(integration, endpoint) for endpoint in integration.served),
        *(_without(server, unread) for server in idle),
    )


def _is_built(integration: Integration, server: Server) -> bool:
    """Whether a module the application reaches makes an object of the class; dead alternatives are no fault."""
    flow = integration.flow
    for module in integration.once(modules.modules, integration.root):
        if f"{server.cls.name}(" not in module.file.text:
            continue
        for frame, call in integration.routing.calls(module):
            callees = flow.values(call.func, frame) if _named(call.func, server.cls.name) else ()
            if any(isinstance(callee, ClassValue) and callee.cls is server.cls for callee in callees):
                return True
    return False


def _named(function: ast.expr, name: str) -> bool:
    return (isinstance(function, ast.Name) and function.id == name) or (
        isinstance(function, ast.Attribute) and function.attr == name
    )


def _without(server: Server, unread: Place | None) -> Entry:
    return Entry("server", server.name, server.where, None, unread=unread)


def _entry(integration: Integration, endpoint: Endpoint) -> Entry:
    function = endpoint.handler.function
    called = endpoint.application is None and any(
        inner.function is function
        for other in integration.endpoints
        if other is not endpoint
        for each in reachable.calls(integration.flow, other.frame, depth=0)
        for inner in reachable.entered(integration.flow, each.callees, each.node, each.frame)
    )
    return Entry("endpoint", endpoint.name, endpoint.where, endpoint, called)
