"""The way in: an endpoint, or a server that no endpoint reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.flow import reachable
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
    """

    kind: str
    name: str
    where: Place
    endpoint: Endpoint | None
    called: bool = False


def entries(integration: Integration) -> tuple[Entry, ...]:
    """One entry for each endpoint, or one for each server where there is no endpoint at all."""
    if not integration.endpoints:
        return tuple(_without(server) for server in integration.servers)
    return tuple(_entry(integration, endpoint) for endpoint in integration.endpoints)


def _without(server: Server) -> Entry:
    return Entry("server", server.name, server.where, None)


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
