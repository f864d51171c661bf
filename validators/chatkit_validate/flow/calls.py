"""What a call gives: returns of the project's functions, new objects, results of libraries."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.flow import attributes
from chatkit_validate.flow.blocks import completes, inside, own_nodes
from chatkit_validate.flow.value import (
    ClassValue,
    Constant,
    Foreign,
    Frame,
    FunctionValue,
    Generated,
    Instance,
    Opaque,
    Part,
    Structure,
    Value,
)
from chatkit_validate.names import Function, arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow.origin import Flow

DEPTH = 5  # callers above each other; deeper calls of one function share a frame
_CONTEXT = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_PROPERTIES = frozenset({"builtins.property", "functools.cached_property"})
# Functions that run their first argument in a thread.
THREADS = frozenset(
    {
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
    }
)
_SAME = frozenset({"typing.cast", "copy.copy", "copy.deepcopy", "inspect.cleandoc", "contextlib.aclosing"})


def call(flow: Flow, node: ast.Call, frame: Frame) -> tuple[Value, ...]:
    """What the call `node` gives in `frame`."""
    if node in flow.declared:
        return (Foreign(flow.declared[node], node, frame),)
    found: list[Value] = []
    for callee in flow.values(node.func, frame):
        found.extend(result(flow, callee, node, frame, node, frame))
    return tuple(dict.fromkeys(found))


def result(
    flow: Flow, callee: Value, node: ast.Call | None, caller: Frame | None, at: ast.AST, frame: Frame
) -> tuple[Value, ...]:
    """What calling `callee` gives; `node` and `caller` are None where a framework or the language calls it."""
    match callee:
        case FunctionValue():
            return _returned(flow, callee, node, caller)
        case ClassValue(cls=cls):
            return (Instance(cls, node or at, caller or frame),)
        case Instance(cls=cls):
            method = flow.hierarchy.method(cls, "__call__")
            if method is None:
                return (Opaque(f"calling a {cls.name} is not followed", frame.place(at)),)
            return _returned(flow, FunctionValue(method, callee), node, caller)
        case Foreign():
            return _foreign(flow, callee, node, caller, at, frame)
        case Structure(node=ast.Lambda() as function, frame=where):
            return flow.values(function.body, where)
        case Opaque():
            return (callee,)
        case Constant():
            return ()
        case Part(base=Structure(node=ast.Dict()) as display, key="get" | "pop" | "setdefault") if node and caller:
            return _looked_up(flow, display, node, caller)
        case _:
            return (Part(callee, "()", node or at, caller or frame),)


def _looked_up(flow: Flow, display: Structure, node: ast.Call, frame: Frame) -> tuple[Value, ...]:
    keys = flow.constants(node.args[0], frame) if node.args else None
    found = list(attributes.item(flow, display, keys, node, frame))
    if len(node.args) > 1:
        found.extend(flow.values(node.args[1], frame))
    return tuple(found)


def _foreign(
    flow: Flow, callee: Foreign, node: ast.Call | None, caller: Frame | None, at: ast.AST, frame: Frame
) -> tuple[Value, ...]:
    name = callee.name
    if node is not None and caller is not None:
        if name == "builtins.getattr" and len(node.args) >= 2:
            return _getattr(flow, node, caller)
        if name in THREADS and node.args:
            return tuple(
                value
                for function in flow.values(node.args[0], caller)
                for value in result(flow, function, None, None, at, frame)
            )
        if name in _SAME and node.args:
            return flow.values(node.args[-1], caller)
        if name == "builtins.next" and node.args and (drawn := _drawn(flow, node.args[0], caller)):
            return drawn
        if name == "functools.partial" and node.args:
            return flow.values(node.args[0], caller)
    return (Foreign(f"{name}()", node or at, caller or frame, callee),)


def _drawn(flow: Flow, generator: ast.expr, frame: Frame) -> tuple[Value, ...]:
    """What `next(...)` takes from the project's own generators: `next(get_session())`."""
    return tuple(
        given
        for value in flow.values(generator, frame)
        if isinstance(value, Generated)
        for given in yields(flow, value.frame)
    )


def _getattr(flow: Flow, node: ast.Call, frame: Frame) -> tuple[Value, ...]:
    names = flow.constants(node.args[1], frame)
    found: list[Value] = []
    for owner in flow.values(node.args[0], frame):
        for name in names or ():
            found.extend(attributes.read(flow, owner, str(name), node, frame))
    if names is None:
        found.append(Opaque("the attribute's name is computed", frame.place(node)))
    if len(node.args) > 2:
        found.extend(flow.values(node.args[2], frame))
    return tuple(found)


