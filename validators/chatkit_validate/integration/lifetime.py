"""Pools, engines and connections that the application owns, and what its start and shutdown do with them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, Foreign, Frame, FunctionValue, Instance, Opaque, reachable
from chatkit_validate.flow.blocks import expressions, inside
from chatkit_validate.integration import modules
from chatkit_validate.integration.application import argument
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

ENGINES = frozenset(
    {
        "sqlalchemy.create_engine",
        "sqlalchemy.engine.create_engine",
        "sqlalchemy.ext.asyncio.create_async_engine",
        "sqlmodel.create_engine",
        "sqlmodel.ext.asyncio.create_async_engine",
    }
)
_POOLS = frozenset(
    {
        "asyncpg.create_pool",
        "asyncpg.connect",
        "asyncpg.pool.create_pool",
        "psycopg.connect",
        "psycopg.AsyncConnection.connect",
        "psycopg2.connect",
        "psycopg2.pool.SimpleConnectionPool",
        "psycopg2.pool.ThreadedConnectionPool",
        "psycopg_pool.AsyncConnectionPool",
        "psycopg_pool.ConnectionPool",
        "aiosqlite.connect",
        "aiomysql.create_pool",
        "aiopg.create_pool",
        "motor.motor_asyncio.AsyncIOMotorClient",
        "pymongo.MongoClient",
        "pymongo.AsyncMongoClient",
        "redis.asyncio.from_url",
        "redis.asyncio.Redis",
        "redis.asyncio.Redis.from_url",
        "redis.asyncio.ConnectionPool.from_url",
        "databases.Database",
        "edgedb.create_async_client",
    }
)
_CLOSES = frozenset({"close", "aclose", "dispose", "disconnect", "terminate", "wait_closed", "shutdown", "close_all"})
_CACHES = ("functools.lru_cache", "functools.cache")
_STACKS = frozenset(
    {"enter_async_context", "enter_context", "push_async_exit", "push", "callback", "push_async_callback"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A pool, engine or connection that lives as long as the application.

    Attributes:
        name: What it is kept in, or the function that makes it.
        call: The call that makes it.
        frame: Where it is made.
        engine: Whether it is a SQLAlchemy engine.
        closed: Where it is closed; None where nothing closes it.
        unread: A close during shutdown whose receiver could not be followed, if there is one.
        again: Whether another branch of the same code makes one of that name too.
    """

    name: str
    call: ast.Call
    frame: Frame
    engine: bool
    closed: Place | None
    unread: Place | None
    again: bool = False

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.frame.place(self.call)


def resources(integration: Integration, root: str) -> tuple[Resource, ...]:
    """The resources that the application's modules make and keep, with what closes them."""
    closes = tuple(_closes(integration, root))
    found = []
    for module in integration.once(modules.modules, root):
        for frame, call in integration.routing.calls(module):
            name = _kind(integration.flow, call, frame)
            if name and not _pools_nothing(call) and (kept := _kept(integration.flow, call, frame)):
                closed, unread = _closed(integration.flow, call, closes)
                found.append(Resource(kept, call, frame, name in ENGINES, closed, unread))
    return tuple(_alternatives(found))


def _alternatives(found: list[Resource]) -> Iterator[Resource]:
    """The resources, each that another branch makes under the same name told from the first."""
    seen: set[tuple[str, object, str]] = set()
    for one in found:
        key = (one.frame.module.path, one.frame.function, one.name)
        yield replace(one, again=key in seen)
        seen.add(key)


def _kind(flow: Flow, call: ast.Call, frame: Frame) -> str:
    scope = frame.function.scope if frame.function else frame.module.scope
    name = flow.project.external(call.func, scope)
    return name if name in ENGINES | _POOLS else ""


def _pools_nothing(call: ast.Call) -> bool:
    """`poolclass=NullPool` keeps no connection open; a StaticPool of memory has nothing to give back."""
    pool = argument(call, "poolclass", None)
    return pool is not None and unparse(pool).rpartition(".")[2] == "NullPool"


def _kept(flow: Flow, call: ast.Call, frame: Frame) -> str:
    """What keeps the resource beyond the code that makes it; empty where it is local or closed by `with`."""
    parents = flow.parents(frame)
    node: ast.AST = call
    while not isinstance(node, ast.stmt):
        above = parents.get(node)
        if above is None or isinstance(above, ast.withitem):
            return ""
        node = above
    function = frame.function
    match node:
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
            name = unparse(target)
            if function is None or isinstance(target, ast.Attribute) or name in function.scope.outer:
                return name
            return name if _is_lifespan(function.node) or _returned_by_cache(flow, frame, name) else ""
        case ast.Return() if function is not None:
            return f"{function.name}()" if _cached(flow, frame) else _kept_by_caller(flow, function)
        case _:
            return ""


