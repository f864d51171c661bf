"""What was found out about something that runs: an endpoint over HTTP, or a store object."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from chatkit_validate.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check of a target; several decide one rule.

    Attributes:
        id: Stable, the same for every outcome, e.g. `protocol/event-order`.
        code: The rule that it decides.
        outcome: As for verdicts.
        expected: What must be seen.
        got: What was seen, or the reason of an unknown or not applicable one.
        way_out: What to do about a failure.
        transcript: What was sent and what came, a line each, with times.
        reproducer: Shell commands that show it again.
        subject: Name of the verdict's subject, where the target has several, e.g. `PostgresStore.load_item`.
    """

    id: str
    code: str
    outcome: Outcome
    expected: str
    got: str
    way_out: str = ""
    transcript: tuple[str, ...] = ()
    reproducer: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class TargetReport:
    """A target's verdicts and the checks behind them.

    Attributes:
        kind: `endpoint` or `store`.
        name: The URL, or `module:attribute`.
        verdicts: One per rule, in order of code.
        checks: In the order they were made.
        notes: Sentences about the run, e.g. what could not be cleaned up.
    """

    kind: str
    name: str
    verdicts: tuple[Verdict, ...]
    checks: tuple[CheckReport, ...]
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every check could be made."""
        return not any(check.outcome is Outcome.UNKNOWN for check in self.checks)

    def counts(self) -> dict[str, int]:
        """How many checks of each outcome."""
        outcomes = Counter(check.outcome for check in self.checks)
        return {outcome.value: outcomes[outcome] for outcome in Outcome}
