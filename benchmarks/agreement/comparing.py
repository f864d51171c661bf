"""Where reading and running an app say opposite things."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.contract.clauses import all_clauses
from chatkit_validate.live.scenarios import SCENARIOS
from metamorphic.verdicts import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agreement.bench import Bench, Observed
    from mutation.mutant import Mutant

_WORST = ("fail", "unknown", "pass", "not-applicable")


@dataclass(frozen=True, slots=True)
class Compared:
    """One mutant, read and run.

    Attributes:
        mutant: Its rule, app and violation, as text.
        ran: Whether there was something to observe; an app that does not start has nothing.
        both: Rules that reading and running both answered with pass or fail.
        opposite: Rules that one passes and the other fails -> what each said.
        refused: Why nothing was observed.
    """

    mutant: str
    ran: bool
    both: int
    opposite: Mapping[str, str]
    refused: str = ""


def compared(bench: Bench, mutant: Mutant) -> Compared:
    """Checks the mutant, and runs what decides its rule."""
    read = _by_rule(facts(mutant.app))
    seen: list[tuple[str, Observed]] = []
    if scenarios := scenarios_of(mutant.rule):
        seen.append(("probe", bench.probe(mutant.app, scenarios)))
    if groups := groups_of(mutant.rule):
        seen.append(("store", bench.store(mutant.app, groups)))
    both, opposite, refused = 0, {}, [observed.refused for _, observed in seen if observed.refused]
    for name, observed in seen:
        for rule, verdict in observed.verdicts.items():
            said = read.get(rule, "")
            if {said, verdict} <= {"pass", "fail"} and said:
                both += 1
                if said != verdict:
                    opposite[f"{rule} {name}"] = f"check says {said}, {name} {verdict}: {observed.got[rule]}"
    return Compared(str(mutant), len(refused) < len(seen), both, opposite, "; ".join(refused)[-300:])


def _by_rule(found: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    answer: dict[str, str] = {}
    for rule, verdict, _ in found:
        if rule not in answer or _WORST.index(verdict) < _WORST.index(answer[rule]):
            answer[rule] = verdict
    return answer


@lru_cache
def scenarios_of(rule: str) -> tuple[str, ...]:
    """The scenarios with a check of this rule."""
    return tuple(each.name for each in SCENARIOS if any(check.code == rule for check in each.checks))


@lru_cache
def groups_of(rule: str) -> tuple[str, ...]:
    """The groups of clauses with one of this rule."""
    return tuple(dict.fromkeys(each.group for each in all_clauses() if each.code == rule))


def decided_by_running(rule: str) -> bool:
    """Whether anything that runs the app decides this rule."""
    return bool(scenarios_of(rule) or groups_of(rule))
