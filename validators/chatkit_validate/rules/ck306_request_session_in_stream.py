"""CK306: no database session of the request is in use while the answer streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import request_session, subjects
from chatkit_validate.integration.version import version_range
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration
    from chatkit_validate.integration.request_session import RequestSession

_GOOD = """@app.post("/chatkit")
async def chatkit(request: Request, caller: Annotated[Caller, Depends(current_caller)]):
    server = getattr(request.app.state, "chatkit_server", None)
    if server is None:
        raise HTTPException(503, "Chat is not available")
"""
_BAD = """async def request_connection(request: Request):
    async with request.app.state.pool.acquire() as connection:
        yield connection


@app.post("/chatkit")
async def chatkit(
    request: Request,
    caller: Annotated[Caller, Depends(current_caller)],
    connection: Annotated[asyncpg.Connection, Depends(request_connection)],
):
    server = ChatServer(PostgresStore(connection))
"""
RULE = Rule(
    code="CK306",
    name="request-session-in-stream",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="endpoint",
    what="The store opens its own sessions: no session that `Depends` opens for the request goes into the ChatKit "
    "context or into the server. A session that only the authentication uses is reported at level advice.",
    why="The answer streams after the handler has returned. FastAPI 0.106 to 0.117 closes the dependency before the "
    "stream begins: every store call then works on a closed session. Other versions keep it open for the whole stream: "
    "each running answer holds one connection, and a pool of ten serves ten conversations.",
    instead="Give the store the engine, pool or session factory, and open a session for each operation: "
    "`async with self.sessions() as session:`. Where the application's own authentication looks users up with the "
    "request's session, ask for that session beside it, and close it when the user is known: `await session.close()`.",
    acceptable="With few users and a large pool a held session does no harm on FastAPI outside 0.106-0.117: write "
    "`# chatkit: ignore[CK306] <why>` on the line of the parameter.",
    sources=("FastAPI 0.106.0 and 0.118.0: exit code of dependencies with yield and StreamingResponse",),
    shown=Shown(
        path="app/main.py",
        good=_GOOD,
        bad=_BAD,
    ),
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the sessions that the endpoint's dependencies open."""
    found = integration.once(request_session.sessions, endpoint)
    if not found:
        return Pass("no dependency of the endpoint keeps a database session for the request", endpoint.where)
    held = next((one for one in found if one.closed is None), None)
    if held is None:
        return Pass("the session of the request is closed before the answer streams", found[0].closed or endpoint.where)
    return _failure(held, _closed_when(integration, endpoint))


def _failure(session: RequestSession, fate: str) -> Fail:
    opened = Note(session.opened, "opened, and closed after the request, here")
    if session.used is None:
        return Fail(
            f"the session of the request, which only a dependency uses, is {fate}",
            session.where,
            "Close it when the user is known: in a dependency that asks for the user and for the session, "
            "`await session.close()`. FastAPI gives all dependencies of a request the same one.",
            (opened,),
            Level.ADVICE,
        )
    return Fail(
        f"the session of the request is used while the answer streams; it is {fate}",
        session.where,
        "Give the store a session factory and let it open one for each operation.",
        (opened, Note(session.where, "asked for here"), Note(session.used, "goes into what streams here")),
    )


def _closed_when(integration: Integration, endpoint: Endpoint) -> str:
    folder = endpoint.where.path.rpartition("/")[0] or "."
    version = integration.once(subjects.requirements, folder).version("fastapi")
    broken, running = version_range(">=0.106,<0.118"), version_range(f"=={version}") if version else None
    if running is None or broken is None:
        return "closed before the stream (FastAPI 0.106-0.117) or held for the whole of it (FastAPI is not pinned)"
    if running.meet(broken).empty:
        return f"held for the whole stream (FastAPI {version})"
    return f"closed before the stream begins (FastAPI {version})"
