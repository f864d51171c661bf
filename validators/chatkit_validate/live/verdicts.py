"""From checks to verdicts: one per rule and endpoint."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Outcome, Subject, Validator, Verdict, fingerprint
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatkit_validate.live.check import CheckResult

# The worst answer of a rule's checks is the rule's: one that could not be made leaves it open.
_WORST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


def verdicts(results: Iterable[CheckResult], url: str) -> tuple[Verdict, ...]:
    """One verdict for each rule that `results` decide, in order of code."""
    ordered = sorted(results, key=lambda result: result.check.code)
    return tuple(
        _verdict(code, list(group), url) for code, group in groupby(ordered, key=lambda result: result.check.code)
    )


def _verdict(code: str, results: list[CheckResult], url: str) -> Verdict:
    outcome = min((result.outcome for result in results), key=_WORST.index)
    rule = registry.load({code})[0].rule
    deciding = [result for result in results if result.outcome is outcome]
    # One cause is told once: a run that cannot go on leaves all open for the same reason.
    alike = len({one.got for one in deciding}) == 1
    told = deciding[0].got if alike else "; ".join(f"{one.check.id}: {one.got}" for one in deciding)
    subject = Subject("endpoint", f"POST {urlsplit(url).path or '/'}", url, 0)
    decided = outcome in (Outcome.PASS, Outcome.FAIL)
    return Verdict(
        code=code,
        name=rule.name,
        level=rule.level,
        verdict=outcome,
        by=Validator.LIVE,
        subject=subject,
        message=told if decided else "",
        reason="" if decided else told,
        where=Place(""),  # in no file that this validator could know
        way_out=" ".join(dict.fromkeys(one.check.way_out for one in deciding)) if outcome is Outcome.FAIL else "",
        fingerprint=fingerprint(code, subject, " ".join(one.check.id for one in deciding)),
    )
