"""Precision, recall and unknown rate of each rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matching import Match, match
from rows import INTEGRATION, by_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reports import Judgement, Reported
    from rows import Row


@dataclass(slots=True)
class Score:
    """How the validator does on one rule.

    Attributes:
        rule: Its code.
        found: Faults that it fails.
        missed: Faults that it does not fail, for whatever reason.
        false: Places without fault that it fails.
        sound: Places without fault that it does not fail.
        unknown: All its unknown verdicts in the corpus.
        applicable: All its verdicts in the corpus but not-applicable.
        unjudged: Failures of which no row speaks.
    """

    rule: str
    found: list[Match] = field(default_factory=list)
    missed: list[Match] = field(default_factory=list)
    false: list[Match] = field(default_factory=list)
    sound: list[Match] = field(default_factory=list)
    unknown: list[Judgement] = field(default_factory=list)
    applicable: int = 0
    unjudged: list[Judgement] = field(default_factory=list)

    @property
    def positives(self) -> int:
        """The number of faults."""
        return len(self.found) + len(self.missed)

    @property
    def precision(self) -> float | None:
        """The share of failures that are faults; none where it fails nothing."""
        failures = len(self.found) + len(self.false)
        return len(self.found) / failures if failures else None

    @property
    def recall(self) -> float | None:
        """The share of faults that it fails; none where there is no fault."""
        return len(self.found) / self.positives if self.positives else None

    @property
    def unknown_rate(self) -> float | None:
        """The share of its applicable verdicts that are unknown."""
        return len(self.unknown) / self.applicable if self.applicable else None


def score(rows: Iterable[Row], reports: Mapping[str, Reported], rules: Iterable[str]) -> list[Score]:
    """The scores of `rules`, in order. Debatable rows count neither way; pass and not-applicable count as equal."""
    judged = by_rule(rows)
    return [_score(rule, judged.get(rule, []), reports) for rule in sorted(rules)]


def _score(rule: str, rows: list[Row], reports: Mapping[str, Reported]) -> Score:
    answer = Score(rule)
    for checkout, report in reports.items():
        judgements = [judgement for judgement in report.judgements if judgement.rule == rule]
        answer.unknown += [judgement for judgement in judgements if judgement.verdict == "unknown"]
        answer.applicable += sum(judgement.verdict != "not-applicable" for judgement in judgements)
        matches, left = match([row for row in rows if row.checkout == checkout], judgements)
        answer.unjudged += [judgement for judgement in left if judgement.verdict == "fail"]
        for each in matches:
            if each.row.is_fault:
                (answer.found if each.answer == "fail" else answer.missed).append(each)
            elif each.row.verdict != "debatable":
                (answer.false if each.answer == "fail" else answer.sound).append(each)
    return answer


def intruders(rows: Iterable[Row], reports: Mapping[str, Reported]) -> list[Match]:
    """Rows that say that something is no part of an integration, where the validator judges it all the same."""
    found: dict[Row, Match] = {}
    for row in rows:
        if row.rule == INTEGRATION and row.verdict == "not-applicable" and row.checkout in reports:
            for judgement in reports[row.checkout].judgements:
                if (judgement.path, judgement.line) == (row.path, row.line) and judgement.kind != "file":
                    found.setdefault(row, Match(row, judgement))
    return list(found.values())
