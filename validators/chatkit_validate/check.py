"""Reads a tree and asks every rule: the command `check`."""

from __future__ import annotations

import contextlib
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from chatkit_validate import integration as integrations
from chatkit_validate import names, source, suppression
from chatkit_validate.report.exit_code import UNUSED_SUPPRESSION
from chatkit_validate.report.report import Diagnostic, IntegrationReport, Report, ReportedEndpoint, Suppressed
from chatkit_validate.report.snippet import Snippets
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import (
    Fail,
    NotApplicable,
    Outcome,
    Pass,
    Subject,
    Unknown,
    Validator,
    Verdict,
    fingerprint,
    sentence,
)
from chatkit_validate.source import Place, Problem, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Protocol

    from chatkit_validate.configuration import Configuration
    from chatkit_validate.integration import Integration
    from chatkit_validate.rules.edit import Fix
    from chatkit_validate.rules.registry import LoadedRule
    from chatkit_validate.rules.verdict import Decision

    class _Judged(Protocol):
        """What every model object that a rule judges has."""

        @property
        def kind(self) -> str: ...
        @property
        def name(self) -> str: ...
        @property
        def where(self) -> Place: ...


# Python's own stack holds three times as many frames of the parser as this says: 3000 stay well within 8 MB.
_FRAMES = 3000
NO_PYTHON = "There is no Python file here."
NO_CHATKIT = "Nothing here uses the ChatKit server library: no ChatKitServer subclass, and no call of process() on one."


def check(  # noqa: PLR0913 - callers name what they know already; most know nothing
    root: Path,
    configuration: Configuration,
    *,
    problems: Iterable[Problem] = (),
    begun: source.Begun | None = None,
    overlay: Mapping[str, str | None] = MappingProxyType({}),
    progress: Callable[[str], None] = lambda _: None,
    fixes: bool = False,
) -> Report:
    """Reads the tree at `root` and decides every configured rule for every integration in it.

    The tree's code is never imported or executed.

    Args:
        root: A folder.
        configuration: Which rules, and which paths to leave out.
        problems: What was already found wanting, e.g. while the configuration was read.
        begun: What was started about `root` while this process started.
        overlay: Path -> text to take instead of what stands there, None for a file to be thought away.
        progress: Called with a few words as each phase begins.
        fixes: Whether failures carry the edits that mend them.
    """
    # The engine's bound on values behind each other needs more frames than Python's limit of 1000 gives.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    run = _Run(root, configuration, overlay, fixes=fixes)
    progress("finding files")
    discovery = source.discover(root, exclude=configuration.exclude, begun=begun)
    relevant = source.relevant(root, discovery)
    progress(f"reading {len(relevant.paths)} of {len(discovery.paths)} files")
    project = names.Project(run.present(discovery.paths), run.read, root)
    found = integrations.read(project, run.present(relevant.paths), relevant.problems)
    found, said = run.fronts(project, found, discovery.pages) if discovery.pages else (found, ())
    progress(f"asking {len(run.rules)} rules")
    reports = [run.judge(integration) for integration in found]
    reports, unused = run.suppress(reports)
    notes = (*(() if found else (NO_CHATKIT if discovery.paths else NO_PYTHON,)), *said)
    # What was read is relevant: nothing is read but relevant files and what these import.
    known = [_diagnostic(problem, incomplete=True) for problem in (*run.problems.values(), *relevant.problems)]
    known += [_diagnostic(problem, incomplete=False) for problem in (*problems, *relevant.skipped)]
    diagnostics = sorted({*known, *run.crashes, *unused})
    return Report(
        str(root), len(discovery.paths), len(run.files), tuple(reports), tuple(diagnostics), notes, bool(run.crashes),
        read=(*run.files, *run.problems, *run.texts),
    )  # fmt: skip


