"""CK302: imports that must stay below load_dotenv() are marked, so that ruff does not ask to move them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration import ruff
from chatkit_validate.integration.evidence import Absent, Found, Unresolved
from chatkit_validate.integration.ruff_configuration import ruff_configuration
from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Edit, Fix, Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator
from chatkit_validate.source.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.application_file import ApplicationFile, LateImport
    from chatkit_validate.integration.ruff import LateImport as Reported
    from chatkit_validate.integration.ruff_configuration import RuffConfiguration
    from chatkit_validate.names import Module

RULE = Rule(
    code="CK302",
    name="unmarked-e402",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="file",
    what="Where the project's ruff configuration asks for E402, every import below `load_dotenv()` (or other code) "
    "in the files that the application imports carries `# noqa: E402`. Ruff itself decides, with that configuration; "
    "an import below code that does not set up the environment is reported at level advice.",
    why="Two tools pull in opposite directions: the environment must be loaded above the imports that read it "
    "(CK301), and E402 wants every import at the top. `ruff check --fix --preview --unsafe-fixes` resolves "
    "E402 by moving the imports above `load_dotenv()`: the lint is then green and the settings are read from an "
    "empty environment. `# noqa: E402` records that the order is meant.",
    instead="Write `# noqa: E402` with the reason behind each of those imports, or read the environment lazily, so "
    "that the call need not stand between imports. Do not move the imports.",
    acceptable="A per-file ignore of E402 in the ruff configuration passes as well. To leave the imports "
    "unmarked, write `# chatkit: ignore[CK302] <why>` on the first of them.",
    sources=("ruff E402 (module-import-not-at-top-of-file); its fix is in preview and unsafe",),
    shown=Shown(
        path="app/main.py",
        good="import asyncpg  # noqa: E402 - the environment must be loaded first",
        bad="import asyncpg",
    ),
    fix="safe: writes `# noqa: E402` with the reason behind the imports below the set-up of the environment. Only "
    "comments change. Imports below other code are left alone: whether their order is meant is not known.",
)


def begin(file: ApplicationFile, integration: Integration) -> None:
    """Starts ruff where its answer will be wanted: it works while other rules are asked."""
    module = integration.flow.project.module(file.name)
    if file.late is None or module is None:
        return
    configuration = ruff_configuration(Texts(file.tree), file.name)
    if isinstance(configuration, Found) and not _refusal(configuration.value):
        ruff.begin(file.tree, file.name, file.beside, text=module.file.text)


def decide(file: ApplicationFile, integration: Integration) -> Iterator[Decision]:
    """Judges one file of the application; says nothing about files whose imports stand at the top."""
    module = integration.flow.project.module(file.name)
    if file.late is not None and module is not None:
        yield _judge(file, file.late, module)
    elif file.startup is not None:
        yield NotApplicable("no import stands below other code", file.where)


def _judge(file: ApplicationFile, late: LateImport, module: Module) -> Decision:
    return decided(
        ruff_configuration(Texts(file.tree), file.name),
        found=lambda found: _configured(file, late, found.value, module),
        absent=lambda _: NotApplicable("the project declares no ruff configuration", file.where),
    )


def _configured(file: ApplicationFile, late: LateImport, configuration: RuffConfiguration, module: Module) -> Decision:
    if refusal := _refusal(configuration):
        return NotApplicable(refusal, file.where)
    answer = ruff.late_imports(file.tree, file.name, file.beside, text=module.file.text)
    if isinstance(answer, Unresolved):
        return Unknown(answer.reason, late.first)
    if isinstance(answer, Absent):
        return Pass("ruff accepts the late imports", late.first, _set_up(late))
    return _reported(late, answer, configuration, module)


def _refusal(configuration: RuffConfiguration) -> str:
    """Why ruff need not be asked; empty where the project wants E402."""
    if not configuration.enables:
        return f"{configuration.path} does not ask for E402 (ruff's default set depends on its version)"
    narrower = configuration.enables != "ALL" and len(configuration.disables) >= len(configuration.enables)
    if narrower or (configuration.enables == "ALL" and configuration.disables):
        return f"{configuration.path} ignores E402"
    return ""


def _reported(
    late: LateImport, answer: Found[tuple[Reported, ...]], configuration: RuffConfiguration, module: Module
) -> Decision:
    below = [one for one in answer.value if late.after and one.where.line > late.after.line]
    shown = below or answer.value
    count = f"{len(shown)} imports" if len(shown) > 1 else "an import"
    noted = (
        *(Note(one.where, one.message) for one in shown),
        Note(configuration.where, f"the project asks for E402 by `{configuration.enables}`"),
    )
    if below:
        return Fail(
            f"ruff reports E402 for {count} that must stay below the set-up of the environment",
            below[0].where,
            "Write `# noqa: E402` and the reason behind each. Never let ruff move them: with `--preview "
            "--unsafe-fixes` it puts them above the set-up.",
            (*_set_up(late), *noted),
            fix=partial(_fix, module, below),
        )
    return Fail(
        f"ruff reports E402 for {count} below other code",
        shown[0].where,
        "Move them up where nothing depends on the order, else write `# noqa: E402` and the reason.",
        noted,
        level=Level.ADVICE,
    )


def _set_up(late: LateImport) -> tuple[Note, ...]:
    return (Note(late.after, "the environment is set up here"),) if late.after else ()


def _fix(module: Module, late: list[Reported]) -> Fix | None:
    reasons = ("the environment is loaded first", *("as above" for _ in late[1:]))
    edits = [_marked(module, one.where.line, reason) for one, reason in zip(late, reasons, strict=True)]
    made = tuple(sorted((edit for edit in edits if edit), key=lambda edit: edit.start))
    return Fix(safe=True, edits=made) if len(made) == len(late) else None


def _marked(module: Module, line: int, reason: str) -> Edit | None:
    """Ruff reads the comment of the line that an import begins on; such a line holds no string."""
    from chatkit_validate.rules import editing

    text, start = module.file.lines[line - 1].rstrip(), editing.line_start(module, line)
    if ";" in text or text.endswith("\\"):
        return None
    if codes := re.search(r"#\s*noqa:[ \t]*(?=[A-Z])", text, re.IGNORECASE):
        return editing.inserted(module, start + codes.end(), "E402, ")
    return editing.inserted(module, start + len(text), f"  # noqa: E402 - {reason}")
