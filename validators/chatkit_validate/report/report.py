"""The result of a run, before it is rendered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass
from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.report.target import TargetReport
    from chatkit_validate.rules.verdict import Verdict
    from chatkit_validate.source import Place


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """Something to know about the run itself, not about an integration.

    Attributes:
        path: Relative to the checked tree.
        line: 1-based; 0 for the file as a whole.
        kind: A stable word for programs.
        message: For people, with the way out.
        incomplete: Whether the run's answer is incomplete because of it.
    """

    path: str
    line: int
    kind: str
    message: str
    incomplete: bool


@dataclass(frozen=True, slots=True)
class ReportedEndpoint:
    """A route that hands requests to a ChatKit server: where its handler stands and what it answers to."""

    path: str
    line: int
    route: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A failure that a comment silences, with the reason it gives and where."""

    verdict: Verdict
    reason: str
    where: Place


@dataclass(frozen=True, slots=True)
class IntegrationReport:
    """What was found out about one application root.

    Attributes:
        root: Its folder, relative to the checked tree.
        endpoints: In order of path and line.
        verdicts: Those that count.
        suppressed: Failures that a comment silences.
        baselined: Failures that the baseline already names.
    """

    root: str
    endpoints: tuple[ReportedEndpoint, ...]
    verdicts: tuple[Verdict, ...]
    suppressed: tuple[Suppressed, ...] = ()
    baselined: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found.

    Attributes:
        argument: The tree as the user named it.
        files: Number of Python files in the tree.
        analysed: Number of files that the analysis read.
        integrations: In order of their root.
        diagnostics: In order of path and line.
        notes: Sentences about the tree as a whole, e.g. that nothing in it uses ChatKit.
        crashed: Whether a part of the validator itself failed.
        targets: What was run rather than read.
        read: Paths of the files that were read or should have been.
    """

    argument: str
    files: int
    analysed: int
    integrations: tuple[IntegrationReport, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    crashed: bool = False
    targets: tuple[TargetReport, ...] = ()
    read: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything relevant was analysed, and every check of a target could be made."""
        if self.crashed or not all(target.complete for target in self.targets):
            return False
        return not any(diagnostic.incomplete for diagnostic in self.diagnostics)

    def verdicts(self) -> Iterator[Verdict]:
        """All verdicts that neither a comment nor the baseline silences, in report order."""
        for integration in self.integrations:
            yield from integration.verdicts
        for target in self.targets:
            yield from target.verdicts

    def counts(self) -> dict[str, int]:
        """How many verdicts of each outcome, failures also by level, and how many are silenced, and by what."""
        outcomes = Counter(verdict.verdict for verdict in self.verdicts())
        levels = Counter(verdict.level for verdict in self.verdicts() if verdict.failed)
        return {
            **{outcome.value: outcomes[outcome] for outcome in Outcome},
            **{level.value: levels[level] for level in Level},
            "suppressed": sum(len(integration.suppressed) for integration in self.integrations),
            "baselined": sum(len(integration.baselined) for integration in self.integrations),
        }