def _returned(flow: Flow, callee: FunctionValue, node: ast.Call | None, caller: Frame | None) -> tuple[Value, ...]:
    deep = caller is not None and caller.depth >= DEPTH
    inner = flow.merged(callee) if deep else flow.enter(callee, node, caller)
    function = callee.function
    if is_generator(function):
        context = any(decorated(flow, function, name) for name in _CONTEXT)
        if node is None and not context:
            # A dependency with `yield`: what is yielded is what the handler gets.
            return tuple(yields(flow, inner))
        return (Generated(function, inner),)
    found: list[Value] = []
    for value in returns(function):
        found.extend(flow.values(value, inner) if value is not None else (Constant(None, function.node, inner),))
    if _falls_through(function):
        found.append(Constant(None, function.node, inner))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=8192)
def _falls_through(function: Function) -> bool:
    """Whether a call can end without `return`; a stub (abstract or protocol method) says nothing of it."""
    body = [item for item in function.node.body if not isinstance(item, ast.Pass)]
    stub = all(isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) for item in body)
    return not stub and completes(function.node.body)


@lru_cache(maxsize=8192)
def returns(function: Function) -> list[ast.expr | None]:
    """The expressions that `function` returns, None for a bare `return`."""
    return [item.value for item in inside(function.node.body) if isinstance(item, ast.Return)]


@lru_cache(maxsize=8192)
def is_generator(function: Function) -> bool:
    """Whether calling `function` gives a generator or async generator."""
    return any(True for _ in _yields(function))


def _yields(function: Function) -> Iterator[ast.Yield | ast.YieldFrom]:
    return (node for node in own_nodes(function) if isinstance(node, ast.Yield | ast.YieldFrom))


def yields(flow: Flow, frame: Frame) -> Iterator[Value]:
    """The values that the generator running in `frame` yields."""
    seen: set[Frame] = set()
    pending = [frame]
    while pending:
        current = pending.pop()
        if current.function is None or current in seen:
            continue
        seen.add(current)
        for node in _yields(current.function):
            for value in flow.values(node.value, current) if node.value is not None else ():
                if isinstance(node, ast.Yield):
                    yield value
                elif isinstance(value, Generated):
                    pending.append(value.frame)
                else:
                    yield Part(value, None, node, current)


def entered(flow: Flow, expression: ast.expr, frame: Frame) -> tuple[Value, ...]:
    """What `with expression as name` binds."""
    found: list[Value] = []
    for value in flow.values(expression, frame):
        match value:
            case Generated(frame=inner):
                found.extend(yields(flow, inner))
            case Instance(cls=cls):
                method = flow.hierarchy.method(cls, "__aenter__") or flow.hierarchy.method(cls, "__enter__")
                bound = FunctionValue(method, value) if method else None
                given = result(flow, bound, None, None, expression, frame) if bound else ()
                found.extend(given or (value,))
            case _:
                found.append(value)
    return tuple(dict.fromkeys(found))


def activate(flow: Flow, callee: FunctionValue, node: ast.Call | None, caller: Frame | None) -> Frame:
    """A new frame of `callee` with the arguments of `node` matched to its parameters."""
    function = callee.function
    passed: dict[str, tuple[ast.expr, Frame]] = {}
    loose = False
    if node is not None and caller is not None:
        spec = function.node.args
        positional = [*spec.posonlyargs, *spec.args]
        bound = function.owner is not None and callee.receiver is not None
        if bound and not decorated(flow, function, "builtins.staticmethod"):
            positional = positional[1:]
        for position, value in enumerate(node.args):
            if isinstance(value, ast.Starred) or position >= len(positional):
                loose = True
                break
            passed[positional[position].arg] = (value, caller)
        names = {item.arg for item in arguments(function.node)}
        for keyword in node.keywords:
            if keyword.arg in names and keyword.arg is not None:
                passed[keyword.arg] = (keyword.value, caller)
            else:
                loose = True
    depth = caller.depth + 1 if caller else 0
    return Frame(function.module, function, passed, callee.receiver, callee.closure, caller, node, depth, loose)


def default(function: Function, node: ast.arg) -> ast.expr | None:
    """The default of parameter `node`; None where it has none."""
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    if node in positional:
        offset = positional.index(node) - (len(positional) - len(spec.defaults))
        return spec.defaults[offset] if offset >= 0 else None
    if node in spec.kwonlyargs:
        return spec.kw_defaults[spec.kwonlyargs.index(node)]
    return None


def is_receiver(flow: Flow, function: Function, node: ast.arg) -> bool:
    """Whether `node` is the `self` or `cls` of a method."""
    if function.owner is None or decorated(flow, function, "builtins.staticmethod"):
        return False
    return next(arguments(function.node), None) is node


def decorated(flow: Flow, function: Function, name: str) -> bool:
    """Whether a decorator of `function` is the external `name`, called or not."""
    for decorator in function.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if flow.project.external(target, function.outside) == name:
            return True
    return False


def is_property(flow: Flow, function: Function) -> bool:
    """Whether reading the method's name calls it."""
    return bool(function.node.decorator_list) and any(decorated(flow, function, name) for name in _PROPERTIES)
