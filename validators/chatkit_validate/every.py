"""The command `all`: whatever can be run on a project, and one table of rules by validators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.rules.verdict import Outcome, Validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatkit_validate.report.report import Report
    from chatkit_validate.report.style import Style

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


def joined(argument: str, reports: Iterable[Report]) -> Report:
    """One report that holds what all of `reports` found."""
    from chatkit_validate.report.report import Report

    parts = list(reports)
    return Report(
        argument,
        files=sum(part.files for part in parts),
        analysed=sum(part.analysed for part in parts),
        integrations=tuple(one for part in parts for one in part.integrations),
        diagnostics=tuple(one for part in parts for one in part.diagnostics),
        notes=tuple(one for part in parts for one in part.notes),
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
