"""Finds the integrations of a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.flow import Flow, Foreign
from chatkit_validate.flow.calls import returns
from chatkit_validate.flow.influence import walk
from chatkit_validate.integration import processing
from chatkit_validate.integration.application import Registration, Routing
from chatkit_validate.integration.body import REQUEST
from chatkit_validate.integration.model import Endpoint, Integration, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow import Frame
    from chatkit_validate.names import Class, Function, Module, Project
    from chatkit_validate.source import Problem

_ASIDE = frozenset({"tests", "test", "specs", "skills", ".claude"})


def read(project: Project, relevant: Iterable[str], unopened: Iterable[Problem] = ()) -> tuple[Integration, ...]:
    """The integrations in the tree, in order of their roots.

    Args:
        project: What names mean in the tree.
        relevant: The files that may take part: those that use the library, and those that import such files,
            directly or not. Files that these import are read as far as questions lead there.
        unopened: Files and folders of which nobody knows whether they are relevant.
    """
    paths = [path for path in relevant if not is_aside(path)]
    modules = tuple(module for path in paths if (module := project.module(path)) is not None)
    flow = Flow(project, tuple(module.path for module in modules))
    routing = Routing(flow, modules)
    servers = tuple(_servers(flow, modules))
    if not servers and not any("process" in module.file.text for module in modules):
        return ()
    endpoints = tuple(_endpoints(flow, routing, modules))
    if not endpoints and not servers:
        return ()
    unread = (*(project.problems[path] for path in paths if path in project.problems), *unopened)
    return tuple(_by_root(flow, routing, endpoints, servers, unread))


def is_aside(path: str) -> bool:
    """Whether the file is a test, or sample code of a specification or a skill: nothing an application reaches."""
    *folders, name = path.split("/")
    return name == "conftest.py" or name.startswith("test_") or not _ASIDE.isdisjoint(folders)


def _servers(flow: Flow, modules: Iterable[Module]) -> Iterator[Server]:
    for module in modules:
        if "ChatKit" not in module.file.text and "Server" not in module.file.text:
            continue
        for cls in _classes(module):
            if processing.is_server(flow, cls):
                yield Server(cls.qualname, module.place(cls.node), cls)


def _classes(module: Module) -> Iterator[Class]:
    stack = [module.scope]
    while stack:
        scope = stack.pop()
        for cls in scope.classes:
            yield cls
            stack.append(cls.scope)
        stack.extend(function.scope for function in scope.functions if function.scope.classes)


def _endpoints(flow: Flow, routing: Routing, modules: Iterable[Module]) -> Iterator[Endpoint]:
    holding = [module for module in modules if ".process(" in module.file.text]
    carriers = processing.carriers(function for module in holding for function in module.functions())
    by_handler: dict[Function, list[Registration]] = {}
    if carriers:
        for registration in routing.registrations():
            by_handler.setdefault(registration.handler.function, []).append(registration)
    handlers = frozenset(by_handler)
    for function, registrations in by_handler.items():
        posts = [item for item in registrations if "POST" in item.methods]
        if not posts:
            continue
        frame = flow.enter(posts[0].handler, None, None)
        # A handler that falls back to another handler is an endpoint by its own calls only.
        found = tuple(processing.find(flow, frame, carriers - (handlers - {function})))
        if found and _answers_requests(flow, function, frame, found):
            for each in found:
                # An override, or a receiver that cannot be followed, still gives what the library's process() gives.
                flow.declare(each.call, processing.RESULT)
            yield _endpoint(routing, posts, found)


def _answers_requests(flow: Flow, function: Function, frame: Frame, found: tuple[processing.Processing, ...]) -> bool:
    """Whether the handler hands over its request or answers with what comes of it.

    A route that sends ChatKit a request of its own making, and answers something else, is no endpoint.
    """
    if any(each.frame is frame for each in found):
        return True
    calls = {each.call for each in found}
    returned = [(value, frame) for value in returns(function) if value is not None]
    given = [(each.body, each.frame) for each in found if each.body is not None]
    if any(getattr(value, "node", None) in calls for value in walk(flow, returned)):
        return True
    raw = tuple(f"{REQUEST}{part}" for part in (".body()", ".stream()", ".json()"))
    return any(isinstance(value, Foreign) and value.name.startswith(raw) for value in walk(flow, given))


def _endpoint(routing: Routing, posts: list[Registration], found: tuple[processing.Processing, ...]) -> Endpoint:
    # Decorators run from the bottom up, so the last one written is the first path that is registered.
    handler = posts[0].handler
    frame = routing.flow.enter(handler, None, None)
    routes = tuple(route for item in posts for route in routing.routes(item))
    path = next((route.path for route in routes if route.path is not None), None)
    function = handler.function
    name = f"POST {path or '/' if path is not None else function.name}"
    return Endpoint(name, function.module.place(function.node), handler, frame, routes, found)


def _by_root(
    flow: Flow,
    routing: Routing,
    endpoints: tuple[Endpoint, ...],
    servers: tuple[Server, ...],
    unread: tuple[Problem, ...],
) -> Iterator[Integration]:
    roots: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        made = endpoint.application
        roots.setdefault(root_of(flow, made.frame.module if made else endpoint.frame.module), []).append(endpoint)
    used = {server for endpoint in endpoints for item in endpoint.processings for server in item.servers}
    inherited = {base for server in servers for base in flow.hierarchy.order(server.cls) if base is not server.cls}
    for server in servers:
        if (
            server.cls not in used
            and server.cls not in inherited
            and not any(_under(server.where.path, root) for root in roots)
        ):
            roots.setdefault(root_of(flow, server.cls.module), [])
    for root in sorted(roots):
        mine = tuple(sorted(roots[root], key=lambda endpoint: (endpoint.where.path, endpoint.where.line)))
        classes = {server for endpoint in mine for item in endpoint.processings for server in item.servers}
        own = tuple(item for item in servers if item.cls in classes or _nearest(item.where.path, roots) == root)
        lost = tuple(
            item
            for item in unread
            if _nearest(item.path, roots) == root or not any(_under(item.path, r) for r in roots)
        )
        yield Integration(root or ".", mine, own, flow, routing, lost)


def _under(path: str, root: str) -> bool:
    return not root or path.startswith(f"{root}/")


def _nearest(path: str, roots: Iterable[str]) -> str:
    return max((root for root in roots if _under(path, root)), key=len, default="")


def root_of(flow: Flow, module: Module) -> str:
    """The folder that the application's imports start from, a trailing `src` left out."""
    folder = next(iter(flow.project.index.roots(module.folder)))
    tops = [folder]
    for bindings in module.scope.bindings.values():
        for binding in bindings:
            if binding.source and not binding.source.startswith("."):
                for location in flow.project.locate(module, binding.source)[:1]:
                    base = location.removesuffix("/").removesuffix(".py").removesuffix("/__init__")
                    suffix = binding.source.replace(".", "/")
                    if base.endswith(suffix):
                        tops.append(base[: -len(suffix)].rstrip("/"))
    inside = [top for top in tops if _under(module.path, top)]
    root = min(inside, key=len)
    return root.removesuffix("/src") if root != "src" else ""
