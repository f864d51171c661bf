"""How stores are prepared: the method that does it, and who calls it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Instance
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import modules
from chatkit_validate.names import Class, Variable
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Integration, Server
    from chatkit_validate.names import Function, Module
    from chatkit_validate.source import Place

_PREPARES = (
    r"(?:async_)?(?:init|initiali[sz]e|setup|set_up|create|ensure|prepare|migrate)"
    r"(?:_?(?:db|database|schema|tables?|store|pool|storage|all|indexes|containers?|ready|async))?|connect|open|startup|start"
)
_BARE = {"create", "ensure"}


@dataclass(frozen=True, slots=True)
class StoreStart:
    """A store class and its preparation.

    Attributes:
        name: The class.
        method: The method that prepares it, or None where it has none.
        where: That method; the class where there is none.
        called: The first call of it, by the application or by the class itself; None where nothing calls it.
        made: Where the store is made.
    """

    name: str
    method: str | None
    where: Place
    called: Place | None
    made: Place


def stores(integration: Integration, server: Server) -> tuple[StoreStart, ...]:
    """The project's store classes that the server is built with."""
    flow = integration.flow
    found: dict[Class, StoreStart] = {}
    for endpoint in integration.endpoints:
        for processing in endpoint.processings:
            if server.cls not in processing.servers:
                continue
            for value in influences(flow, processing.receiver, processing.frame):
                if isinstance(value, Instance) and _is_store(integration, value.cls) and value.cls not in found:
                    found[value.cls] = _start(integration, value)
    return tuple(found.values())


def _is_store(integration: Integration, cls: Class) -> bool:
    return bool(integration.flow.hierarchy.is_a(cls, "chatkit.store.Store"))


def _start(integration: Integration, store: Instance) -> StoreStart:
    cls = store.cls
    made = store.frame.place(store.node)
    candidates = list(preparing(integration, cls))
    for method in candidates:
        called = _call(integration, cls, method)
        if called is not None:
            return StoreStart(cls.name, method.name, method.module.place(method.node), called, made)
    if candidates:
        method = candidates[0]
        return StoreStart(cls.name, method.name, method.module.place(method.node), None, made)
    return StoreStart(cls.name, None, cls.module.place(cls.node), None, made)


def preparing(integration: Integration, cls: Class) -> Iterator[Function]:
    """The methods of a store class that prepare it, by their names."""
    for base in integration.flow.hierarchy.order(cls):
        for function in base.scope.functions if isinstance(base, Class) else ():
            name = function.name
            if re.fullmatch(_PREPARES, name) and name not in _BARE and not _has_result(function):
                yield function


def _has_result(function: Function) -> bool:
    """A method that returns something is asked for it, not run for its effect."""
    return any(
        isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant)
        for node in ast.walk(function.node)
    )


def _call(integration: Integration, cls: Class, method: Function) -> Place | None:
    """Any call of a method of that name in the class, or in the application on the store or on something unknown."""
    for module in dict.fromkeys((cls.module, *integration.once(modules.modules, integration.root))):
        if f".{method.name}" not in module.file.text:
            continue
        elsewhere = set(_on_others(integration, module, cls, method))
        for node in module.nodes:
            match node:
                case ast.Attribute(attr=name, ctx=ast.Load()) if name == method.name and node not in elsewhere:
                    if not _is_other(integration, node, module, cls) and not _is_idle(node, module, method):
                        return module.place(node)
                case _:
                    continue
    return None


def _on_others(integration: Integration, module: Module, cls: Class, method: Function) -> Iterator[ast.Attribute]:
    """The calls of a method of that name on what is certainly an object of a library or of another class."""
    hierarchy = integration.flow.hierarchy
    for frame, call in integration.routing.calls(module):
        if not isinstance(call.func, ast.Attribute) or call.func.attr != method.name:
            continue
        receivers = integration.flow.values(call.func.value, frame)
        related = (
            not isinstance(one, Foreign)
            and not (
                isinstance(one, Instance)
                and one.cls not in hierarchy.order(cls)
                and cls not in hierarchy.order(one.cls)
            )
            for one in receivers
        )
        if receivers and not any(related):
            yield call.func


def _is_idle(node: ast.Attribute, module: Module, method: Function) -> bool:
    """Whether a statement only names the method, or makes its coroutine and drops it."""
    above = module.parents.get(node)
    if isinstance(above, ast.Call) and above.func is node and isinstance(method.node, ast.AsyncFunctionDef):
        above = module.parents.get(above)
    return isinstance(above, ast.Expr)


def _is_other(integration: Integration, node: ast.Attribute, module: Module, cls: Class) -> bool:
    """Whether the receiver is certainly something else: another class, a library, an object of another class."""
    if not isinstance(node.value, ast.Name) or node.value.id in {"self", "cls"}:
        return False
    values = integration.flow.project.resolve(node.value, module.scope)
    if not values or any(isinstance(value, Variable) for value in values):
        return False
    return not any(value is cls for value in values)