def _kept_by_caller(flow: Flow, maker: Function) -> str:
    """The global in which a function of the same module keeps what `maker` returns."""
    for function in maker.module.functions():
        for statement in inside(function.node.body) if function.scope.outer else ():
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if name in function.scope.outer:
                    if maker in flow.project.resolve(func, function.scope):
                        return name
                case _:
                    continue
    return ""


def _is_lifespan(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("contextmanager" in unparse(one) or "on_event" in unparse(one) for one in node.decorator_list)


def _cached(flow: Flow, frame: Frame) -> bool:
    function = frame.function
    return function is not None and any(
        flow.project.external(one.func if isinstance(one, ast.Call) else one, function.outside) in _CACHES
        for one in function.node.decorator_list
    )


def _returned_by_cache(flow: Flow, frame: Frame, name: str) -> bool:
    returned = frame.function.node.body if frame.function else []
    return _cached(flow, frame) and any(
        isinstance(one, ast.Return) and one.value is not None and unparse(one.value) == name for one in inside(returned)
    )


def _closed(
    flow: Flow, call: ast.Call, closes: tuple[tuple[ast.expr, Frame], ...]
) -> tuple[Place | None, Place | None]:
    unread = None
    for receiver, frame in closes:
        for value in flow.values(receiver, frame):
            if _is_made_by(value, call):
                return frame.place(receiver), None
            if isinstance(value, Opaque):
                unread = unread or frame.place(receiver)
    return None, unread


def _is_made_by(value: Value, call: ast.Call) -> bool:
    """Whether `value` is what `call` made, or an attribute of it (`engine.sync_engine`)."""
    current: Value | None = value
    for _ in range(4):
        if getattr(current, "node", None) is call:
            return True
        current = getattr(current, "base", None)
    return False


def _closes(integration: Integration, root: str) -> Iterator[tuple[ast.expr, Frame]]:
    """The receivers of every close that a shutdown of the application can reach."""
    flow = integration.flow
    for frame in shutdowns(integration, root):
        for called in reachable.calls(flow, frame):
            function = called.node.func
            if isinstance(function, ast.Attribute) and function.attr in _CLOSES:
                yield function.value, called.frame
            elif isinstance(function, ast.Attribute) and function.attr in _STACKS:
                for argument_ in called.node.args:
                    bound = isinstance(argument_, ast.Attribute) and argument_.attr in _CLOSES
                    yield (argument_.value if bound else argument_), called.frame  # type: ignore[attr-defined]
        if frame.function is not None:
            for node in expressions(frame.function.node):
                if isinstance(node, ast.withitem):
                    yield node.context_expr, frame


def shutdowns(integration: Integration, root: str) -> Iterator[Frame]:
    """The frames of everything that runs when an application stops: lifespans, handlers, exit hooks."""
    flow = integration.flow
    for module in integration.once(modules.modules, root):
        for function in module.functions():
            if any(_is_hook(one) for one in function.node.decorator_list):
                yield flow.entry(function)
        for frame, call in integration.routing.calls(module):
            for handler in _registered(flow, call, frame):
                yield from _entered(flow, handler)


def _is_hook(decorator: ast.expr) -> bool:
    text = unparse(decorator)
    return "on_event" in text or "asynccontextmanager" in text or "atexit.register" in text


def _registered(flow: Flow, call: ast.Call, frame: Frame) -> Iterator[Value]:
    for keyword in call.keywords:
        if keyword.arg == "lifespan":
            yield from flow.values(keyword.value, frame)
        elif keyword.arg in {"on_shutdown", "on_startup"}:
            for value in flow.values(keyword.value, frame):
                for element in getattr(getattr(value, "node", None), "elts", ()):
                    yield from flow.values(element, frame)
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"add_event_handler", "register"} and call.args:
        yield from flow.values(call.args[-1], frame)


def _entered(flow: Flow, value: Value) -> Iterator[Frame]:
    if isinstance(value, FunctionValue):
        yield flow.enter(value, None, None)
    elif isinstance(value, Instance | ClassValue):
        method = flow.hierarchy.method(value.cls, "__aexit__") or flow.hierarchy.method(value.cls, "__call__")
        if method is not None:
            yield flow.enter(FunctionValue(method, value), None, None)
    elif isinstance(value, Foreign) and value.base is not None:
        return
