"""CK303: a settings class that reads a .env file ignores the keys that are not its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration.evidence import Found
    from chatkit_validate.integration.settings import SettingsClass

RULE = Rule(
    code="CK303",
    name="settings-forbid-extra",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="setting",
    what='A pydantic-settings class with an `env_file` says `extra="ignore"` (or `"allow"`).',
    why="pydantic-settings forbids extra keys by default: as soon as `.env` holds a key that the class has no field "
    "for (the ChatKit variables beside the application's own), the application stops at import with "
    "`extra_forbidden`. `env_prefix` does not help: a foreign key in the file is refused all the same. Variables of "
    "the process never do this, so it passes in production and fails on the next developer's machine.",
    instead='Write `model_config = SettingsConfigDict(env_file=".env", extra="ignore")`.',
    acceptable="A class that is meant to own the whole file and to refuse typing errors in it may forbid extras: "
    "write `# chatkit: ignore[CK303] <why>` on the line of the `env_file`.",
    sources=("pydantic-settings 2: BaseSettings.model_config extra='forbid'",),
    shown=Shown(
        path="app/settings.py",
        good='SettingsConfigDict(env_file=".env", extra="ignore")',
        bad='SettingsConfigDict(env_file=".env", env_prefix="TASKFLOW_")',
    ),
)
_WAY_OUT = 'Add `extra="ignore"` to its `SettingsConfigDict`.'


def decide(settings: SettingsClass, _integration: object) -> Decision:
    """Judges one settings class."""
    return decided(
        settings.env_file,
        found=lambda file: _with_file(settings, file),
        absent=lambda _: NotApplicable(f"{settings.name} reads no env_file", settings.where),
    )


def _with_file(settings: SettingsClass, file: Found[str]) -> Decision:
    return decided(
        settings.extra,
        found=lambda extra: _stated(settings, file, extra),
        absent=lambda _: Fail(
            f"{settings.name} reads {_named(file)} and refuses every key there that it has no field for",
            file.where,
            _WAY_OUT,
            (Note(settings.where, "extra keys are forbidden unless the class says otherwise"),),
        ),
    )


def _stated(settings: SettingsClass, file: Found[str], extra: Found[str]) -> Decision:
    if extra.value == "forbid":
        return Fail(
            f"{settings.name} reads {_named(file)} and forbids every key there that it has no field for",
            extra.where,
            _WAY_OUT,
            (Note(file.where, "the file it reads"),),
        )
    return Pass(f"{settings.name} lets other keys of {_named(file)} pass", extra.where)


def _named(file: Found[str]) -> str:
    return f"`{file.value}`" if file.value else "its env_file"
