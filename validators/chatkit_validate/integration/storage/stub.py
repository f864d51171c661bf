"""Methods that satisfy the abstract class and do nothing, and calls of methods that no store has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import Instance
from chatkit_validate.flow.calls import decorated
from chatkit_validate.integration import modules
from chatkit_validate.integration.evidence import Absent, Evidence, Found
from chatkit_validate.integration.storage.stores import stores
from chatkit_validate.names import Class
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Frame
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.stores import Method, Store
    from chatkit_validate.source import Place

_LOGS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"})
_PAGES = frozenset({"chatkit.types.Page", "chatkit.store.Page"})


@dataclass(frozen=True, slots=True, eq=False)
class Unheld:
    """A call of a store's method that the store does not have.

    Attributes:
        name: The store's class and the method's name.
        where: The call.
        store: The store.
    """

    kind: ClassVar[str] = "store method"
    name: str
    where: Place
    store: Store


def placeholder(integration: Integration, method: Method) -> Evidence[str]:
    """What a method without content does instead of its work; Absent where it does something."""
    if decorated(integration.flow, method.function, "abc.abstractmethod"):
        return Absent(method.where)
    body = [item for item in method.function.node.body if not _is_silent(item)]
    place = method.function.module.place
    if not body:
        return Found("does nothing", method.where)
    if len(body) > 1:
        return Absent(method.where)
    match body[0]:
        case ast.Raise(exc=raised) if raised is not None:
            name = ast.unparse(raised.func if isinstance(raised, ast.Call) else raised)
            return Found(f"only raises {name}", place(body[0]))
        case ast.Return(value=None):
            return Found("returns nothing", place(body[0]))
        case ast.Return(value=value) if value is not None and _is_empty(integration, method, value):
            return Found(f"always returns {ast.unparse(value)}", place(body[0]))
        case _:
            return Absent(method.where)


def _is_silent(statement: ast.stmt) -> bool:
    """Whether the statement neither stores nor answers anything: a docstring, `pass`, a line in the log."""
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id=owner)))):
            return name in _LOGS and "log" in owner.lower()
        case ast.Assign(targets=[ast.Name()], value=ast.Name() | ast.Constant()) | ast.Delete():
            return True
        case _:
            return False


def _is_empty(integration: Integration, method: Method, value: ast.expr) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=func, args=args, keywords=keywords):
            target = func.value if isinstance(func, ast.Subscript) else func
            name = integration.flow.project.external(target, method.function.scope)
            given = [*args, *(item.value for item in keywords)]
            return name in _PAGES and all(_is_empty(integration, method, item) for item in given)
        case _:
            return False


def unheld(integration: Integration) -> Iterator[Unheld]:
    """The calls in the application of store methods that neither the store nor the library's Store has."""
    known = {store.cls: store for store in integration.once(stores, integration.root)}
    for module in integration.once(modules.modules, integration.root) if known else ():
        if ".store." not in module.file.text and "store" not in module.file.text:
            continue
        for frame, call in integration.routing.calls(module):
            if isinstance(call.func, ast.Attribute) and not call.func.attr.startswith("__"):
                for store in _lacking(integration, frame, call.func, known):
                    yield Unheld(f"{store.name}.{call.func.attr}", module.place(call), store)


def _lacking(integration: Integration, frame: Frame, func: ast.Attribute, known: dict[Class, Store]) -> Iterator[Store]:
    if "store" not in ast.unparse(func.value).lower():
        return
    held = [value.cls for value in integration.flow.values(func.value, frame) if isinstance(value, Instance)]
    asked = [known[cls] for cls in held if cls in known] or list(_of_server(integration, frame, func.value, known))
    lacking = [store for store in asked if store.complete and not _has(integration, store, func.attr)]
    if len(lacking) == len(asked):
        yield from lacking[:1]


def _of_server(
    integration: Integration, frame: Frame, receiver: ast.expr, known: dict[Class, Store]
) -> Iterator[Store]:
    """`server.store`: the library keeps there what the server is built with."""
    if not isinstance(receiver, ast.Attribute) or receiver.attr != "store":
        return
    servers = {server.cls for server in integration.servers}
    for value in integration.flow.values(receiver.value, frame):
        if isinstance(value, Instance) and value.cls in servers:
            yield from known.values()
            return


def _has(integration: Integration, store: Store, name: str) -> bool:
    if name in store.interface.methods or name in store.interface.others:
        return True
    hierarchy = integration.flow.hierarchy
    if hierarchy.method(store.cls, name) is not None or hierarchy.attribute(store.cls, name) is not None:
        return True
    written = f"self.{name}"
    return any(isinstance(base, Class) and written in base.module.file.text for base in hierarchy.order(store.cls))
