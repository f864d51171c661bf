"""The report for people."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.report.style import Style
from chatkit_validate.rules.verdict import Level, Outcome, Validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.report.report import IntegrationReport, Report, Suppressed
    from chatkit_validate.report.snippet import Snippets
    from chatkit_validate.report.target import CheckReport, TargetReport
    from chatkit_validate.rules.verdict import Verdict
    from chatkit_validate.source import Place

_MARKS = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.UNKNOWN: "?", Outcome.NOT_APPLICABLE: "·"}
_COLOURS = {Outcome.PASS: 32, Outcome.FAIL: 31, Outcome.UNKNOWN: 35, Outcome.NOT_APPLICABLE: 90}
_LEVEL_COLOURS = {Level.ERROR: 31, Level.WARNING: 33, Level.ADVICE: 36}
_MOST_TRANSCRIPT = 12  # lines, where not all is asked for
_MOST_LINES = 4  # of a snippet: enough for a call, not for a function
_MOST_ALIKE = 3  # unknown verdicts with one reason before they become one line
_BOLD, _DIM = 1, 2


def render(
    report: Report,
    snippets: Snippets,
    *,
    style: Style | None = None,
    table: bool = False,
    transcripts: bool = False,
) -> str:
    """`report` as text.

    Args:
        report: What was found.
        snippets: The source lines to show.
        style: Colours and links; plain text without.
        table: Whether to list every verdict, passes too, rather than count them.
        transcripts: Whether to show what was sent and what came for every check of a target, passes too.
    """
    writer = _Writer(snippets, style or Style(), table=table, transcripts=transcripts)
    return "\n".join(writer.report(report)) + "\n"


class _Writer:
    def __init__(self, snippets: Snippets, style: Style, *, table: bool, transcripts: bool) -> None:
        self.snippets = snippets
        self.style = style
        self.table = table
        self.transcripts = transcripts

    def report(self, report: Report) -> Iterator[str]:
        for integration in report.integrations:
            yield from self.integration(integration)
        for target in report.targets:
            yield from self.target(target)
        for diagnostic in report.diagnostics:
            where = self.style.path(diagnostic.path, diagnostic.line)
            yield f"{self.style.paint(diagnostic.kind, 33, _BOLD)} {where}: {diagnostic.message}"
        if report.diagnostics:
            yield ""
        yield from report.notes
        yield self.summary(report)

    def integration(self, integration: IntegrationReport) -> Iterator[str]:
        routes = ", ".join(
            f"{endpoint.route} ({self.style.path(endpoint.path, endpoint.line)})" for endpoint in integration.endpoints
        )
        yield f"{self.style.paint(integration.root or '.', _BOLD)}  {routes or 'no endpoint'}"
        yield ""
        for verdict in sorted(filter(_failed, integration.verdicts), key=_urgency):
            yield from self.failure(verdict)
        yield from self.others(integration.verdicts, integration.suppressed)

    def target(self, target: TargetReport) -> Iterator[str]:
        yield f"{self.style.paint(target.name, _BOLD)}  {target.kind}"
        yield ""
        for verdict in sorted(filter(_failed, target.verdicts), key=_urgency):
            yield from self.failure(verdict, filter(partial(_shows, verdict), target.checks))
        yield from self.others(target.verdicts)
        for check in target.checks if self.transcripts else ():
            if check.outcome is not Outcome.FAIL:
                yield f"{self.mark(check.outcome)} {self.style.paint(f'{check.code} {check.id}', _BOLD)}"
                yield from self.check(check)
                yield ""
        yield from target.notes

    def others(self, verdicts: tuple[Verdict, ...], suppressed: tuple[Suppressed, ...] = ()) -> Iterator[str]:
        if self.table:
            yield from self.verdict_table(verdicts, suppressed)
        else:
            yield from self.unknowns(verdicts)

    def failure(self, verdict: Verdict, checks: Iterable[CheckReport] = ()) -> Iterator[str]:
        level = self.style.paint(verdict.level.value, _LEVEL_COLOURS[verdict.level], _BOLD)
        title = self.style.paint(f"{verdict.code} {verdict.name}", _BOLD)
        checks = tuple(checks)
        yield f"{level} {title}: {verdict.subject.name if checks else verdict.message}"
        yield from self.snippet(verdict.where)
        for note in verdict.evidence:
            yield f"  {self.style.path(note.where.path, note.where.line)}  {note.message}"
        for check in checks:
            yield from self.check(check)
        yield f"  {self.style.paint('to do', _BOLD)}: {verdict.way_out}"
        if verdict.fix is not None:
            yield f"  {self.style.paint('fix', _BOLD)}: check --fix{'' if verdict.fix.safe else ' --unsafe'}"
        yield ""

    def check(self, check: CheckReport) -> Iterator[str]:
        yield f"  {self.style.paint('expected', _BOLD)}: {check.expected} ({check.id})"
        yield f"  {self.style.paint('got', _BOLD)}: {check.got}"
        whole = self.table or self.transcripts
        shown = check.transcript if whole else check.transcript[:_MOST_TRANSCRIPT]
        yield from (self.style.paint(f"    {line}", _DIM) for line in shown)
        if len(shown) < len(check.transcript):
            yield f"    ... {_counted(len(check.transcript) - len(shown), 'line')} more; --all shows them"
        for command in check.reproducer if self.table else check.reproducer[:1]:
            first, *more = command.rstrip().splitlines()
            yield f"  {self.style.paint('reproduce', _BOLD)}:{'' if more else f' {first}'}"
            yield from (f"    {line}".rstrip() for line in ((first, *more) if more else ()))

    def snippet(self, place: Place) -> Iterator[str]:
        if not place.path:
            return
        yield f"  {self.style.paint('-->', _DIM)} {self.style.path(place.path, place.line, place.column + 1)}"
        lines = self.snippets.lines(place.path)
        last = min(max(place.end_line, place.line), len(lines), place.line + _MOST_LINES - 1)
        if not place.line or place.line > len(lines):
            return
        width = len(str(last))
        bar = self.style.paint("|", _DIM)
        for number in range(place.line, last + 1):
            yield f"  {self.style.paint(str(number).rjust(width), _DIM)} {bar} {lines[number - 1].expandtabs(4)}"
            if number == place.line:
                yield f"  {' ' * width} {bar} {self.caret(lines[place.line - 1], place)}"

    def caret(self, line: str, place: Place) -> str:
        start = len(line[: place.column].expandtabs(4))
        end = (
            len(line[: place.end_column].expandtabs(4)) if place.end_column > place.column else len(line.expandtabs(4))
        )
        return " " * start + self.style.paint("^" * max(1, end - start), 31)

    def unknowns(self, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
        alike: dict[tuple[str, Place | None], list[Verdict]] = {}
        for verdict in verdicts:
            if verdict.verdict is Outcome.UNKNOWN:
                where = verdict.where if verdict.by is Validator.STATIC else None
                alike.setdefault((verdict.reason, where), []).append(verdict)
        for (reason, _), of in alike.items():
            if len(of) > _MOST_ALIKE:
                codes = ", ".join(sorted({verdict.code for verdict in of}))
                title = self.style.paint(f"unknown {codes}", _COLOURS[Outcome.UNKNOWN])
                yield f"{title}: {reason} ({len(of)} verdicts; --all lists them)"
                continue
            for verdict in of:
                title = self.style.paint(f"unknown {verdict.code} {verdict.name}", _COLOURS[Outcome.UNKNOWN])
                where_text = self.style.path(verdict.where.path, verdict.where.line)
                yield f"{title}: {reason}{f' ({where_text})' if verdict.where.path else ''}"
        if alike:
            yield ""

    def verdict_table(self, rows: tuple[Verdict, ...], silenced: tuple[Suppressed, ...]) -> Iterator[str]:
        code_width = max((len(f"{v.code} {v.name}") for v in rows), default=0)
        subject_width = max((len(v.subject.name) for v in rows), default=0)
        for v in rows:
            mark = self.mark(v.verdict)
            where = f" ({self.style.path(v.where.path, v.where.line)})" if v.where.path else ""
            head = f"{f'{v.code} {v.name}':<{code_width}}  {v.subject.name:<{subject_width}}"
            yield f"{mark} {head}  {v.message or v.reason}{where}"
        for suppressed in silenced:
            v = suppressed.verdict
            head = f"{f'{v.code} {v.name}':<{code_width}}  {v.subject.name:<{subject_width}}"
            yield f"{'- suppressed':<16} {head}  {suppressed.reason}"
        if rows or silenced:
            yield ""

    def mark(self, outcome: Outcome) -> str:
        return self.style.paint(f"{_MARKS[outcome]} {outcome.value:<14}", _COLOURS[outcome])

    def summary(self, report: Report) -> str:
        counts = report.counts()
        advice = counts[Level.ADVICE.value]
        failures = counts["fail"] - advice
        failed = f"{failures} failed"
        levels = [f"{counts[name]} {name}" for name in (Level.ERROR.value, Level.WARNING.value) if counts[name]]
        parts = [
            self.style.paint(f"{failed} ({', '.join(levels)})" if levels else failed, 31 if failures else 32, _BOLD),
            # Advice is no failure: it never decides the exit code.
            *((f"{advice} advice",) if advice else ()),
            f"{counts['pass']} passed",
            f"{counts['unknown']} unknown",
            f"{counts['not-applicable']} not applicable",
            f"{counts['suppressed']} suppressed",
            *((f"{counts['baselined']} in the baseline",) if counts["baselined"] else ()),
        ]
        scope = []
        if report.files or not report.targets:
            scope.append(_counted(len(report.integrations), "integration"))
            scope.append(f"{report.analysed} of {report.files} Python files read")
        if report.targets:
            scope.append(f"{_counted(len(report.targets), 'target')} run")
        scope.append("complete" if report.complete else self.style.paint("INCOMPLETE", 33, _BOLD))
        return f"{', '.join(parts)}; {', '.join(scope)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shows(verdict: Verdict, check: CheckReport) -> bool:
    subject = check.subject or verdict.subject.name
    return check.outcome is Outcome.FAIL and (check.code, subject) == (verdict.code, verdict.subject.name)


def _failed(verdict: Verdict) -> bool:
    return verdict.failed


def _urgency(verdict: Verdict) -> tuple[int, str, str, int]:
    return list(Level).index(verdict.level), verdict.code, verdict.where.path, verdict.where.line
