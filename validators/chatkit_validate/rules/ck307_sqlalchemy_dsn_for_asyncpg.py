"""CK307: asyncpg is given a PostgreSQL URL, not a SQLAlchemy one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import dsn
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.dsn import Dsn
    from chatkit_validate.integration.subjects import Application

RULE = Rule(
    code="CK307",
    name="sqlalchemy-dsn-for-asyncpg",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="project",
    what="The URL that reaches `asyncpg.create_pool()` or `asyncpg.connect()` begins with `postgresql://` or "
    "`postgres://`, in the code and in the example file.",
    why="asyncpg refuses `postgresql+asyncpg://` with `ClientConfigurationError: invalid DSN: scheme is expected to be "
    "either postgresql or postgres`: the application does not start. The longer scheme is SQLAlchemy's.",
    instead='Write `postgresql://`, or strip the driver: `url.replace("+asyncpg", "")`.',
    acceptable="One variable for SQLAlchemy and asyncpg is fine where the driver is stripped before asyncpg gets it. "
    "Where a proxy rewrites it unseen write `# chatkit: ignore[CK307] <why>` on the line of the call.",
    sources=("asyncpg 0.32: connect_utils, ClientConfigurationError",),
    shown=Shown(
        path="app/main.py",
        good="asyncpg.create_pool(settings.taskflow_chatkit_database_url, timeout=5)",
        bad='asyncpg.create_pool("postgresql+asyncpg://chat@db/chat", timeout=5)',
    ),
)


def decide(application: Application, integration: Integration) -> Iterator[Decision]:
    """Judges every URL that the application gives to asyncpg."""
    found = integration.once(dsn.dsns, integration.root)
    for one in found:
        yield _judge(one)
    if not found:
        yield NotApplicable("the application opens no asyncpg connection", application.where)


def _judge(one: Dsn) -> Decision:
    if one.sqlalchemy is None:
        return Pass("no SQLAlchemy URL reaches asyncpg", one.where)
    if one.stripped:
        return Pass("the driver is stripped before asyncpg gets the URL", one.where, (Note(one.sqlalchemy, "the URL"),))
    return Fail(
        "asyncpg is given a URL that begins with `postgresql+asyncpg://`",
        one.where,
        'Write `postgresql://`, or strip the driver with `.replace("+asyncpg", "")`.',
        (Note(one.sqlalchemy, "the URL"), Note(one.where, "asyncpg gets it here")),
    )
