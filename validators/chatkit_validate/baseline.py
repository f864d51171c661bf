"""Failures that a project already knows of, in a file: they no longer count; entries that no longer fail are stale."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.configuration import UsageError
from chatkit_validate.record import dataclass, replace
from chatkit_validate.report.exit_code import STALE_BASELINE
from chatkit_validate.report.report import Diagnostic
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Outcome
from chatkit_validate.source.writing import write

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from chatkit_validate.report.report import IntegrationReport, Report
    from chatkit_validate.rules.verdict import Verdict

VERSION: Final = 1
_FIELDS: Final = ("path", "code", "name", "subject", "message", "fingerprint")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One known failure. Its fingerprint says which; the rest is for people, and to see whether it is still judged.

    Attributes:
        path: The file that defines the subject, relative to the checked tree.
        code: The rule's code.
        name: The rule's name.
        subject: The subject's name.
        message: What was wrong.
        fingerprint: The verdict's.
    """

    path: str
    code: str
    name: str
    subject: str
    message: str
    fingerprint: str


def load(file: Path) -> tuple[Entry, ...]:
    """The entries of a baseline file.

    Raises:
        UsageError: There is no such file, or it is no baseline.
    """
    try:
        data = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"there is no baseline {file}: --update-baseline writes it") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"the baseline {file} cannot be read: {error}") from error
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("failures"), list):
        raise UsageError(f"{file} is no baseline of version {VERSION}: --update-baseline writes one to another file")
    return tuple(_entry(number, one, file) for number, one in enumerate(data["failures"], start=1))


def _entry(number: int, data: object, file: Path) -> Entry:
    if not isinstance(data, dict) or any(not isinstance(data.get(field), str) for field in _FIELDS):
        raise UsageError(f"{file}: failure {number} has to state {', '.join(_FIELDS)} as texts")
    return Entry(*(data[field] for field in _FIELDS))


def save(file: Path, entries: Iterable[Entry]) -> None:
    """Writes `entries`, sorted, one JSON object each: equal entries are equal bytes.

    Raises:
        UsageError: The file cannot be written.
    """
    failures: list[dict[str, Any]] = [{field: getattr(entry, field) for field in _FIELDS} for entry in sorted(entries)]
    text = json.dumps({"version": VERSION, "failures": failures}, indent=2, ensure_ascii=False) + "\n"
    try:
        write(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"the baseline {file} cannot be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Compared:
    """A report beside a baseline.

    Attributes:
        report: The same report, with the failures that the baseline names set aside.
        held: Entries that still fail.
        undecided: Entries of which this run says nothing: their rule was not asked, or answered unknown, or the run
            is incomplete.
        stale: Entries that no longer fail.
    """

    report: Report
    held: tuple[Entry, ...]
    undecided: tuple[Entry, ...]
    stale: tuple[Entry, ...]


def compare(report: Report, entries: Iterable[Entry], asked: Collection[str]) -> Compared:
    """Sets the failures of `report` that `entries` name aside; an entry covers one failure.

    Args:
        report: What was found.
        entries: The baseline's.
        asked: The codes of the rules that were asked.
    """
    left = Counter(entries)
    by_fingerprint: dict[str, list[Entry]] = {}
    for entry in sorted(left.elements(), reverse=True):
        by_fingerprint.setdefault(entry.fingerprint, []).append(entry)
    held: list[Entry] = []
    integrations = tuple(_aside(one, by_fingerprint, held) for one in report.integrations)
    left.subtract(held)
    rest = sorted(left.elements())
    open_questions = {
        (verdict.code, verdict.subject.path, verdict.subject.name)
        for verdict in report.verdicts()
        if verdict.verdict is Outcome.UNKNOWN
    }
    unasked = set(registry.codes()).difference(asked)
    undecided = tuple(
        one
        for one in rest
        if not report.complete or one.code in unasked or (one.code, one.path, one.subject) in open_questions
    )
    stale = tuple((Counter(rest) - Counter(undecided)).elements())
    return Compared(replace(report, integrations=integrations), tuple(held), undecided, stale)


def _aside(integration: IntegrationReport, known: dict[str, list[Entry]], held: list[Entry]) -> IntegrationReport:
    remaining, baselined = [], []
    for verdict in integration.verdicts:
        if verdict.failed and (entries := known.get(verdict.fingerprint)):
            held.append(entries.pop())
            baselined.append(verdict)
        else:
            remaining.append(verdict)
    return replace(integration, verdicts=tuple(remaining), baselined=tuple(baselined))


def apply(report: Report, file: Path, asked: Collection[str]) -> Report:
    """`report` without the failures that `file` names; a diagnostic for each stale entry, which fails the run.

    Raises:
        UsageError: The file is missing or no baseline.
    """
    compared = compare(report, load(file), asked)
    stale = (
        Diagnostic(
            entry.path, 0, STALE_BASELINE,
            f"the baseline names {entry.code} {entry.name} of {entry.subject}, which no longer fails: "
            "--prune-baseline takes it out",
            incomplete=False,
        )
        for entry in compared.stale
    )  # fmt: skip
    return replace(compared.report, diagnostics=tuple(sorted({*report.diagnostics, *stale})))


def update(report: Report, file: Path, asked: Collection[str]) -> Report:
    """Writes every failure of `report` to `file`; what the run could not decide stays. All of them are set aside.

    Raises:
        UsageError: The file is there and no baseline, or cannot be written.
    """
    before = load(file) if file.exists() else ()
    kept = compare(report, before, asked).undecided
    entries = (*kept, *(_of(verdict) for verdict in report.verdicts() if verdict.failed))
    save(file, entries)
    told = f"{file} names {len(entries)} failure{'' if len(entries) == 1 else 's'}."
    return _noted(compare(report, entries, asked).report, told)


def prune(report: Report, file: Path, asked: Collection[str]) -> Report:
    """Takes the stale entries out of `file`; new failures are not added.

    Raises:
        UsageError: The file is missing or no baseline, or cannot be written.
    """
    compared = compare(report, load(file), asked)
    if compared.stale:
        save(file, (*compared.held, *compared.undecided))
    return _noted(compared.report, f"Stale entries taken out of {file}: {len(compared.stale)}.")


def _of(verdict: Verdict) -> Entry:
    at = verdict.subject
    return Entry(at.path, verdict.code, verdict.name, at.name, verdict.message, verdict.fingerprint)


def _noted(report: Report, note: str) -> Report:
    return replace(report, notes=(*report.notes, note))
