"""From clauses to verdicts: one for each rule and method of the store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from chatkit_validate.report.target import CheckReport, TargetReport
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Level, Outcome, Subject, Validator, Verdict, fingerprint
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from chatkit_validate.contract.clause import Clause
    from chatkit_validate.contract.order import Order
    from chatkit_validate.contract.supervise import Findings

# The worst answer of a rule's clauses is the rule's: one that could not be tried leaves it open.
_WORST: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
_LEVELS: Final = tuple(Level)


def name_and_level(code: str) -> tuple[str, Level]:
    """A rule's name and level.

    Raises:
        KeyError: There is no such rule.
    """
    rule = registry.load({code})[0].rule
    return rule.name, rule.level


def report(order: Order, clauses: tuple[Clause, ...], findings: Findings) -> TargetReport:
    """The report about one store.

    Args:
        order: What was asked for.
        clauses: What was to be tried.
        findings: What came of it.
    """
    tried = [(clause, _check(clause, order, findings)) for clause in clauses if clause.id in findings.results]
    subjects: dict[tuple[str, str], list[tuple[Clause, CheckReport]]] = {}
    for clause, check in tried:
        subjects.setdefault((clause.code, clause.method), []).append((clause, check))
    verdicts = [_verdict(code, method, of, order, findings) for (code, method), of in sorted(subjects.items())]
    notes = [f"Contexts were built {findings.contexts}."] if findings.contexts else []
    if findings.missing:
        notes.append("The store cannot be built, so nothing else was tried.")
    return TargetReport("store", order.spec, tuple(verdicts), tuple(check for _, check in tried), tuple(notes))


def _check(clause: Clause, order: Order, findings: Findings) -> CheckReport:
    result = findings.results[clause.id]
    outcome = Outcome(result["outcome"])
    failed = outcome is Outcome.FAIL
    again = (order.command(clause.id), *filter(None, (result["script"],))) if failed else ()
    return CheckReport(
        id=clause.id,
        code=clause.code,
        outcome=outcome,
        expected=clause.expected,
        got=result["got"],
        way_out=clause.way_out if failed else "",
        transcript=tuple(result["transcript"]),
        reproducer=again,
        subject=_subject(findings, clause.method),
    )


def _subject(findings: Findings, method: str) -> str:
    return f"{findings.store}.{method}" if findings.store not in {"", "NoneType"} else method


def _verdict(code: str, method: str, of: list[tuple[Clause, CheckReport]], order: Order, findings: Findings) -> Verdict:
    name, level = name_and_level(code)
    outcome = min((check.outcome for _, check in of), key=_WORST.index)
    deciding = [(clause, check) for clause, check in of if check.outcome is outcome]
    if outcome is Outcome.FAIL:
        level = min((clause.level or level for clause, _ in deciding), key=_LEVELS.index)
    where = _place(method, order, findings)
    subject = Subject("store method", _subject(findings, method), where.path, where.line)
    reasons = dict.fromkeys(check.got for _, check in deciding)
    decided = outcome in {Outcome.PASS, Outcome.FAIL}
    told = f"{method}: {'; '.join(reasons)}" if decided else "; ".join(reasons)
    return Verdict(
        code=code,
        name=name,
        level=level,
        verdict=outcome,
        by=Validator.STORE,
        subject=subject,
        message=told if decided else "",
        reason="" if decided else told,
        where=where,
        way_out=" ".join(dict.fromkeys(check.way_out for _, check in deciding)) if outcome is Outcome.FAIL else "",
        fingerprint=fingerprint(code, subject, " ".join(clause.id for clause, _ in deciding)),
    )


def _place(method: str, order: Order, findings: Findings) -> Place:
    file, line = findings.places.get(method) or ("", 0)
    if not file:
        file, line = findings.places.get("") or ("", 0)
    if not file:
        return Place("")
    relative = os.path.relpath(os.path.realpath(file), os.path.realpath(order.path))
    path = file if relative.startswith("..") else relative
    return Place(path.replace(os.sep, "/"), line)
