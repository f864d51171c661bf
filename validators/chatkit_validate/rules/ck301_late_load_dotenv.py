"""CK301: the environment is loaded before the first module reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.application_file import ApplicationFile
    from chatkit_validate.integration.startup import Event, Startup

RULE = Rule(
    code="CK301",
    name="late-load-dotenv",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="file",
    what="Where the application calls `load_dotenv()`, the call runs before any module reads an environment variable "
    "at import, in the main module and in everything it imports.",
    why="A module-level `os.getenv()` that runs before `load_dotenv()` sees the environment without the `.env` file: "
    "the default, or None, is kept for the life of the process. On the developer's machine the chat is then "
    "switched off, or talks to the wrong database, while production, where real variables are set, works.",
    instead="Call `load_dotenv()` in the main module above the imports of the application's own modules and mark "
    "those imports `# noqa: E402` with the reason, or read the variables when they are needed: in a function, or "
    "through a pydantic-settings class with `env_file`.",
    acceptable="A variable read early that never stands in `.env` (set by the platform alone) is harmless: write "
    "`# chatkit: ignore[CK301] <why>` on the line of the `load_dotenv()` call. Reads inside functions, through a "
    "settings class with `env_file`, and of variables that the start itself has set before pass anyway.",
    sources=("python-dotenv: load_dotenv() sets variables for reads that follow it",),
    shown=Shown(
        path="app/main.py",
        good="from dotenv import load_dotenv\n\nload_dotenv()\n\nimport asyncpg",
        bad="import os\n\nfrom dotenv import load_dotenv\n\n"
        'LOG_LEVEL = os.getenv("LOG_LEVEL", "INFO")\n\nload_dotenv()\n\nimport asyncpg',
    ),
)


def decide(file: ApplicationFile, _integration: object) -> Iterator[Decision]:
    """Judges the application's main module; says nothing about the others."""
    if file.startup is not None:
        yield _judge(file, file.startup)


def _judge(file: ApplicationFile, startup: Startup) -> Decision:
    load = startup.first_load
    if load is None:
        if startup.gaps:
            return Unknown("the start imports or calls too much to follow", startup.gaps[0])
        return NotApplicable("nothing the application imports calls `load_dotenv()`", file.where)
    reads = startup.read_before(load)
    if reads:
        return _late(load, reads[0], len({read.where for read in reads}))
    if startup.gaps and load in startup.later:
        return Unknown("the start imports or calls too much to follow", startup.gaps[0])
    if load in startup.later:
        return Pass("no module reads the environment at import", load.where)
    return Pass("`load_dotenv()` runs before any module reads the environment", load.where, _trail(load))


def _late(load: Event, read: Event, reads: int) -> Fail:
    variable = f"`{read.name}`" if read.name else "the environment"
    more = f" (and {reads - 1} more before it)" if reads > 1 else ""
    first = read.trail[0].where if read.trail else read.where
    return Fail(
        f"`load_dotenv()` runs after {read.where.path}:{read.where.line} has read {variable} at import{more}",
        load.where,
        f"Call it above {first.path}:{first.line}, mark the imports below it `# noqa: E402`, and give the reason; or "
        f"read {variable} when it is needed.",
        (
            *_trail(read),
            Note(read.where, f"reads {variable}"),
            *_trail(load),
            Note(load.where, "loads `.env` only here"),
        ),
    )


def _trail(event: Event) -> tuple[Note, ...]:
    return tuple(Note(step.where, step.what) for step in event.trail)
