"""The stores that the application's servers are built with, and their methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import ClassValue, Frame, FunctionValue, Instance
from chatkit_validate.flow.reachable import own_calls
from chatkit_validate.integration import modules
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.serving import ATTACHMENTS, STORE
from chatkit_validate.integration.storage.interface import Interface, interface
from chatkit_validate.names import Class
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

_BASES = frozenset({STORE, ATTACHMENTS, "typing.Generic", "abc.ABC", "builtins.object", "typing.Protocol"})


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """A store class that a server of the application is built with.

    Attributes:
        name: The class.
        where: Its definition.
        cls: The class.
        made: The object that the server is given: where it is made, if that is known.
        interface: What the library demands of it.
        attachments: Whether the server has an attachment store, so that ChatKit calls the methods of attachments.
        derived: Whether it derives from the library's Store.
        complete: Whether every base class is known.
    """

    kind: ClassVar[str] = "store"
    name: str
    where: Place
    cls: Class
    made: Instance
    interface: Interface
    attachments: bool
    derived: bool
    complete: bool


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A method of a store that ChatKit calls.

    Attributes:
        name: Class and method.
        where: Its definition, in the class or a base of it.
        method: The method's name.
        function: Its definition.
        store: The store.
    """

    kind: ClassVar[str] = "store method"
    name: str
    where: Place
    method: str
    function: Function
    store: Store

    @property
    def is_of_attachments(self) -> bool:
        """Whether ChatKit calls it for attachments only."""
        return "attachment" in self.method


def stores(integration: Integration, _root: str) -> tuple[Store, ...]:
    """The store classes of the project that the application's servers are built with, each once."""
    found: dict[Class, Store] = {}
    for call, frame, attachments in _constructions(integration):
        given = argument(call, "store", 0) or argument(call, "data_store", None)
        for value in integration.flow.values(given, frame) if given is not None else ():
            if isinstance(value, Instance):
                held = found.get(value.cls)
                if held is None or (attachments and not held.attachments):
                    found[value.cls] = _store(integration, value, attachments=attachments)
    return tuple(found.values())


def methods(integration: Integration, _root: str) -> tuple[Method, ...]:
    """The methods of the interface that the stores define, each definition once."""
    found: dict[tuple[Function, str], Method] = {}
    for store in integration.once(stores, integration.root):
        for name in store.interface.methods:
            function = integration.flow.hierarchy.method(store.cls, name)
            if function is not None and (function, name) not in found:
                where = function.module.place(function.node)
                found[function, name] = Method(f"{store.name}.{name}", where, name, function, store)
    return tuple(found.values())


def _store(integration: Integration, made: Instance, *, attachments: bool) -> Store:
    hierarchy = integration.flow.hierarchy
    cls = made.cls
    outside = set(hierarchy.outside(cls)) - _BASES
    return Store(
        cls.name,
        cls.module.place(cls.node),
        cls,
        made,
        integration.once(interface, integration.root),
        attachments or _saves_attachments(integration, cls),
        bool(hierarchy.is_a(cls, STORE)),
        hierarchy.complete(cls) and not outside,
    )


def _saves_attachments(integration: Integration, cls: Class) -> bool:
    """Whether a route or tool of the application saves attachments by itself."""
    own = {base.module for base in integration.flow.hierarchy.order(cls) if isinstance(base, Class)}
    reached = integration.once(modules.modules, integration.root)
    return any(".save_attachment(" in module.file.text for module in reached if module not in own)


def _constructions(integration: Integration) -> Iterator[tuple[ast.Call, Frame, bool]]:
    """The calls that reach `ChatKitServer.__init__`, and whether they pass an attachment store."""
    for server in _made(integration):
        for call, frame in _reaching(integration, server):
            given = argument(call, "attachment_store", 1)
            values = integration.flow.values(given, frame) if given is not None else ()
            yield call, frame, any(not _is_none(value) for value in values)


def _is_none(value: object) -> bool:
    return getattr(value, "value", value) is None


def _made(integration: Integration) -> Iterator[Instance]:
    """The server objects that answer the endpoints; any of the class where the receiver cannot be followed."""
    flow = integration.flow
    seen: set[Class] = set()
    for endpoint in integration.endpoints:
        for processing in endpoint.processings:
            for value in flow.values(processing.receiver, processing.frame):
                if isinstance(value, Instance) and value.cls in processing.servers and value.made:
                    seen.add(value.cls)
                    yield value
    for server in integration.servers:
        if server.cls not in seen and not _is_base(integration, server.cls, seen):
            yield from _anywhere(integration, server.cls)


def _is_base(integration: Integration, cls: Class, others: set[Class]) -> bool:
    return any(cls in integration.flow.hierarchy.order(other) for other in others)


def _anywhere(integration: Integration, cls: Class) -> Iterator[Instance]:
    """The objects of server class `cls` that the application's files make; one nobody made where there are none."""
    found = False
    for module in integration.routing.modules:
        if cls.name not in module.file.text:
            continue
        for frame, call in integration.routing.calls(module):
            if any(
                isinstance(value, ClassValue) and value.cls is cls
                for value in integration.flow.values(call.func, frame)
            ):
                found = True
                yield Instance(cls, call, frame)
    if not found:
        yield Instance(cls, cls.node, integration.flow.module_frame(cls.module), made=False)


def _reaching(integration: Integration, server: Instance) -> Iterator[tuple[ast.Call, Frame]]:
    """The call that hands a store to the library: the one that makes the server, or its constructors' `super()`."""
    flow = integration.flow
    call = server.node if server.made and isinstance(server.node, ast.Call) else None
    frame: Frame | None = server.frame if call is not None else None
    init = flow.hierarchy.method(server.cls, "__init__")
    for _ in range(6):
        if init is None:
            break
        inner = flow.enter(FunctionValue(init, server), call, frame)
        upwards = [
            (each, flow.values(each.func, inner))
            for each in own_calls(inner)
            if isinstance(each.func, ast.Attribute) and each.func.attr == "__init__"
        ]
        if not upwards:
            return
        following = [value.function for _, values in upwards for value in values if isinstance(value, FunctionValue)]
        call, frame = upwards[0][0], inner
        init = following[0] if following else None
    if call is not None and frame is not None:
        yield call, frame
