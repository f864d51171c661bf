"""Fixes copies of real repositories, and says what that came to.

python benchmarks/corpus/fixes.py CHECKOUTS              a table: failures, fixes, what was applied and left out
python benchmarks/corpus/fixes.py CHECKOUTS --only NAME --diff

Each checkout is copied, fixed with `--unsafe`, written, and checked again from its files. What must hold is counted
where it does not: every changed file parses, what was applied no longer fails, nothing that passed fails or became
unknown, and a second run changes nothing.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "validators"))

from chatkit_validate import fixing
from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.report.report import Report
    from chatkit_validate.rules.verdict import Verdict

COLUMNS = ("failures", "fix", "safe applied", "unsafe applied", "left out")


def main() -> int:
    """Answers 1 where a promise does not hold."""
    options = _options()
    table: dict[str, Counter[str]] = defaultdict(Counter)
    broken: list[str] = []
    for checkout in sorted(options.checkouts.iterdir()):
        if "@" not in checkout.name or (options.only and options.only not in checkout.name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / checkout.name
            shutil.copytree(checkout, copy, symlinks=True)
            broken += [f"{checkout.name}: {fault}" for fault in _measure(copy, table, shown=options.diff)]
    print("| rule | " + " | ".join(COLUMNS) + " |\n|---|" + "---|" * len(COLUMNS))
    for rule in sorted(table):
        print(f"| {rule} | " + " | ".join(str(table[rule][column]) for column in COLUMNS) + " |")
    print(f"\npromises broken: {len(broken)}", *broken, sep="\n")
    return int(bool(broken))


def _measure(copy: Path, table: dict[str, Counter[str]], *, shown: bool) -> Iterator[str]:
    """Fixes the checkout in `copy`, counts into `table`, and yields what does not hold."""
    fixed = fixing.fix(copy, Configuration(), unsafe=True)
    for verdict in fixed.before.verdicts():
        if verdict.failed:
            table[verdict.code]["failures"] += 1
            table[verdict.code]["fix"] += verdict.fix is not None
    for verdict in fixed.applied:
        table[verdict.code]["safe applied" if verdict.fix and verdict.fix.safe else "unsafe applied"] += 1
    for verdict in fixed.refused:
        table[verdict.code]["left out"] += 1
        if shown:
            print(f"left out: {verdict.code} {verdict.message} {verdict.where}")
    changed = fixing.contents(copy, fixed)
    fixing.save(copy, changed)
    if shown:
        print(fixing.diff(changed).decode("utf-8", "replace"))
    for path, (_, new) in changed.items():
        try:
            ast.parse(new)
        except SyntaxError as error:
            yield f"{path} does not parse: {error}"
    yield from _regressions(fixed, check(copy, Configuration()))
    if fixing.fix(copy, Configuration(), unsafe=True).texts:
        yield "a second run changes more"


def _regressions(fixed: fixing.Fixed, after: Report) -> Iterator[str]:
    if after.crashed or len(after.diagnostics) > len(fixed.before.diagnostics):
        yield f"new diagnostics: {after.diagnostics}"
    now = {_subject(verdict): verdict.verdict for verdict in after.verdicts()}
    for verdict in fixed.before.verdicts():
        if verdict.verdict is Outcome.PASS and now.get(_subject(verdict)) in {Outcome.FAIL, Outcome.UNKNOWN}:
            yield f"{verdict.code} passed on {verdict.subject.name} and is {now[_subject(verdict)].value}"
    failing = {(*_subject(verdict), verdict.message) for verdict in after.verdicts() if verdict.failed}
    for verdict in fixed.applied:
        if (*_subject(verdict), verdict.message) in failing and verdict.subject.kind != "file":
            yield f"{verdict.code} on {verdict.subject.name} still fails: {verdict.message}"


def _subject(verdict: Verdict) -> tuple[str, str, str, str]:
    return verdict.code, verdict.subject.kind, verdict.subject.name, verdict.subject.path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, help="a folder of checkouts named owner__name@commit7")
    parser.add_argument("--only", default="", metavar="PART", help="only checkouts whose names contain it")
    parser.add_argument("--diff", action="store_true", help="show what is changed, and what was left out")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
