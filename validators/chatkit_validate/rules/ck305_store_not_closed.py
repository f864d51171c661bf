"""CK305: what the application opens for its store it closes on shutdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import lifetime
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.application_file import ApplicationFile
    from chatkit_validate.integration.lifetime import Resource

RULE = Rule(
    code="CK305",
    name="store-not-closed",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="file",
    what="Every pool or connection that the application opens and keeps is closed when it shuts down. A SQLAlchemy "
    "engine made at import and never disposed is reported at level advice.",
    why="A worker that restarts leaves its connections to time out in the database; with a rolling deployment the new "
    "workers meet `too many connections`. Tests that start the application twice hang or warn.",
    instead="Open it in the lifespan, and close it after the `yield` in a `finally`: "
    "`pool = await asyncpg.create_pool(url)` ... `await pool.close()`, or `await engine.dispose()`.",
    acceptable="An engine with `NullPool` keeps nothing open and passes. Where the process always ends with the "
    "application write `# chatkit: ignore[CK305] <why>` on the line that opens it.",
    sources=("asyncpg: Pool.close()", "SQLAlchemy: Engine disposal"),
    shown=Shown(path="app/main.py", good="        await pool.close()", bad="        logger.info('stopped')"),
)


def decide(file: ApplicationFile, integration: Integration) -> Iterator[Decision]:
    """Judges every pool, engine and connection that the file opens and keeps."""
    resources = integration.once(lifetime.resources, integration.root)
    for resource in resources:
        if resource.where.path == file.name:
            yield _judge(resource)
    if file.first and not resources:
        yield NotApplicable("the application keeps no pool, engine or connection open", file.where)


def _judge(resource: Resource) -> Decision:
    if resource.closed is not None:
        return Pass(f"`{resource.name}` is closed on shutdown", resource.closed, (Note(resource.where, "opened here"),))
    if resource.unread is not None:
        return Unknown(f"whether this closes `{resource.name}` cannot be followed", resource.unread)
    name = f"`{resource.name}` of the other branch" if resource.again else f"`{resource.name}`"
    return Fail(
        f"The engine {name} is never disposed" if resource.engine else f"{name} is never closed",
        resource.where,
        "Dispose of it after the `yield` of the lifespan." if resource.engine else "Close it after the `yield`.",
        level=Level.ADVICE if resource.engine else None,
    )