class _Run:
    """The state of one run: files read so far, what could not be read, what crashed."""

    def __init__(
        self, root: Path, configuration: Configuration, overlay: Mapping[str, str | None], *, fixes: bool
    ) -> None:
        self.root = root
        self.fixes = fixes
        self.overlay = overlay
        self.exclude = configuration.exclude
        chosen = set(configuration.codes())
        self.rules = {code: kind for code, kind in registry.decided().items() if code in chosen}
        self.files: dict[str, SourceFile] = {}
        self.problems: dict[str, Problem] = {}
        self.texts: Mapping[str, str] = {}
        self.crashes: list[Diagnostic] = []
        self.snippets = Snippets(root)

    def read(self, path: str) -> SourceFile | Problem:
        """Reads `path` once and remembers what came of it."""
        if known := self.files.get(path) or self.problems.get(path):
            return known
        text = self.overlay.get(path)
        answer = source.read(self.root, path) if text is None else source.parse(path, text)
        if isinstance(answer, SourceFile):
            self.files[path] = answer
            self.snippets.know(path, answer.text)
        else:
            self.problems[path] = answer
        return answer

    def present(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """`paths` without those that are thought away."""
        gone = {path for path, text in self.overlay.items() if text is None}
        return tuple(path for path in paths if path not in gone) if gone else paths

    def fronts(
        self, project: names.Project, found: tuple[Integration, ...], pages: tuple[str, ...]
    ) -> tuple[tuple[Integration, ...], tuple[str, ...]]:
        """The integrations with their widgets, those that only a widget leads to too, and what else there is to say."""
        from chatkit_validate.integration import fronts

        seeds = fronts.named(self.root, pages, self.overlay)
        if not seeds:
            return found, ()
        from chatkit_validate.integration.widget import reading

        read = reading.read(project, found, seeds, pages, self.overlay, self.exclude)
        self.texts = read.texts
        return read.integrations, read.notes

    def judge(self, integration: Integration) -> IntegrationReport:
        """Asks every rule about every subject of its kind."""
        endpoints = tuple(
            ReportedEndpoint(each.where.path, each.where.line, each.name) for each in integration.answering
        )
        applicable = registry.load([code for code, kind in self.rules.items() if integration.subjects(kind)])
        for loaded in applicable:
            self._begin(loaded, integration)
        verdicts = [verdict for loaded in applicable for verdict in self._ask(loaded, integration)]
        return IntegrationReport(integration.root, endpoints, tuple(verdicts))

    def _begin(self, loaded: LoadedRule, integration: Integration) -> None:
        # What goes wrong now goes wrong again when the rule is asked, and is said then.
        if (begin := loaded.begin) is not None:
            with contextlib.suppress(Exception):
                for judged in integration.subjects(loaded.rule.subject):
                    begin(judged, integration)

    def _ask(self, loaded: LoadedRule, integration: Integration) -> Iterator[Verdict]:
        if loaded.decide is None:
            return
        for judged in cast("Iterable[_Judged]", integration.subjects(loaded.rule.subject)):
            try:
                answer = loaded.decide(judged, integration)
                decisions = [answer] if isinstance(answer, Pass | Fail | Unknown | NotApplicable) else list(answer)
            except Exception:  # noqa: BLE001 - one rule's defect must not take the others' answers with it
                self._crash(loaded, judged)
                continue
            for decision in decisions:
                yield self._verdict(loaded, judged, decision)

    def _crash(self, loaded: LoadedRule, judged: _Judged) -> None:
        import traceback  # a tenth of the start-up time, for what must never happen

        last = traceback.format_exc().strip().splitlines()
        message = (
            f"{loaded.rule.code} failed on {judged.name}: {last[-1]} ({last[-3].strip() if len(last) > 2 else ''})"
        )
        self.crashes.append(
            Diagnostic(judged.where.path, judged.where.line, "internal-error", message, incomplete=True)
        )

    def _verdict(self, loaded: LoadedRule, judged: _Judged, decision: Decision) -> Verdict:
        rule = loaded.rule
        subject = Subject(judged.kind, judged.name, judged.where.path, judged.where.line)
        where = decision.where or judged.where
        level, message, reason, way_out, fix = rule.level, "", "", "", None
        match decision:
            case Pass():
                outcome, message = Outcome.PASS, decision.message
            case Fail():
                outcome, message, way_out = Outcome.FAIL, decision.message, decision.way_out
                fix = self._fix(loaded, judged, decision)
                level = decision.level or rule.level
            case Unknown():
                outcome, reason = Outcome.UNKNOWN, decision.reason
            case NotApplicable():
                outcome, reason = Outcome.NOT_APPLICABLE, decision.reason
        return Verdict(
            code=rule.code,
            name=rule.name,
            level=level,
            verdict=outcome,
            by=Validator.STATIC,
            subject=subject,
            message=sentence(message),
            reason=sentence(reason),
            where=where,
            way_out=way_out,
            evidence=decision.evidence if isinstance(decision, Pass | Fail) else (),
            fingerprint=fingerprint(rule.code, subject, self.snippets.at(where)),
            fix=fix,
        )

    def _fix(self, loaded: LoadedRule, judged: _Judged, failure: Fail) -> Fix | None:
        if not self.fixes or failure.fix is None:
            return None
        try:
            return failure.fix()
        except Exception:  # noqa: BLE001 - a defect of the fix must not take the failure with it
            self._crash(loaded, judged)
            return None

    def suppress(self, reports: Iterable[IntegrationReport]) -> tuple[list[IntegrationReport], list[Diagnostic]]:
        """Takes out what comments silence; answers the rest and what is to say about the comments."""
        comments = suppression.find(self.files.values(), self.texts)
        used: set[suppression.Suppression] = set()
        answer = []
        for report in reports:
            remaining, silenced = suppression.apply(report.verdicts, comments)
            used.update(silenced.values())
            taken = tuple(Suppressed(verdict, by.reason, by.where) for verdict, by in silenced.items())
            answer.append(IntegrationReport(report.root, report.endpoints, remaining, taken))
        return answer, self._about(comments, used)

    def _about(
        self, comments: Iterable[suppression.Suppression], used: Iterable[suppression.Suppression]
    ) -> list[Diagnostic]:
        diagnostics = []
        for comment in comments:
            if comment.fault:
                kind, message = "invalid-suppression", comment.fault
            elif unknown := [code for code in comment.codes if code not in registry.codes()]:
                kind, message = "invalid-suppression", f"there is no rule {unknown[0]}"
            elif comment not in used and self.rules.keys() >= set(comment.codes):
                kind, message = UNUSED_SUPPRESSION, f"nothing here fails {', '.join(comment.codes)}: remove the comment"
            else:
                continue
            diagnostics.append(Diagnostic(comment.where.path, comment.where.line, kind, message, incomplete=False))
        return diagnostics


def _diagnostic(problem: Problem, *, incomplete: bool) -> Diagnostic:
    return Diagnostic(problem.path, problem.line, problem.kind.value, problem.reason, incomplete)
