"""Applications and their routes: which function answers which POST path, through routers, prefixes and mounts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Frame, FunctionValue, Instance, Value
from chatkit_validate.integration import given
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow
    from chatkit_validate.names import Function, Module
    from chatkit_validate.source import Place

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_ROUTING = frozenset({*_VERBS, "api_route", "route"})
APPLICATIONS = ("fastapi.FastAPI", "starlette.applications.Starlette")
_ROUTERS = ("fastapi.APIRouter", "starlette.routing.Router")


@dataclass(frozen=True, slots=True, eq=False)
class Router:
    """A FastAPI application or an APIRouter.

    Attributes:
        node: The call that makes it; routers are compared by it.
        frame: Where it is made.
        application: Whether it is the application itself.
        prefix: Its own prefix; None where it cannot be read.
    """

    node: ast.AST
    frame: Frame
    application: bool
    prefix: str | None = ""

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.frame.place(self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Inclusion:
    """`parent.include_router(child, prefix=...)` or `parent.mount(path, child)`."""

    parent: Router
    child: Router
    prefix: str | None
    call: ast.Call
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """A handler registered on a router.

    Attributes:
        router: Where it is registered.
        methods: Upper-case HTTP methods.
        path: As registered; None where it cannot be read.
        handler: The function.
        call: The decorator or registering call.
        frame: Where `call` stands.
    """

    router: Router
    methods: frozenset[str]
    path: str | None
    handler: FunctionValue
    call: ast.Call
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A registration as the application serves it.

    Attributes:
        registration: The handler and where it is registered.
        path: Full path with every prefix; None where one cannot be read.
        application: The application that serves it; None where its router is included nowhere.
        inclusions: The `include_router` calls from the application down to the router.
    """

    registration: Registration
    path: str | None
    application: Router | None
    inclusions: tuple[Inclusion, ...] = ()


