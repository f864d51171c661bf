"""`python -m agreement`: read mutants, run them, and see whether both say the same."""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from accuracy.record import record
from agreement.bench import bench
from agreement.comparing import Compared, compared, decided_by_running
from agreement.explained import explained
from mutation.catalogue import mutants

if TYPE_CHECKING:
    from mutation.mutant import Mutant


def sample(count: int, seed: int) -> list[Mutant]:
    """That many mutants of rules that running decides too, or all; of each rule as many as of the others, nearly."""
    chance = Random(seed)  # noqa: S311 - chance that can be repeated
    by_rule: dict[str, list[Mutant]] = {}
    for each in mutants():
        if decided_by_running(each.rule):
            by_rule.setdefault(each.rule, []).append(each)
    for group in by_rule.values():
        chance.shuffle(group)
    rounds = max(map(len, by_rule.values()))
    ordered = [group[turn] for turn in range(rounds) for group in by_rule.values() if turn < len(group)]
    return ordered[:count] if count else ordered


def main() -> int:
    """Answers 1 if reading and running say opposite things and nobody has explained why."""
    parser = argparse.ArgumentParser(prog="python -m agreement", description=__doc__)
    parser.add_argument("--count", type=int, default=0, help="mutants (default: all that running decides)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=3, help="at the same time (default: 3)")
    parser.add_argument("--minutes", type=float, default=600, help="begin none after so long")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    until = time.monotonic() + options.minutes * 60
    found: list[Compared] = []
    with bench() as running, ThreadPoolExecutor(options.jobs) as pool:

        def one(mutant: Mutant) -> Compared | None:
            return compared(running, mutant) if time.monotonic() < until else None

        for each in pool.map(one, sample(options.count, options.seed)):
            if each is not None:
                found.append(each)
                if each.refused or each.opposite:
                    print(
                        f"{each.mutant}: {each.refused}{'; '.join(f'{k} {v}' for k, v in each.opposite.items())}",
                        flush=True,
                    )
    return _summary(found, options.seed, options.json)


def _summary(found: list[Compared], seed: int, target: Path | None) -> int:
    opposite = [(each, rule) for each in found for rule in each.opposite]
    unexplained = sum(not explained(each.mutant, rule) for each, rule in opposite)
    totals = {
        "seed": seed,
        "mutants": len(found),
        "ran": sum(each.ran for each in found),
        "pairs of verdicts": sum(each.both for each in found),
        "opposite": len(opposite),
    }
    print(", ".join(f"{name}: {figure}" for name, figure in totals.items()), f"unexplained: {unexplained}")
    if target:
        told = [{"mutant": each.mutant, "rule": rule, "said": each.opposite[rule]} for each, rule in opposite]
        record(target, {"totals": totals, "opposite": told})
    return int(unexplained > 0)


if __name__ == "__main__":
    raise SystemExit(main())
