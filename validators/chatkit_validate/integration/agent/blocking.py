"""Calls that keep the event loop waiting, in what a turn runs on it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Frame, Instance, Part, Structure, reachable
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.calls import THREADS
from chatkit_validate.integration import serving, subjects
from chatkit_validate.integration.version import version_key
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_THREADED_SINCE = "0.8.0"
"""Since then openai-agents runs function tools that are written with plain `def` in a thread."""

# Functions that wait for something outside the process.
_FUNCTIONS = frozenset(
    {
        "time.sleep", "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
        "subprocess.getoutput", "os.system", "urllib.request.urlopen", "urllib.request.urlretrieve",
        "socket.create_connection", "psycopg.connect", "psycopg2.connect", "sqlite3.connect", "pymysql.connect",
        "mysql.connector.connect", "litellm.completion", "litellm.embedding", "agents.Runner.run_sync",
        "asyncio.run", "builtins.input", "smtplib.SMTP", "ollama.chat", "ollama.generate", "cohere.chat",
        "openai.chat.completions.create", "openai.responses.create", "openai.embeddings.create",
    }
)  # fmt: skip
_HTTP = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "send"})
_HTTP_MODULES = ("requests.", "httpx.", "httpx2.", "requests.Session().", "httpx.Client().", "httpx2.Client().")
# Clients each of whose methods below the object waits for the network: by the call that makes them.
_CLIENTS = (
    "openai.OpenAI()", "openai.AzureOpenAI()", "anthropic.Anthropic()", "supabase.create_client()",
    "supabase.Client()", "supabase.client.create_client()", "azure.cosmos.CosmosClient()", "pymongo.MongoClient()",
    "redis.Redis()", "redis.StrictRedis()", "redis.from_url()", "redis.Redis.from_url()", "boto3.client()",
    "boto3.resource()", "google.generativeai.GenerativeModel()", "google.genai.Client()",
    "qdrant_client.QdrantClient()",
    "cohere.Client()", "cohere.ClientV2()", "pinecone.Pinecone()", "groq.Groq()", "mistralai.Mistral()",
    "elasticsearch.Elasticsearch()", "psycopg2.connect()", "psycopg.connect()", "psycopg.Connection()",
    "sqlite3.connect()", "sqlite3.Connection()", "psycopg2.pool.SimpleConnectionPool()",
    "psycopg_pool.ConnectionPool()",
    "twilio.rest.Client()", "tavily.TavilyClient()", "firecrawl.FirecrawlApp()", "chromadb.HttpClient()",
    "google.cloud.", "weaviate.Client()", "neo4j.GraphDatabase.driver()", "stripe.",
)  # fmt: skip
# Methods of such clients that do nothing outside the process.
_IDLE = frozenset(
    {
        "with_options", "close", "from_", "table", "select", "eq", "order", "limit", "insert", "update", "upsert",
        "delete", "schema", "in_", "neq", "gt", "lt", "gte", "lte", "ilike", "like", "is_", "single", "maybe_single",
        "get_database_client", "get_container_client", "collection", "cursor", "pipeline", "Index", "Table", "range",
        "match", "or_", "filter", "contains", "document", "where", "get_collection",
    }
)  # fmt: skip
_SESSIONS = (
    "sqlalchemy.orm.Session()", "sqlmodel.Session()", "sqlalchemy.orm.session.Session()",
    "sqlalchemy.orm.sessionmaker()()", "sqlalchemy.orm.scoped_session()()", "sqlalchemy.create_engine().connect()",
    "sqlalchemy.create_engine().begin()", "sqlalchemy.engine.Connection()", "sqlmodel.create_engine().connect()",
)  # fmt: skip
_QUERIES = frozenset(
    {
        "execute", "exec", "commit", "scalar", "scalars", "get", "refresh", "flush", "query", "merge", "delete",
        "rollback", "bulk_save_objects",
    }
)  # fmt: skip
_LONG = 5
_HANDS = frozenset({"run_in_executor", "run_sync", "submit", "run_in_threadpool", "to_thread"})


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that keeps the event loop waiting.

    Attributes:
        name: What is called.
        where: The call.
        entry: The function of the turn from which it is reached.
    """

    name: str
    where: Place
    entry: Place


