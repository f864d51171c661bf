"""`python -m metamorphic`: rewrite apps by chance and see whether a verdict changes."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from accuracy.record import record
from metamorphic.composing import Difference, composed, difference, steps
from metamorphic.subjects import subjects
from metamorphic.verdicts import Fact, facts, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metamorphic.app import App
    from metamorphic.rewrite import Step

_WHOLE_APPS = 0.6
"""The share of the apps that are no minimal ones: larger, and slower to read."""


@lru_cache
def _subjects() -> Mapping[str, App]:
    return subjects()


@lru_cache
def _facts(name: str) -> frozenset[Fact]:
    return facts(_subjects()[name])


def chosen(seed: str) -> tuple[str, tuple[Step, ...]]:
    """The name of an app and a composition."""
    chance = Random(seed)  # noqa: S311 - chance that can be repeated
    whole, minimal = ["taskflow", "todo_app"], [name for name in _subjects() if name.startswith("minimal")]
    return chance.choice(whole if chance.random() < _WHOLE_APPS else minimal), steps(seed)


def before(task: tuple[str, float]) -> tuple[str, tuple[str, ...], Difference | None] | None:
    """As `judged`; none after the task's end."""
    seed, end = task
    return judged(seed) if time.time() < end else None


def judged(seed: str) -> tuple[str, tuple[str, ...], Difference | None]:
    """The app's name, the rewrites that were made, and what they changed."""
    name, composition = chosen(seed)
    rewritten, used, _ = composed(_subjects()[name], composition)
    made = tuple(step.rewrite for step in used)
    return name, made, None if facts(rewritten) == _facts(name) else difference(_subjects()[name], used)


def main() -> int:
    """Answers 1 if a verdict changed."""
    parser = argparse.ArgumentParser(prog="python -m metamorphic", description=__doc__)
    parser.add_argument("--apps", type=int, default=2000, help="rewritten apps (default: 2000)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--minutes", type=float, default=600, help="begin none after so long")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--most", type=int, default=20, help="changes to print, one for each rewrite and rule")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    made: Counter[str] = Counter()
    changed: dict[str, Difference] = {}
    bad = total = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        end = time.time() + options.minutes * 60
        for answer in pool.map(before, ((seed, end) for seed in _seeds(options.seed, options.apps)), chunksize=8):
            if answer is None:
                continue
            name, rewrites, found = answer
            total += 1
            made.update(rewrites)
            if found is not None:
                bad += 1
                key = (
                    f"{[step.rewrite for step in found.steps]} {sorted({fact[0] for fact in found.gone | found.come})}"
                )
                if key not in changed and len(changed) < options.most:
                    changed[key] = found
                    print(f"\n{name}\n{found}", flush=True)
                    rewritten = composed(_subjects()[name], found.steps)[0]
                    codes = {fact[0] for fact in found.gone | found.come}
                    print("\n".join(f"    {line}" for line in reasons(rewritten, codes)), flush=True)
    print(f"\n{total} apps, {sum(made.values())} rewrites, {bad} apps with a changed verdict")
    for rewrite, count in sorted(made.items()):
        print(f"  {rewrite:<24}{count:>6}")
    if options.json:
        totals = {
            "seed": options.seed,
            "apps": total,
            "rewrites": sum(made.values()),
            "apps with a changed verdict": bad,
        }
        record(options.json, {"totals": totals, "rewrites": dict(sorted(made.items()))})
    return int(bad > 0)


def _seeds(seed: int, count: int) -> Iterator[str]:
    return (f"{seed}-{number}" for number in range(count))


if __name__ == "__main__":
    raise SystemExit(main())
