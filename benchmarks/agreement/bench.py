"""Apps in running order: one PostgreSQL, a database for each, tools, tokens; and the two validators that run them."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from metamorphic.app import ROOT
from services.identity import APP_AUDIENCE, ISSUER, MCP_AUDIENCE, TASK_SCOPE, Issuer, jwks_app
from services.mcp_tasks import JwtVerifier, McpTaskServer
from services.postgres import database_url, postgres
from services.serving import ThreadedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from metamorphic.app import App

SECONDS = 240
"""For one run of one validator."""
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPYCACHEPREFIX")
_PATHS = {"todo_app": "/api/v1/chatkit"}
_APPS = {"todo_app": "main:app"}
_STORES = {
    "taskflow": """\
from app.chatkit_store import PostgresStore, StoreConfig


async def make_store():
    store = PostgresStore(StoreConfig())
    await store.initialize_schema()
    return store
""",
    "todo_app": """\
from src.chatkit_server import PostgresChatKitStore
from src.database import Database
from src.settings import Settings


def make_store():
    return PostgresChatKitStore(Database(Settings().sqlalchemy_url, pool_size=10))
""",
    "minimal": """\
from contextlib import asynccontextmanager

import asyncpg
from app.settings import settings
from app.store import PostgresStore


@asynccontextmanager
async def make_store():
    async with asyncpg.create_pool(settings.taskflow_chatkit_database_url) as pool:
        store = PostgresStore(pool)
        await store.initialize_schema()
        yield store
""",
}


@dataclass(frozen=True, slots=True)
class Observed:
    """What a validator that runs the app said.

    Attributes:
        verdicts: Rule -> its verdict.
        got: Rule -> what was seen.
        refused: Why nothing could be observed; empty where it could.
    """

    verdicts: Mapping[str, str] = field(default_factory=dict)
    got: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


class Bench:
    """Use `bench()`."""

    def __init__(self, postgres_url: str, issuer: Issuer, jwks_url: str, template: str) -> None:
        self._postgres = postgres_url
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._template = template

    def probe(self, app: App, only: Iterable[str] = ()) -> Observed:
        """Serves `app` and plays these scenarios, or all."""
        with self._running(app) as (folder, variables):
            command = [
                *("probe", "--app", _APPS.get(app.name, "app.main:app"), "--app-dir", str(folder)),
                *("--path", _PATHS.get(app.name, "/chatkit"), "--model-stub", "--max-seconds", str(SECONDS - 60)),
                *self._users(app.name),
                *(part for name, value in variables.items() for part in ("--env", f"{name}={value}")),
                *(part for name in only for part in ("--only", name)),
            ]
            return _observed(command, folder, {})

    def store(self, app: App, only: Iterable[str] = ()) -> Observed:
        """Opens the store of `app` and tries these groups of clauses, or all."""
        with self._running(app) as (folder, variables):
            (folder / "opened_for_the_contract.py").write_text(_STORES[app.name], "utf-8")
            command = [
                "store",
                "opened_for_the_contract:make_store",
                "--path",
                str(folder),
                "--timeout",
                str(SECONDS - 60),
            ]
            chosen = ",".join(only)
            return _observed([*command, *(["--only", chosen] if chosen else [])], folder, variables)

    @contextmanager
    def _running(self, app: App) -> Iterator[tuple[Path, dict[str, str]]]:
        """The app's files in a folder, and the variables that give it a database and its tools."""
        folder = Path(tempfile.mkdtemp(prefix="running-"))
        name = f"bench_{secrets.token_hex(6)}"
        template = f' TEMPLATE "{self._template}"' if app.name == "todo_app" else ""
        asyncio.run(_execute(self._postgres, f'CREATE DATABASE "{name}"{template}'))
        database = database_url(self._postgres, name)
        verifier = JwtVerifier(secret=self._issuer.secret, jwks_url=self._jwks_url)
        try:
            with McpTaskServer(database, verifier) as tools:
                yield app.write(folder), self._variables(app.name, database, tools.url)
        finally:
            asyncio.run(_execute(self._postgres, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            shutil.rmtree(folder, ignore_errors=True)

    def _variables(self, name: str, database: str, tools: str) -> dict[str, str]:
        public = self._issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        own = {
            "taskflow": {
                "TASKFLOW_CHATKIT_DATABASE_URL": database,
                "AUTH_JWT_SECRET": self._issuer.secret,
                "AUTH_ISSUER": ISSUER,
                "AUTH_AUDIENCE": APP_AUDIENCE,
                "MCP_TOKEN_AUDIENCE": MCP_AUDIENCE,
            },
            "todo_app": {"DATABASE_URL": database, "JWT_SECRET": self._issuer.secret},
            "minimal": {
                "TASKFLOW_CHATKIT_DATABASE_URL": database,
                "JWT_PUBLIC_KEY": public,
                "JWT_AUDIENCE": APP_AUDIENCE,
            },
        }[name]
        return {**own, "MCP_SERVER_URL": tools, "OPENAI_BASE_URL": "{model_url}", "OPENAI_API_KEY": "sk-scripted"}

    def _users(self, name: str) -> list[str]:
        if name != "minimal":
            claims = {"iss": ISSUER, "aud": [APP_AUDIENCE, MCP_AUDIENCE], "scope": TASK_SCOPE}
            return ["--signing-key", self._issuer.secret, "--claims", json.dumps(claims)]
        mint: Callable[..., str] = self._issuer.token
        return [
            *("--token", mint("user-a", algorithm="RS256"), "--second-token", mint("user-b", algorithm="RS256")),
            *("--expired-token", mint("user-a", algorithm="RS256", lifetime=-3600)),
        ]


@contextmanager
def bench() -> Iterator[Bench]:
    """Everything that apps need, running for the length of the block."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres(os.environ.get("DATABASE_URL")))
        issuer = Issuer()
        served = ThreadedServer(jwks_app(issuer))
        served.start()
        stack.callback(served.stop)
        template = f"bench_template_{secrets.token_hex(4)}"
        asyncio.run(_execute(url, f'CREATE DATABASE "{template}"'))
        _migrate(database_url(url, template), issuer.secret)
        yield Bench(url, issuer, f"{served.url}/.well-known/jwks.json", template)
        asyncio.run(_execute(url, f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)'))


def _migrate(database: str, secret: str) -> None:
    backend = ROOT / "fixtures" / "todo_app" / "backend"
    environment = {**os.environ, "PYTHONPATH": str(backend), "DATABASE_URL": database, "JWT_SECRET": secret}
    subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(backend / "alembic.ini"), "upgrade", "head"],
        cwd=backend, env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip


def _observed(command: list[str], folder: Path, variables: Mapping[str, str]) -> Observed:
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPYCACHEPREFIX")
        if name in os.environ
    }
    environment = {
        **kept,
        **variables,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "validators"), str(ROOT / "fixtures")]),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chatkit_validate", *command, "--format", "json"],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Observed(refused=f"no answer within {SECONDS} s")
    if not done.stdout.startswith("{"):
        return Observed(refused=done.stderr.strip())
    report: dict[str, Any] = json.loads(done.stdout)
    if report["diagnostics"]:
        return Observed(refused=report["diagnostics"][0]["message"])
    found = [verdict for target in report["targets"] for verdict in target["verdicts"]]
    order = ("fail", "unknown", "pass", "not-applicable")
    found.sort(key=lambda verdict: order.index(verdict["verdict"]), reverse=True)
    return Observed(
        {verdict["code"]: verdict["verdict"] for verdict in found},
        {verdict["code"]: verdict["message"] or verdict["reason"] for verdict in found},
    )


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
