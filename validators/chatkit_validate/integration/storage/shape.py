"""Which methods a store has, what they take, and whether they can be awaited."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, FunctionValue
from chatkit_validate.flow.calls import is_generator, is_receiver, returns
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.names import arguments

if TYPE_CHECKING:
    from chatkit_validate.flow import Frame, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.stores import Method, Store
    from chatkit_validate.names import Function

BY_KEYWORD = frozenset({"after", "limit", "order", "context"})
"""Parameters that chatkit.server passes by keyword in some calls and by position in others."""

_KEEPS = frozenset(
    {"builtins.staticmethod", "builtins.classmethod", "typing.override", "abc.abstractmethod", "typing.final"}
)


def missing(integration: Integration, store: Store) -> Evidence[tuple[str, ...]]:
    """The methods of the interface that the class does not implement; Absent where it has them all."""
    hierarchy = integration.flow.hierarchy
    lacking = []
    for name in store.interface.methods:
        function = hierarchy.method(store.cls, name)
        absent = function is None and hierarchy.attribute(store.cls, name) is None
        if absent or (function is not None and _is_abstract(function)):
            lacking.append(name)
    if not lacking:
        return Absent(store.where)
    if not store.complete:
        return Unresolved(
            f"a base class of {store.name} cannot be read, and may have {', '.join(lacking)}", store.where
        )
    return Found(tuple(lacking), store.where)


def _is_abstract(function: Function) -> bool:
    names = {ast.unparse(item).rpartition(".")[2] for item in function.node.decorator_list}
    return "abstractmethod" in names


def mismatch(integration: Integration, method: Method) -> Evidence[str]:
    """Why a call as ChatKit makes it does not fit the parameters; Absent where every one fits."""
    function = method.function
    where = method.where
    if unknown := _decorator(integration, function):
        return Unresolved(f"the decorator {unknown} may change what {method.method} takes", where)
    declared = method.store.interface.methods[method.method]
    for style in (frozenset[str](), BY_KEYWORD):
        fault = _bind(integration, function, declared, style)
        if fault:
            given = ", ".join(f"{name}=..." if name in style else name for name in declared)
            return Found(f"{method.method}() cannot be called as {method.method}({given}): {fault}", where)
    wanted = [name for name in declared if name in BY_KEYWORD]
    own = [item.arg for item in arguments(function.node) if item.arg in BY_KEYWORD]
    if own != wanted and len(own) == len(wanted):
        told = f"takes {', '.join(own)}, where ChatKit passes {', '.join(wanted)} in this order"
        return Found(f"{method.method}() {told}", where)
    return Absent(where)


def _bind(integration: Integration, function: Function, declared: tuple[str, ...], style: frozenset[str]) -> str:
    """Why the call cannot be bound; empty where it can."""
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    if positional and is_receiver(integration.flow, function, positional[0]):
        positional = positional[1:]
    given = [name for name in declared if name not in style]
    if len(given) > len(positional) and spec.vararg is None:
        return f"it takes {len(positional)} by position"
    taken = {item.arg for item in positional[: len(given)]}
    named = {item.arg for item in (*positional, *spec.kwonlyargs)} - {item.arg for item in spec.posonlyargs}
    for name in declared:
        if name in style and name in taken:
            return f"{name} is given twice"
        if name in style and name not in named and spec.kwarg is None:
            return f"it has no parameter {name}"
    filled = taken | style
    required = positional[: len(positional) - len(spec.defaults)]
    required += [item for item, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None]
    lacking = [item.arg for item in required if item.arg not in filled]
    return f"nothing is given for {', '.join(lacking)}" if lacking else ""


def _decorator(integration: Integration, function: Function) -> str:
    """The first decorator that may change the signature; empty where none does."""
    for decorator in function.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = integration.flow.project.external(target, function.outside)
        if name in _KEEPS or name.startswith(("tenacity.", "typing.", "functools.", "opentelemetry.", "logfire.")):
            continue
        if not _wraps(integration, decorator, function):
            return ast.unparse(target)
    return ""


def _wraps(integration: Integration, decorator: ast.expr, function: Function) -> bool:
    """Whether the decorator is a function of the project whose inner function takes whatever it is given."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    frame = integration.flow.module_frame(function.module)
    for value in integration.flow.values(target, frame):
        if not isinstance(value, FunctionValue):
            return False
        inner = [
            item for item in ast.walk(value.function.node) if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        if any(item.args.vararg and item.args.kwarg for item in inner):
            return True
    return False


def plain(integration: Integration, method: Method) -> Evidence[str]:
    """Why awaiting what the method gives fails; Absent where it can be awaited."""
    function = method.function
    if is_generator(function):
        kind = "an async generator" if isinstance(function.node, ast.AsyncFunctionDef) else "a generator"
        return Found(f"{method.method}() is {kind}, which cannot be awaited", method.where)
    if isinstance(function.node, ast.AsyncFunctionDef):
        return Absent(method.where)
    if unknown := _decorator(integration, function):
        return Unresolved(f"the decorator {unknown} may make {method.method} awaitable", method.where)
    frame = integration.flow.entry(function, method.store.made)
    given = [value for item in returns(function) if item is not None for value in _awaitable(integration, item, frame)]
    if given and all(given):
        return Absent(method.where)
    if None in given:
        return Unresolved(f"whether what {method.method} returns can be awaited is not known", method.where)
    return Found(f"{method.method}() is a plain function, and what it returns cannot be awaited", method.where)


def _awaitable(integration: Integration, expression: ast.expr, frame: Frame) -> list[bool | None]:
    """Whether each value a plain function returns is a coroutine or future; None where that is not known."""
    if not isinstance(expression, ast.Call):
        return [False]
    return [_is_coroutine(value) for value in integration.flow.values(expression.func, frame)]


def _is_coroutine(callee: Value) -> bool | None:
    match callee:
        case FunctionValue(function=function):
            return isinstance(function.node, ast.AsyncFunctionDef)
        case Foreign(name=name):
            return (
                name.startswith(("asyncio.", "anyio."))
                or name.endswith(("run_in_executor", "run_in_threadpool"))
                or None
            )
        case _:
            return None
