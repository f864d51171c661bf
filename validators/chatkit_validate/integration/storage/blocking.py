"""Calls that keep the event loop waiting inside a store's methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, Foreign, Frame, FunctionValue, Instance
from chatkit_validate.flow.reachable import own_calls
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

_DEPTH = 6
_MANY = 400
# Functions that wait for something outside the process.
_FUNCTIONS = frozenset(
    {
        "time.sleep", "builtins.open", "subprocess.run", "subprocess.check_output", "os.system", "shutil.copyfile",
        "shutil.copy", "shutil.move", "shutil.rmtree", "os.remove", "os.unlink", "os.rename", "os.replace",
        "urllib.request.urlopen", "socket.create_connection", "smtplib.SMTP",
        "psycopg.connect", "psycopg2.connect", "sqlite3.connect", "pymysql.connect", "mysql.connector.connect",
    }
)  # fmt: skip
_HTTP = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send"})
_HTTP_MODULES = ("requests", "httpx", "httpx2", "requests.Session()", "httpx.Client()", "httpx2.Client()")
# Objects each of whose methods waits, but for those that only prepare a call.
_CLIENTS = (
    "azure.cosmos.CosmosClient", "pymongo.", "redis.Redis", "redis.StrictRedis", "redis.from_url", "boto3.",
    "supabase.create_client", "supabase.Client", "google.cloud.", "sqlite3.connect()", "sqlite3.Connection",
    "psycopg2.", "psycopg.connect()", "psycopg.Connection", "psycopg_pool.ConnectionPool", "pymysql.",
)  # fmt: skip
_IDLE = frozenset(
    {
        "get_database_client", "get_container_client", "client", "resource", "Table", "collection", "document",
        "cursor", "table", "select", "eq", "order", "limit", "pipeline", "where", "Client", "MongoClient", "close",
        "get_collection", "get_database", "range", "insert", "update", "upsert", "delete", "connect", "single",
        "Redis", "StrictRedis", "from_url", "create_client", "CosmosClient", "ConnectionPool", "SimpleConnectionPool",
        "fetchone", "fetchall", "row_factory", "schema",
    }
)  # fmt: skip
_SESSIONS = (
    "sqlalchemy.orm.Session()", "sqlmodel.Session()", "sqlalchemy.orm.session.Session()",
    "sqlmodel.orm.session.Session()",
    "sqlalchemy.orm.sessionmaker()()", "sqlalchemy.orm.scoped_session()()", "sqlalchemy.create_engine().connect()",
    "sqlalchemy.create_engine().begin()", "sqlmodel.create_engine().connect()", "sqlmodel.create_engine().begin()",
)  # fmt: skip
_QUERIES = frozenset({"execute", "exec", "commit", "scalar", "scalars", "get", "refresh", "flush", "query", "merge"})
# What an unknown session is asked: a coroutine of these names would be awaited.
_UNKNOWN = frozenset({"execute", "exec", "commit"})
# Methods of a pathlib.Path; those of anyio's are awaited.
_FILES = frozenset({"read_text", "write_text", "read_bytes", "write_bytes"})


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that keeps the loop waiting.

    Attributes:
        name: What is called.
        passed: The calls on the way from the method to it.
    """

    name: str
    passed: tuple[Place, ...]


def wait(integration: Integration, method: Method) -> Evidence[Wait]:
    """The first call in the method, or in what it calls, that blocks; Absent where all that waits is awaited."""
    if not isinstance(method.function.node, ast.AsyncFunctionDef):
        return Unresolved(f"{method.method} is no coroutine (CK403)", method.where)
    flow = integration.flow
    start = flow.enter(FunctionValue(method.function, method.store.made), None, None)
    others = _interface(integration, method)
    seen: set[Function | None] = {start.function}
    queue: list[tuple[Frame, tuple[Place, ...]]] = [(start, ())]
    budget = _MANY
    while queue and budget:
        frame, passed = queue.pop(0)
        for node in own_calls(frame):
            budget -= 1
            if budget <= 0:
                break
            awaited = _is_awaited(flow, node, frame)
            callees = flow.values(node.func, frame)
            name = "" if awaited else next((name for name in _names(callees, node) if name), "")
            if name:
                return Found(Wait(name, passed), frame.place(node))
            if frame.depth - start.depth < _DEPTH:
                queue.extend(
                    (inner, (*passed, frame.place(node)))
                    for inner in _entered(flow, callees, node, frame)
                    if inner.function not in seen and inner.function not in others and not seen.add(inner.function)  # type: ignore[func-returns-value]
                )
    return Absent(method.where)


def _interface(integration: Integration, method: Method) -> set[Function | None]:
    """The store's other methods, which are judged themselves."""
    found = (integration.flow.hierarchy.method(method.store.cls, name) for name in method.store.interface.methods)
    return set(found) - {method.function}


def _entered(flow: Flow, callees: tuple[Value, ...], node: ast.Call, frame: Frame) -> Iterator[Frame]:
    from chatkit_validate.flow.reachable import entered

    return entered(flow, callees, node, frame)


def _is_awaited(flow: Flow, node: ast.Call, frame: Frame) -> bool:
    """Whether what the call gives is awaited, entered by `async with` or looped over by `async for`."""
    parent = flow.parents(frame).get(node)
    match parent:
        case ast.Await():
            return True
        case ast.withitem():
            return isinstance(flow.parents(frame).get(parent), ast.AsyncWith)
        case ast.AsyncFor(iter=iterated):
            return iterated is node
        case ast.comprehension(is_async=is_async):
            return bool(is_async)
        case _:
            return False


def _names(callees: tuple[Value, ...], node: ast.Call) -> Iterator[str]:
    known = False
    for callee in callees:
        if isinstance(callee, FunctionValue | ClassValue | Instance):
            return
        if isinstance(callee, Foreign):
            known = True
            yield callee.name if _blocks(callee.name) else ""
    if isinstance(node.func, ast.Attribute) and node.func.attr in (_FILES if known else _UNKNOWN | _FILES):
        yield unparse(node.func)


def _blocks(name: str) -> bool:
    """Whether the library's function of that name waits for something outside the process."""
    owner, _, method = name.rpartition(".")
    if name in _FUNCTIONS or (method in _HTTP and owner in _HTTP_MODULES):
        return True
    if ".aio" in owner or "asyncio" in owner or "Async" in owner:
        return False
    if method in _QUERIES and owner.startswith(_SESSIONS) and owner.count("()") <= _made(owner):
        return True
    if method in {"exec", "commit", "execute"} and owner in {"builtins.next()", "builtins.next()[]"}:
        return True
    return owner.startswith(_CLIENTS) and "()" in owner and method not in _IDLE and _prepared(owner)


def _made(owner: str) -> int:
    """How many calls make the session that `owner` begins with."""
    session = next(one for one in _SESSIONS if owner.startswith(one))
    return session.count("()")


def _prepared(owner: str) -> bool:
    """Whether all that was called on the client so far only prepared the call."""
    calls = [part.removesuffix("()") for part in owner.split(".") if part.endswith("()")]
    return all(part in _IDLE for part in calls)
