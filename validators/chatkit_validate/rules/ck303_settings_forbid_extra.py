"""CK303: a settings class that reads a .env file ignores the keys that are not its own."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Edit, Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.evidence import Found
    from chatkit_validate.integration.settings import SettingsClass
    from chatkit_validate.names import Module, Project
    from chatkit_validate.source import Place

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
    fix='safe or unsafe: writes `extra="ignore"` beside the `env_file`; what started before starts as it did. Unsafe '
    "where the class says `forbid` itself, or takes its configuration from elsewhere.",
)
_WAY_OUT = 'Add `extra="ignore"` to its `SettingsConfigDict`.'


def decide(settings: SettingsClass, integration: Integration) -> Decision:
    """Judges one settings class."""
    return decided(
        settings.env_file,
        found=lambda file: _with_file(settings, file, integration.flow.project),
        absent=lambda _: NotApplicable(f"{settings.name} reads no env_file", settings.where),
    )


def _with_file(settings: SettingsClass, file: Found[str], project: Project) -> Decision:
    return decided(
        settings.extra,
        found=lambda extra: _stated(settings, file, extra, project),
        absent=lambda _: Fail(
            f"{settings.name} reads {_named(file)} and refuses every key there that it has no field for",
            file.where,
            _WAY_OUT,
            (Note(settings.where, "extra keys are forbidden unless the class says otherwise"),),
            fix=partial(_fix, settings, file.where, project.module(file.where.path)),
        ),
    )


def _stated(settings: SettingsClass, file: Found[str], extra: Found[str], project: Project) -> Decision:
    if extra.value == "forbid":
        return Fail(
            f"{settings.name} reads {_named(file)} and forbids every key there that it has no field for",
            extra.where,
            _WAY_OUT,
            (Note(file.where, "the file it reads"),),
            fix=partial(_allow, extra.where, project.module(extra.where.path)),
        )
    return Pass(f"{settings.name} lets other keys of {_named(file)} pass", extra.where)


def _named(file: Found[str]) -> str:
    return f"`{file.value}`" if file.value else "its env_file"


def _fix(settings: SettingsClass, file: Place, module: Module | None) -> Fix | None:
    """Adds the setting where the file stands: to the same call, dictionary, class statement or inner class."""
    from chatkit_validate.rules import editing

    node = _at(module, file)
    if module is None or node is None:
        return None
    above = module.parents.get(node)
    holder = module.parents.get(above) if isinstance(above, ast.keyword) else above
    edits: tuple[Edit, ...] | None = None
    match holder:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name.endswith(("Dict", "dict")):
            edits = editing.with_argument(module, holder, 'extra="ignore"')
        case ast.Dict():
            edits = editing.with_item(module, holder, '"extra": "ignore"')
        case ast.ClassDef():
            edits = editing.with_class_argument(module, holder, 'extra="ignore"')
        case ast.Assign() | ast.AnnAssign():
            line = f'{editing.newline(module)}{editing.indentation(module, holder.lineno)}extra = "ignore"'
            edits = (editing.inserted(module, editing.line_end(module, editing.span(module, holder)[1]), line),)
        case _:
            return None
    return Fix(safe=_within(module, node, settings.cls.node), edits=edits) if edits else None


def _allow(extra: Place, module: Module | None) -> Fix | None:
    from chatkit_validate.rules import editing

    node = _at(module, extra)
    return Fix(safe=False, edits=(editing.replaced(module, node, '"ignore"'),)) if module and node else None


def _at(module: Module | None, place: Place) -> ast.expr | None:
    nodes = module.nodes if module else ()
    return next((one for one in nodes if isinstance(one, ast.expr) and module and module.place(one) == place), None)


def _within(module: Module, node: ast.AST | None, owner: ast.ClassDef) -> bool:
    while node is not None and node is not owner:
        node = module.parents.get(node)
    return node is owner