def waits(integration: Integration, one: Served) -> tuple[Wait, ...]:
    """What keeps the loop waiting in the turn: `respond()`, `action()`, converters, hooks and tools that run on it.

    Calls of store methods are left out, and whatever is given to a thread. Ask through `Integration.once`.
    """
    found: dict[ast.Call, Wait] = {}
    for entry in one.entries:
        if entry.function is None or not _on_loop(integration, one, entry):
            continue
        start = entry.module.place(entry.function.node)
        for called in reachable.calls(integration.flow, entry):
            names = (name for callee in called.callees for name in _named(integration.flow, callee))
            name = next((name for name in names if _blocks(name)), "")
            if name and called.node not in found and not _elsewhere(integration, called.frame):
                found[called.node] = Wait(name, called.frame.place(called.node), start)
    return tuple(found.values())


def _on_loop(integration: Integration, one: Served, entry: Frame) -> bool:
    """Whether the function runs on the event loop: all but plain `def` tools, where the SDK has threads for them."""
    function = entry.function
    if function is None or isinstance(function.node, ast.AsyncFunctionDef):
        return True
    if not any(tool.function is function for tool in one.turn.tools):
        return True
    return not integration.once(_threaded, integration.root)


def _threaded(integration: Integration, _root: str) -> bool:
    """Whether the Agents SDK that the application asks for may be one that runs plain tools in threads."""
    since = version_key(_THREADED_SINCE)
    for folder in subjects.folders(integration):
        for requirement in integration.once(subjects.requirements, folder).of("openai-agents"):
            allowed = requirement.versions
            if allowed is None or allowed.high is None or since is None:
                continue
            if allowed.high < since or (allowed.high == since and allowed.high_open):
                return False
    return True


def _elsewhere(integration: Integration, frame: Frame) -> bool:
    """Whether the code runs in a thread, or is the store's, whose methods another rule judges."""
    current: Frame | None = frame
    while current is not None:
        owner = current.function.owner if current.function else None
        if owner is not None and serving.is_store(integration, owner):
            return True
        if current.loose and isinstance(current.call, ast.Call) and _hands(integration.flow, current):
            return True
        current = current.caller
    return False


def _hands(flow: Flow, frame: Frame) -> bool:
    call = frame.call
    if not isinstance(call, ast.Call) or frame.caller is None:
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr in _HANDS:
        return True
    return any(isinstance(value, Foreign) and value.name in THREADS for value in flow.values(call.func, frame.caller))


def _named(flow: Flow, callee: object) -> Iterator[str]:
    """The names of library functions that `callee` may be; methods of what a dictionary keeps included."""
    if isinstance(callee, Foreign):
        yield callee.name
    elif isinstance(callee, Part) and isinstance(callee.key, str):
        for value in _stored(flow, callee.base):
            if isinstance(value, Foreign):
                yield f"{value.name}.{callee.key}"


def _stored(flow: Flow, value: object) -> Iterator[Value]:
    """What methods of the same object put into the dictionary that `value` was looked up in."""
    while isinstance(value, Part):
        value = value.base
    frame = getattr(value, "frame", None)
    if not isinstance(value, Structure) or not isinstance(value.node, ast.Dict) or not isinstance(frame, Frame):
        return
    receiver = frame.receiver
    for function in receiver.cls.scope.functions if isinstance(receiver, Instance) else ():
        inner = flow.entry(function, receiver)
        for node in own_nodes(function):
            match node:
                case ast.Assign(targets=[ast.Subscript(value=owner)], value=given):
                    if any(getattr(one, "node", None) is value.node for one in flow.values(owner, inner)):
                        yield from flow.values(given, inner)
                case _:
                    continue


def _blocks(name: str) -> bool:
    """Whether the library's function of that name waits for something outside the process."""
    owner, _, method = name.rpartition(".")
    if name in _FUNCTIONS or (method in _HTTP and f"{owner}." in _HTTP_MODULES):
        return True
    if method in _QUERIES and owner.startswith(_SESSIONS):
        return True
    # `client.files.create` waits; `openai.OpenAI` only makes the client, and what a call has given needs no network.
    client = next((one for one in _CLIENTS if owner.startswith(one.rstrip("."))), "")
    if not client or method in _IDLE or "()" not in owner:
        return False
    between = owner.removeprefix(client.rstrip(".")).split(".")
    calls = [part.removesuffix("[]").removesuffix("()") for part in between if "()" in part]
    return all(part in _IDLE for part in calls) and not any(part.endswith("[]") for part in between)


def shortened(name: str) -> str:
    """The name without what was called on the way to it: `openai.OpenAI().files.create`."""
    parts = name.split(".")
    return name if len(parts) <= _LONG else f"{'.'.join(parts[:2])}...{parts[-1]}"
