"""POST routes that a widget's URL names and that answer without the library."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import Flow, Foreign
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration import credential, modules
from chatkit_validate.integration.application import Routing
from chatkit_validate.names import Class, arguments
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from chatkit_validate.integration.application import Route, Router
    from chatkit_validate.names import Function, Module, Project
    from chatkit_validate.source import Place

_READS = tuple(f"starlette.requests.Request().json(){read}" for read in (".get()", "[]"))
_PROTOCOL = frozenset({"type", "params"})
_SHAPES = frozenset({"pydantic.BaseModel", "sqlmodel.SQLModel"})
# A server that speaks the protocol by hand names at least these two requests.
_REQUESTS = ("threads.create", "threads.add_user_message")


@dataclass(frozen=True, slots=True, eq=False)
class PlainRoute:
    """A POST route of an application whose handler does not run the library.

    Attributes:
        name: As people call it, e.g. `POST /api/v1/chat`.
        where: The handler's definition.
        route: As the application serves it.
        flow: Answers questions about its code.
        speaks: Whether its code names the protocol's requests, so that it was written to speak ChatKit.
        shape: What it demands of a request's body, where that is no request of ChatKit's; empty where that is not told.
    """

    kind: ClassVar[str] = "endpoint"
    name: str
    where: Place
    route: Route
    flow: Flow
    speaks: bool
    shape: str

    @property
    def application(self) -> Router | None:
        """The application that serves it."""
        return self.route.application


def routing(project: Project, paths: Iterable[str]) -> Routing:
    """The routes of every application in `paths`, whether it has to do with ChatKit or not."""
    found = [module for path in paths if (module := project.module(path)) is not None]
    return Routing(Flow(project, tuple(module.path for module in found)), tuple(found))


def plain_routes(routing: Routing, endpoints: Container[Function]) -> Iterator[Route]:
    """The POST routes that applications serve and whose handlers are none of `endpoints`."""
    for registration in routing.registrations():
        if "POST" in registration.methods and registration.handler.function not in endpoints:
            for route in routing.routes(registration):
                if route.application is not None and route.path is not None:
                    yield route


def plain_route(flow: Flow, route: Route) -> PlainRoute:
    """What is to know of one of them."""
    function = route.registration.handler.function
    return PlainRoute(
        f"POST {route.path or '/'}",
        function.module.place(function.node),
        route,
        flow,
        _speaks(flow.project, function.module),
        _shape(flow, function),
    )


def _speaks(project: Project, module: Module) -> bool:
    texts = [each.file.text for each in modules.closure(project, (module,))]
    if any("from chatkit" in text or "import chatkit" in text for text in texts):
        return False
    return all(any(f'"{name}"' in text or f"'{name}'" in text for text in texts) for name in _REQUESTS)


def _shape(flow: Flow, function: Function) -> str:
    for node in arguments(function.node):
        for found in flow.project.resolve(node.annotation, function.outside) if node.annotation is not None else ():
            if isinstance(found, Class) and not _SHAPES.isdisjoint(flow.hierarchy.outside(found)):
                return f"`{found.name}`"
    return _keys(flow, function)


def _keys(flow: Flow, function: Function) -> str:
    """The members that a handler reads of the body, where ChatKit's requests have none of them."""
    frame = flow.entry(function)
    found: dict[str, None] = {}
    for node in own_nodes(function):
        for value in flow.values(node, frame) if isinstance(node, ast.Call | ast.Subscript) else ():
            if isinstance(value, Foreign) and value.name in _READS:
                found[credential.key_of(flow, value)] = None
    keys = [key for key in found if key]
    return f"body with `{keys[0]}`" if keys and _PROTOCOL.isdisjoint(keys) else ""
