"""CK310: code, settings prefix and example file call a variable by one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import environment
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.environment import Environment, Variable
    from chatkit_validate.integration.subjects import Application

_GOOD = """from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    taskflow_chatkit_database_url: str | None = None
"""
_BAD = """import os

from pydantic_settings import BaseSettings, SettingsConfigDict

CHAT_IS_ON = bool(os.getenv("CHATKIT_DATABASE_URL"))


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_prefix="TASKFLOW_")

    chatkit_database_url: str | None = None
"""
RULE = Rule(
    code="CK310",
    name="environment-name-mismatch",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="project",
    what="A variable has one name: in the code that asks whether chat is on, in the settings class with its "
    "`env_prefix`, and in `.env.example`.",
    why="Who follows the example sets `CHATKIT_DATABASE_URL`, the settings read `TASKFLOW_CHATKIT_DATABASE_URL`: chat "
    "stays off or answers 503, and nothing says why.",
    instead="Read the variable through the settings class everywhere, and name it in `.env.example` with its prefix.",
    acceptable="Names in the example that other programs read (a front end, a container) pass, and so do "
    "variables that the example leaves out, and the app's own `DATABASE_URL` beside a "
    "`TASKFLOW_CHATKIT_DATABASE_URL`. Where two variables do mean different things write "
    "`# chatkit: ignore[CK310] <why>` on the line of the other name, where that is code.",
    sources=("pydantic-settings 2: env_prefix",),
    shown=Shown(
        path="app/settings.py",
        good=_GOOD,
        bad=_BAD,
    ),
)


def decide(application: Application, integration: Integration) -> Decision | Iterator[Decision]:
    """Judges the variables of one application: one failure for each pair of names that mean the same."""
    held = integration.once(environment.environment, integration.root)
    if not held.example and not held.read:
        return NotApplicable("there is no example file, and no variable is read", application.where)
    failures = [_failure(held, *pair) for pair in _pairs(held)]
    if failures:
        return iter(failures)
    where = (held.example or held.read)[0].where
    return Pass("no variable is called by two names", where)


def _pairs(held: Environment) -> Iterator[tuple[Variable, Variable]]:
    """Variables whose names differ by a prefix alone: one the code reads, one the example or other code names."""
    read = {one.name: one for one in reversed(held.read)}
    shown = {one.name: one for one in held.example}
    for one in read.values():
        if one.name in shown:
            continue
        # Named in the example without its prefix, or with one more, and read by nothing under that name.
        yield from ((one, other) for other in _same(one, shown.values()) if other.name not in read)
        if one.prefix:
            # Read beside the settings class without the prefix that the class puts before it.
            bare = read.get(one.name.removeprefix(one.prefix))
            if (
                bare is not None
                and not bare.prefix
                and not bare.by_library
                and bare.name not in shown
                and "_" in bare.name
                # DATABASE_URL beside TASKFLOW_CHATKIT_DATABASE_URL is the app's own: another thing.
                and ("CHAT" in bare.name or "CHAT" not in one.prefix)
            ):
                yield one, bare


def _same(one: Variable, others: Iterable[Variable]) -> Iterator[Variable]:
    for other in others:
        short, long = sorted((one.name, other.name), key=len)
        # A single word says too little: PORT is not APP_PORT's other name.
        prefixed = "_" in short and long.endswith(f"_{short}") and "CHAT" in long
        if prefixed or _is_slip(short, long):
            yield other


def _is_slip(short: str, long: str) -> bool:
    """Whether `long` is `short` with one or two letters more, as OPENAI_API_KEY and OPEN_API_KEY."""
    letters = iter(long)
    return 0 < len(long) - len(short) <= 2 and len(short) >= 10 and all(letter in letters for letter in short)


def _failure(held: Environment, one: Variable, other: Variable) -> Fail:
    named = "the example names" if other in held.example else "other code reads"
    return Fail(
        f"the code reads `{one.name}`, {named} `{other.name}`",
        other.where,
        f"Use one name: `{max(one.name, other.name, key=len)}`.",
        (Note(one.where, f"`{one.name}` is read here, or by the library imported here"),),
    )
