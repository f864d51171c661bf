"""The command `all`: whatever can be run on a project, and one table of rules by validators."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.rules.verdict import Outcome, Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from chatkit_validate.configuration import Configuration
    from chatkit_validate.report.report import Report
    from chatkit_validate.report.style import Style
    from chatkit_validate.source import Problem

COLUMNS: Final = ((Validator.STATIC, "check"), (Validator.LIVE, "probe"), (Validator.STORE, "store"))
"""Who decides, and the command that asks them."""

# What a rule's verdicts about several subjects come to.
_WORST: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
_WORDS: Final = {
    Outcome.PASS: ("pass", 32),
    Outcome.FAIL: ("FAIL", 31),
    Outcome.UNKNOWN: ("unknown", 35),
    Outcome.NOT_APPLICABLE: ("n/a", 90),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What every validator says of one rule.

    Attributes:
        code: The rule's code.
        name: The rule's name.
        level: Of its worst failure, or the rule's.
        answers: Validator -> the worst of its verdicts; without the validators that did not run or do not decide it.
    """

    code: str
    name: str
    level: str
    answers: dict[Validator, Outcome]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for.

    Attributes:
        root: The project.
        app: What to probe: `module:app` or a URL; None for nothing.
        store: `module:factory`; None for none.
        probe_options: More options for `probe`, as on its command line.
        store_options: More options for `store`.
        configuration: For `check`.
        problems: What was found wanting while the configuration was read.
    """

    root: Path
    app: str | None
    store: str | None
    probe_options: str
    store_options: str
    configuration: Configuration
    problems: tuple[Problem, ...]


def run(asked: Asked, *, progress: Callable[[str], None]) -> Report:
    """Runs `check`, and `probe` and `store` where something is named for them.

    One that cannot be run is a diagnostic that makes the report incomplete, so that the others' answers are not lost.
    """
    from chatkit_validate.ahead import ask
    from chatkit_validate.check import check

    begun = ask(asked.root)
    reports = [
        check(asked.root, asked.configuration, problems=asked.problems, begun=begun, progress=progress, fixes=True)
    ]
    parts = (("probe", asked.app, _probe, "--app"), ("store", asked.store, _store, "--store"))
    missing = []
    for name, named, part, option in parts:
        if named is None:
            missing.append(f"{name} was not run: {option} names what to run it on.")
        else:
            progress(name)
            reports.append(_guarded(name, partial(part, asked, progress)))
    return joined(str(asked.root), reports, tuple(missing))


def _guarded(name: str, part: Callable[[], Report]) -> Report:
    from chatkit_validate.configuration import UsageError
    from chatkit_validate.report.report import Diagnostic, Report

    try:
        return part()
    except UsageError as error:
        return Report("", 0, 0, (), diagnostics=(Diagnostic("", 0, f"{name}-not-run", str(error), incomplete=True),))


def _probe(asked: Asked, progress: Callable[[str], None]) -> Report:
    from chatkit_validate.cli import parser
    from chatkit_validate.configuration import UsageError
    from chatkit_validate.live.arguments import agreed, missing_packages

    if missing := missing_packages():
        raise UsageError(missing)
    from chatkit_validate.live import command

    app = asked.app or ""
    target = [app] if "://" in app else ["--app", app, "--app-dir", str(asked.root)]
    options = parser("probe").parse_args(["probe", *target, *shlex.split(asked.probe_options)])
    request = command.read_request(options, asked.configuration.probe)
    if not agreed(command.announcement(request), yes=options.yes):
        raise UsageError("not agreed, so nothing was sent")
    return command.run(request, progress=progress)


def _store(asked: Asked, progress: Callable[[str], None]) -> Report:
    from chatkit_validate.cli import parser
    from chatkit_validate.contract import arguments, command

    named = ["store", asked.store or "", "--path", str(asked.root)]
    options = parser("store").parse_args([*named, *shlex.split(asked.store_options)])
    order = arguments.order(options, options.target, options.path)
    ignored = tuple(code for code, _ in asked.configuration.ignore)
    return command.run(order, only=options.only, seconds=options.timeout, ignored=ignored, progress=progress)


def joined(argument: str, reports: Iterable[Report], notes: tuple[str, ...] = ()) -> Report:
    """One report that holds what all of `reports` found, and `notes`."""
    from chatkit_validate.report.report import Report

    parts = list(reports)
    return Report(
        argument,
        files=sum(part.files for part in parts),
        analysed=sum(part.analysed for part in parts),
        integrations=tuple(one for part in parts for one in part.integrations),
        diagnostics=tuple(one for part in parts for one in part.diagnostics),
        notes=(*(one for part in parts for one in part.notes), *notes),
        crashed=any(part.crashed for part in parts),
        targets=tuple(one for part in parts for one in part.targets),
    )


def rows(report: Report) -> tuple[Row, ...]:
    """A row for each rule that any verdict is about, in order of code."""
    found: dict[str, Row] = {}
    for verdict in report.verdicts():
        row = found.setdefault(verdict.code, Row(verdict.code, verdict.name, verdict.level.value, {}))
        known = row.answers.get(verdict.by, Outcome.NOT_APPLICABLE)
        row.answers[verdict.by] = min(known, verdict.verdict, key=_WORST.index)
    return tuple(found[code] for code in sorted(found))


def table(report: Report, style: Style) -> str:
    """The rows as text: a column for each validator."""
    lines = rows(report)
    width = max((len(f"{row.code} {row.name}") for row in lines), default=4)
    head = f"{'rule':<{width}}  " + "  ".join(f"{name:<7}" for _, name in COLUMNS)
    told = [style.paint(head.rstrip(), 1)]
    for row in lines:
        cells = []
        for by, _ in COLUMNS:
            word, colour = _WORDS[row.answers[by]] if by in row.answers else ("-", 90)
            cells.append(style.paint(f"{word:<7}", colour))
        told.append(f"{f'{row.code} {row.name}':<{width}}  {'  '.join(cells)}".rstrip())
    return "\n".join(told) + "\n"


def as_data(report: Report) -> list[dict[str, Any]]:
    """The rows as plain data; a validator that did not run or does not decide the rule has null."""
    return [
        {
            "code": row.code,
            "name": row.name,
            **{name: row.answers[by].value if by in row.answers else None for by, name in COLUMNS},
        }
        for row in rows(report)
    ]
