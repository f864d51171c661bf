"""Whether the URLs of a widget lead to ChatKit, by the routes of every backend in the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.evidence import Unresolved
from chatkit_validate.integration.widget import forwarding
from chatkit_validate.integration.widget.address import Address, Segments, addresses, ends_with, same, segments
from chatkit_validate.integration.widget.plain_route import PlainRoute, plain_route, plain_routes, routing
from chatkit_validate.integration.widget.widget import Lead
from chatkit_validate.record import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatkit_validate.integration.application import Route, Routing
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.integration.widget.evaluate import Evaluator
    from chatkit_validate.integration.widget.values import Value
    from chatkit_validate.names import Project


@dataclass(slots=True, eq=False)
class Backends:
    """The routes of the applications of a tree.

    Attributes:
        project: The tree's Python files.
        integrations: Those that use the library.
        python: Finds the files that may make applications; asked only where no endpoint of `integrations` will do.
    """

    project: Project
    integrations: tuple[Integration, ...]
    python: Callable[[], tuple[str, ...]]
    _plain: list[Route] = field(default_factory=list)
    _read_plain: list[bool] = field(default_factory=list)
    _routings: list[Routing] = field(default_factory=list)
    _known: dict[Route, PlainRoute] = field(default_factory=dict)

    def endpoints(self, path: Segments, agrees: Callable[[Segments, Segments], bool]) -> list[Endpoint]:
        """The endpoints with a path that agrees with `path`."""
        return [
            endpoint
            for integration in self.integrations
            for endpoint in integration.served
            if any(route.path is not None and agrees(segments(route.path), path) for route in endpoint.routes)
        ]

    def uncertain(self) -> str:
        """Why a path that names no endpoint may name one all the same; empty where all paths are known."""
        for integration in self.integrations:
            for endpoint in integration.served:
                if any(route.path is None for route in endpoint.routes):
                    return f"the path of the handler at {endpoint.where.path}:{endpoint.where.line} is not known"
            if integration.unread:
                return f"{integration.unread[0].path} could not be read"
        return ""

    def plain(self, path: Segments, agrees: Callable[[Segments, Segments], bool]) -> PlainRoute | None:
        """A route without the library whose path agrees with `path`; one that speaks ChatKit first."""
        found = [route for route in self._routes() if agrees(segments(route.path or ""), path)]
        known = [self._read(route) for route in found[:8]]
        return next((each for each in known if each.speaks), known[0] if known else None)

    def _routes(self) -> list[Route]:
        if not self._read_plain:
            self._read_plain.append(True)
            taken = {each.handler.function for one in self.integrations for each in one.endpoints}
            self._plain.extend(plain_routes(self.routing(), taken))
        return self._plain

    def routing(self) -> Routing:
        """The routes of every application of the tree, whether it has to do with ChatKit or not."""
        if not self._routings:
            self._routings.append(routing(self.project, self.python()))
        return self._routings[0]

    def _read(self, route: Route) -> PlainRoute:
        if route not in self._known:
            self._known[route] = plain_route(self.routing().flow, route)
        return self._known[route]


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the URLs of one widget lead.

    Attributes:
        leads: One for each URL.
        endpoints: The endpoints that they name.
        plain: The routes without the library that they name.
        credentials: Whether something on the way adds a bearer token.
    """

    leads: tuple[Lead, ...]
    endpoints: tuple[Endpoint, ...]
    plain: tuple[PlainRoute, ...]
    credentials: bool


class Follower:
    """Follows the URLs of one front end to routes."""

    def __init__(self, evaluator: Evaluator, backends: Backends) -> None:
        self._evaluator = evaluator
        self._backends = backends
        self._endpoints: dict[Endpoint, None] = {}
        self._plain: dict[PlainRoute, None] = {}
        self._credentials = False

    def run(self, urls: Iterable[Value]) -> Reached:
        """Where these URLs lead."""
        leads = [self._lead(each) for each in dict.fromkeys(addresses(self._evaluator.web, urls))]
        return Reached(tuple(leads), tuple(self._endpoints), tuple(self._plain), self._credentials)

    def _lead(self, address: Address | Unresolved, hops: int = 3) -> Lead:
        if isinstance(address, Unresolved):
            return Lead(None, "", address.where, address.reason)
        own = not address.base and (not address.host or address.is_local)
        passed = forwarding.forwarded(self._evaluator, address.segments) if own and hops else None
        if passed is not None and (not address.host or not self._backends.endpoints(address.segments, same)):
            return self._passed(address, passed, hops)
        return self._direct(address)

    def _passed(self, address: Address, passed: forwarding.Forwarded, hops: int) -> Lead:
        """What the front end's own server does with it: one way that leads right is enough."""
        inner = [
            self._direct(each) if isinstance(each, Address) and each.host else self._lead(each, hops - 1)
            for each in passed.to
        ]
        order = (True, None, False) if passed.several else (True, False, None)
        best = next((one for wanted in order for one in inner if one.right is wanted), None)
        self._credentials = self._credentials or (passed.credentials and best is not None and best.right is True)
        if best is None:
            return Lead(None, address.shown, passed.where, "where it is passed on to is not followed")
        place = address.where if best.right is not None else best.where
        return replace(
            best, shown=address.shown, where=place, stated=address.stated, through=(passed.where, *best.through)
        )

    def _direct(self, address: Address) -> Lead:
        path = address.segments
        found = self._backends.endpoints(path, same)
        if found:
            self._endpoints.update(dict.fromkeys(found))
            return self._answer(address, right=True)
        plain = self._backends.plain(path, ends_with if address.base else same)
        if plain is not None:
            self._plain[plain] = None
            if plain.speaks:
                return self._answer(address, right=True)
        longer = self._backends.endpoints(path, ends_with)
        if address.base and longer:
            return self._answer(
                address, None, f"it leads to {longer[0].name} only if `{address.base}` ends with what is missing"
            )
        if plain is not None:
            return self._answer(address, right=False, reason=f"{plain.name} answers it without ChatKit's library")
        return self._nowhere(address, related=bool(self._backends.endpoints(path, _continues)))

    def _nowhere(self, address: Address, *, related: bool) -> Lead:
        """Nothing in the tree has this path."""
        if doubt := self._backends.uncertain():
            return self._answer(address, None, doubt)
        if None in address.segments:
            return self._answer(address, None, "a part of the path is not known")
        if address.host and not address.is_local and not address.base:
            whose = "a host that is not known" if address.host == "?" else address.host
            return self._answer(address, None, f"it leads to {whose}, whose routes are not here")
        if not address.host or address.base:
            other = forwarding.unread(self._evaluator.web)
            if other is not None and (related or not address.host):
                return self._answer(address, None, f"{other.path} may say where it leads, and is not read")
            if related:
                return self._answer(address, None, "a proxy that is not here would have to change its path")
        return self._answer(address, right=False, reason="no backend here has a POST route of that path")

    def _answer(self, address: Address, right: bool | None, reason: str = "") -> Lead:  # noqa: FBT001 - three answers
        return Lead(right, address.shown, address.where, reason, address.stated)


def _continues(route: Segments, path: Segments) -> bool:
    """Whether `path` ends with the whole of `route`: a proxy may take off what stands before."""
    return bool(route) and ends_with(path, route)
