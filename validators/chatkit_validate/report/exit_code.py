"""Exit codes, and which of them holds."""

from __future__ import annotations

from enum import IntEnum

TYPE_CHECKING = False  # every command imports this first
if TYPE_CHECKING:
    from chatkit_validate.configuration import Configuration
    from chatkit_validate.report.report import Report

UNUSED_SUPPRESSION = "unused-suppression"
STALE_BASELINE = "stale-baseline-entry"


class ExitCode(IntEnum):
    """What a command answers to the shell."""

    CLEAN = 0
    FAILURES = 1
    USAGE = 2
    INTERNAL = 3
    INCOMPLETE = 4


def exit_code(report: Report, configuration: Configuration) -> ExitCode:
    """The code for `report`; where several hold, 3 before 1 before 4 before 0 (usage errors never get this far)."""
    if report.crashed:
        return ExitCode.INTERNAL
    if any(verdict.failed and configuration.counts(verdict.level) for verdict in report.verdicts()):
        return ExitCode.FAILURES
    if any(diagnostic.kind == STALE_BASELINE for diagnostic in report.diagnostics):
        return ExitCode.FAILURES
    if configuration.strict and _open_questions(report):
        return ExitCode.FAILURES
    return ExitCode.CLEAN if report.complete else ExitCode.INCOMPLETE


def _open_questions(report: Report) -> bool:
    from chatkit_validate.rules.verdict import Outcome

    return any(verdict.verdict is Outcome.UNKNOWN for verdict in report.verdicts()) or any(
        diagnostic.kind == UNUSED_SUPPRESSION for diagnostic in report.diagnostics
    )
