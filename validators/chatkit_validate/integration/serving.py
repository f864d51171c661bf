"""What runs when `process()` is called: the library, an override of the project's, and the store behind it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import FunctionValue, Instance
from chatkit_validate.flow.exceptions import Thrown
from chatkit_validate.flow.reachable import own_calls
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.names import Class, Function

STORE = "chatkit.store.Store"
ATTACHMENTS = "chatkit.store.AttachmentStore"
# What process() runs before it answers; everything else runs while the answer streams.
_STORE_METHODS = (
    "load_thread", "save_thread", "load_thread_items", "load_threads", "load_item", "delete_thread",
    "delete_thread_item", "save_item", "add_thread_item", "load_attachment", "save_attachment", "delete_attachment",
)  # fmt: skip
_ATTACHMENT_METHODS = ("create_attachment", "delete_attachment")
_SERVER_METHODS = ("sync_action", "transcribe", "add_feedback")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where the library's own `process()` runs.

    Attributes:
        node: The call that runs it.
        frame: The frame of that call.
    """

    node: ast.Call
    frame: Frame


def points(integration: Integration, endpoint: Endpoint) -> tuple[Point, ...]:
    """Where the library's `process()` runs: the handler's call, or the `super().process()` of an override."""
    flow = integration.flow
    found: list[Point] = []
    for processing in endpoint.processings:
        overrides = [
            FunctionValue(method, Instance(cls, processing.receiver, processing.frame, made=False))
            for cls in processing.servers
            if (method := flow.hierarchy.method(cls, "process")) is not None
        ]
        for override in overrides:
            inner = flow.enter(override, processing.call, processing.frame)
            calls = [call for call in own_calls(inner) if _is_process(call)]
            found.extend(Point(call, inner) for call in calls)
        if not overrides:
            found.append(Point(processing.call, processing.frame))
    return tuple(found) or tuple(Point(item.call, item.frame) for item in endpoint.processings)


def _is_process(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "process"


def thrown(integration: Integration, endpoint: Endpoint, kind: Class | str) -> tuple[Thrown, ...]:
    """An exception of class `kind` that the library lets out of `process()`, at every place where it runs."""
    return tuple(Thrown(kind, point.node, point.frame) for point in integration.once(points, endpoint))


def classes(endpoint: Endpoint) -> tuple[Class, ...]:
    """The server classes that answer the endpoint."""
    return tuple(dict.fromkeys(cls for item in endpoint.processings for cls in item.servers))


def stores(integration: Integration, endpoint: Endpoint) -> tuple[Class, ...]:
    """The project's Store and AttachmentStore classes that the endpoint's servers are made with."""
    return tuple(dict.fromkeys(_stores(integration, endpoint)))


def _stores(integration: Integration, endpoint: Endpoint) -> Iterator[Class]:
    flow = integration.flow
    for processing in endpoint.processings:
        for value in flow.values(processing.receiver, processing.frame):
            if not isinstance(value, Instance):
                continue
            for passed in given(integration, value):
                if isinstance(passed, Instance) and is_store(integration, passed.cls):
                    yield passed.cls


def given(integration: Integration, server: Instance) -> Iterator[Value]:
    """What the server object, and the constructors it leads to, are given."""
    for made, frame in _made_with(integration, server):
        for argument in (*made.args, *(keyword.value for keyword in made.keywords)):
            yield from integration.flow.values(argument, frame)


def is_store(integration: Integration, cls: Class) -> bool:
    """Whether `cls` derives from the library's Store or AttachmentStore."""
    hierarchy = integration.flow.hierarchy
    return bool(hierarchy.is_a(cls, STORE)) or bool(hierarchy.is_a(cls, ATTACHMENTS))


def is_server_or_store(flow: Flow, cls: Class) -> bool:
    """Whether `cls` is part of ChatKit's own machinery, and so no caller."""
    return any(flow.hierarchy.is_a(cls, name) for name in (STORE, ATTACHMENTS, "chatkit.server.ChatKitServer"))


def _made_with(integration: Integration, server: Instance) -> Iterator[tuple[ast.Call, Frame]]:
    """The call that makes the server, and the `super().__init__(...)` calls of its constructors."""
    flow = integration.flow
    if server.made and isinstance(server.node, ast.Call):
        yield server.node, server.frame
    init = flow.hierarchy.method(server.cls, "__init__")
    seen: set[Function] = set()
    while init is not None and init not in seen:
        seen.add(init)
        call = server.node if server.made and isinstance(server.node, ast.Call) else None
        inner = flow.enter(FunctionValue(init, server), call, server.frame if call is not None else None)
        following = None
        for each in own_calls(inner):
            if isinstance(each.func, ast.Attribute) and each.func.attr == "__init__":
                yield each, inner
                for value in flow.values(each.func, inner):
                    following = value.function if isinstance(value, FunctionValue) else following
        init = following


def methods(integration: Integration, endpoint: Endpoint) -> Iterator[FunctionValue]:
    """The project's methods that `process()` runs before it answers: of the stores, and of the server itself."""
    hierarchy = integration.flow.hierarchy
    for store in integration.once(stores, endpoint):
        names = [*_ATTACHMENT_METHODS, *_STORE_METHODS] if hierarchy.is_a(store, ATTACHMENTS) else _STORE_METHODS
        for name in dict.fromkeys(names):
            method = hierarchy.method(store, name)
            if method is not None:
                yield FunctionValue(method, Instance(store, store.node, integration.flow.module_frame(store.module)))
    for cls in classes(endpoint):
        for name in _SERVER_METHODS:
            method = hierarchy.method(cls, name)
            if method is not None:
                yield FunctionValue(method, Instance(cls, cls.node, integration.flow.module_frame(cls.module)))