@dataclass(slots=True, eq=False)
class Routing:
    """Every route registered in the files that may belong to an application.

    Attributes:
        flow: The engine.
        modules: The modules that were read.
    """

    flow: Flow
    modules: tuple[Module, ...]
    _routers: dict[ast.AST, Router] = field(default_factory=dict)
    _calls_of: dict[Module, list[tuple[Frame, ast.Call]]] = field(default_factory=dict)
    _running: dict[Function, tuple[Frame, ...]] = field(default_factory=dict)
    _cache: dict[str, object] = field(default_factory=dict)

    def router(self, value: Value) -> Router | None:
        """The router that `value` is; None where it is none."""
        name, node, frame = "", None, None
        if isinstance(value, Foreign) and value.name.endswith("()"):
            name, node, frame = value.name[:-2], value.node, value.frame
        elif isinstance(value, Instance):
            known = (*APPLICATIONS, *_ROUTERS)
            name = next((base for base in known if self.flow.hierarchy.is_a(value.cls, base)), "")
            node, frame = value.node, value.frame
        if (name not in APPLICATIONS and name not in _ROUTERS) or node is None or frame is None:
            return None
        if node not in self._routers:
            prefix = self.text(node, "prefix", None, frame, "") if isinstance(node, ast.Call) else ""
            self._routers[node] = Router(node, frame, name in APPLICATIONS, prefix)
        return self._routers[node]

    def text(self, call: ast.Call, keyword: str, position: int | None, frame: Frame, absent: str) -> str | None:
        """A string argument of `call`; `absent` where it is not passed, None where it cannot be read."""
        expression = argument(call, keyword, position)
        if expression is None:
            return None if any(item.arg is None for item in call.keywords) else absent
        literals = self.flow.constants(expression, frame)
        return literals[0] if literals and len(literals) == 1 and isinstance(literals[0], str) else None

    def frames(self, module: Module) -> Iterator[tuple[Frame, list[ast.stmt]]]:
        """Every body of `module` with the frame in which its statements run."""
        yield self.flow.module_frame(module), module.file.tree.body
        for function in module.functions():
            for frame in self.running(function):
                yield frame, function.node.body

    def running(self, function: Function) -> tuple[Frame, ...]:
        """The frames in which `function` runs: of its calls where it is given an application, else as it stands."""
        known = self._running.get(function)
        if known is None:
            alone = self._running[function] = (self.flow.entry(function),)  # also while it is being asked about
            known = self._running[function] = given.frames(self.flow, self.modules, function, self.running) or alone
        return known

    def calls(self, module: Module) -> Iterator[tuple[Frame, ast.Call]]:
        """Every call that the bodies of `module` make themselves, with the frame it is made in."""
        known = self._calls_of.get(module)
        if known is None:
            known = [(frame, call) for frame, body in self.frames(module) for call in given.calls_in(body)]
            self._calls_of[module] = known
        return iter(known)

    def registrations(self) -> Iterator[Registration]:
        """Every handler that a decorator or a registering call puts on a router."""
        for module in self.modules:
            for function in module.functions():
                yield from self._decorated(function)
            if any(word in module.file.text for word in ("add_api_route", "add_route", "Route(")):
                yield from self._called(module)

    def _decorated(self, function: Function) -> Iterator[Registration]:
        for decorator in function.node.decorator_list:
            if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
                continue
            verb = decorator.func.attr
            if verb not in _ROUTING:
                continue
            frame = self.defining(function)
            for value in self.flow.values(decorator.func.value, frame):
                router = self.router(value)
                if router is not None:
                    path = self.text(decorator, "path", 0, frame, "")
                    closure = frame if frame.function else None
                    handler = FunctionValue(function, None, closure)
                    yield Registration(router, self._methods(decorator, verb, frame), path, handler, decorator, frame)

    def defining(self, function: Function) -> Frame:
        """The frame in which `function` is defined and its decorators run."""
        owner = function.outside.owner
        outer = owner if owner is not None and not isinstance(owner.node, ast.ClassDef) else None
        return self.running(outer)[0] if outer is not None else self.flow.module_frame(function.module)

    def _methods(self, call: ast.Call, verb: str, frame: Frame) -> frozenset[str]:
        if verb in _VERBS:
            return frozenset({verb.upper()})
        listed = argument(call, "methods", None)
        if listed is None:
            return frozenset({"GET"})
        found: set[str] = set()
        for value in self.flow.values(listed, frame):
            elements = getattr(getattr(value, "node", None), "elts", [])
            for element in elements:
                found.update(str(item).upper() for item in self.flow.constants(element, frame) or ())
        return frozenset(found)

    def _called(self, module: Module) -> Iterator[Registration]:
        for frame, call in self.calls(module):
            yield from self._registered(call, frame)

    def _registered(self, call: ast.Call, frame: Frame) -> Iterator[Registration]:
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"add_api_route", "add_route"}:
            owners = self.flow.values(call.func.value, frame)
            routers = [router for value in owners if (router := self.router(value)) is not None]
        elif isinstance(call.func, ast.Name) and call.func.id.endswith("Route"):
            made = self.flow.values(call, frame)
            if not any(isinstance(value, Foreign) and value.name == "starlette.routing.Route()" for value in made):
                return
            routers = [router for router in self._owners(call) if router is not None]
        else:
            return
        endpoint = argument(call, "endpoint", 1)
        path = self.text(call, "path", 0, frame, "")
        for router in routers:
            for value in self.flow.values(endpoint, frame) if endpoint is not None else ():
                if isinstance(value, FunctionValue):
                    yield Registration(router, self._methods(call, "", frame), path, value, call, frame)

    def _owners(self, call: ast.Call) -> Iterator[Router | None]:
        """The applications whose `routes=[...]` argument holds `call`."""
        for application in self.applications:
            routes = argument(application.node, "routes", None) if isinstance(application.node, ast.Call) else None
            for value in self.flow.values(routes, application.frame) if routes is not None else ():
                if any(element is call for element in getattr(getattr(value, "node", None), "elts", [])):
                    yield application

    @property
    def applications(self) -> tuple[Router, ...]:
        """Every application made in the modules."""
        return self._applications()

    def _applications(self) -> tuple[Router, ...]:
        known = self._cache.get("applications")
        if known is None:
            known = self._cache["applications"] = tuple(self._find_applications())
        return known  # type: ignore[return-value]

    def _find_applications(self) -> Iterator[Router]:
        for module in self.modules:
            if "FastAPI" not in module.file.text and "Starlette" not in module.file.text:
                continue
            for frame, call in self.calls(module):
                for value in self.flow.values(call.func, frame):
                    made = f"{value.name}()" if isinstance(value, Foreign) and value.name in APPLICATIONS else ""
                    found = self.router(Foreign(made, call, frame)) if made else None
                    if found is not None:
                        yield found

    @property
    def inclusions(self) -> dict[ast.AST, list[Inclusion]]:
        """The inclusions of each router, by the call that makes the router."""
        known = self._cache.get("inclusions")
        if known is None:
            known = self._cache["inclusions"] = self._find_inclusions()
        return known  # type: ignore[return-value]

    def _find_inclusions(self) -> dict[ast.AST, list[Inclusion]]:
        found: dict[ast.AST, list[Inclusion]] = {}
        for module in self.modules:
            if "include_router" not in module.file.text and ".mount(" not in module.file.text:
                continue
            for frame, call in self.calls(module):
                for inclusion in self._included(call, frame):
                    found.setdefault(inclusion.child.node, []).append(inclusion)
        return found

    def _included(self, call: ast.Call, frame: Frame) -> Iterator[Inclusion]:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"include_router", "mount"}:
            return
        mounting = call.func.attr == "mount"
        child = argument(call, "app" if mounting else "router", 1 if mounting else 0)
        prefix = self.text(call, "path" if mounting else "prefix", 0 if mounting else None, frame, "")
        if child is None:
            return
        for owner in self.flow.values(call.func.value, frame):
            parent = self.router(owner) or self._annotated(owner)
            for value in self.flow.values(child, frame):
                router = self.router(value)
                if parent is not None and router is not None and router is not parent:
                    yield Inclusion(parent, router, prefix, call, frame)

    def _annotated(self, owner: Value) -> Router | None:
        """An application known only as the parameter of a function that registers routers on it."""
        if (isinstance(owner, Foreign) and owner.name == "fastapi.FastAPI()") or not self.applications:
            return self.applications[0] if len(self.applications) == 1 else None
        return None

    def routes(self, registration: Registration) -> tuple[Route, ...]:
        """The ways an application serves `registration`; one without application where it is never included."""
        found: list[Route] = []
        stack: list[tuple[Router, str | None, tuple[Inclusion, ...]]] = [
            (registration.router, registration.path, ()),
        ]
        while stack and len(found) < 20:
            router, path, through = stack.pop()
            path = _joined(router.prefix, path)
            if router.application:
                found.append(Route(registration, path, router, through))
                continue
            stack.extend(
                (inclusion.parent, _joined(inclusion.prefix, path), (inclusion, *through))
                for inclusion in self.inclusions.get(router.node, ())
                if inclusion not in through
            )
        if found:
            return tuple(found)
        return (Route(registration, _joined(registration.router.prefix, registration.path), None),)


def argument(call: ast.Call, keyword: str, position: int | None) -> ast.expr | None:
    """The argument of `call` passed by keyword or position; None where it is not passed."""
    for item in call.keywords:
        if item.arg == keyword:
            return item.value
    if position is not None and position < len(call.args) and not isinstance(call.args[position], ast.Starred):
        return call.args[position]
    return None


def _joined(prefix: str | None, path: str | None) -> str | None:
    return None if prefix is None or path is None else prefix + path
