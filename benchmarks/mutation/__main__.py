"""`python -m mutation`: violate each rule in every way, rewrite, and see whether it fails, and it alone."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from accuracy.record import record
from mutation.catalogue import mutants
from mutation.judging import Judged, judged
from mutation.ways import EXPLAINED


def one(task: tuple[int, str, float]) -> Judged | None:
    """Judges the mutant with this number; none after the task's end."""
    number, seed, end = task
    return judged(mutants()[number], seed) if time.time() < end else None


def tasks(count: int, seed: int, rules: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    """Each mutant as it is, and then rewritten, again and again, until there are `count`."""
    chosen = [number for number, each in enumerate(mutants()) if not rules or each.rule.startswith(rules)]
    Random(seed).shuffle(chosen)  # noqa: S311 - so that a run that is cut off has seen every rule
    plain = [(number, "") for number in chosen]
    again = [(chosen[index % len(chosen)], f"{seed}-{index}") for index in range(max(0, count - len(plain)))]
    return [*plain, *again][:count]


def told(each: Judged) -> str:
    """The mutant, with what was rewritten of it and, where it is known, why it survives."""
    why = next((why for part, why in EXPLAINED.items() if part in each.mutant), "")
    rewritten = f", rewritten by {', '.join(each.rewrites)}" if each.rewrites else ""
    return f"{each.mutant}{rewritten}{f' ({why})' if why else ''}"


def main() -> int:
    """Answers 1 if a mutant survived or something else changed."""
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=600, help="begin none after so long")
    parser.add_argument("--rules", default="", help="codes or prefixes, by comma")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    planned = tasks(options.count, options.seed, tuple(filter(None, options.rules.split(","))))
    found: list[Judged] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        end = time.time() + options.minutes * 60
        for each in pool.map(one, [(*task, end) for task in planned], chunksize=4):
            if each is None:
                continue
            found.append(each)
            if not each.killed or each.others:
                answer = "survives" if not each.killed else f"changes {'; '.join(each.others)}"
                print(f"{told(each)}: {answer}", flush=True)
    killed = Counter(each.rule for each in found if each.killed)
    made = Counter(each.rule for each in found)
    clean = sum(not each.others for each in found)
    print(f"{len(found)} mutants, {killed.total()} found, {clean} without any other change")
    for rule in sorted(made):
        if killed[rule] < made[rule]:
            print(f"  {rule} {killed[rule]} of {made[rule]}")
    if options.json:
        rules = {rule: {"made": made[rule], "found": killed[rule]} for rule in sorted(made)}
        totals = {"seed": options.seed, "made": len(found), "found": killed.total(), "nothing else changed": clean}
        survivors = [told(each) for each in found if not each.killed]
        changed = [f"{told(each)}: {'; '.join(each.others)}" for each in found if each.others]
        record(options.json, {"totals": totals, "rules": rules, "survivors": survivors, "changed": changed})
    return int(killed.total() < len(found) or clean < len(found))


if __name__ == "__main__":
    raise SystemExit(main())
