"""Runs the validator on checkouts of real repositories and compares it with what readers decided.

python benchmarks/corpus/measure.py CHECKOUTS            the table, and every disagreement
python benchmarks/corpus/measure.py CHECKOUTS --rules CK1 --brief
python benchmarks/corpus/measure.py CHECKOUTS --since HEAD~5      verdicts that changed since a revision
python benchmarks/corpus/measure.py CHECKOUTS --labels labels.jsonl --negatives negatives.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import reports
import rows
from difference import differences
from presence import presence
from scores import intruders, score
from table import disagreements, figures, left_out, summary

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from accuracy.record import record  # noqa: E402 - a neighbour, found by the line above

GOLD = HERE / "gold"


def main() -> int:
    """Answers 0; 2 where there is nothing to measure."""
    options = _options()
    checkouts = sorted(path.name for path in options.checkouts.iterdir() if path.is_dir() and "@" in path.name)
    wanted = [name for name in checkouts if not options.only or any(part in name for part in options.only.split(","))]
    if not wanted:
        print(f"no checkout named owner__name@commit in {options.checkouts}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        kept = options.reports or Path(scratch) / "now"
        if not (options.keep and kept.is_dir()):
            reports.make(options.checkouts, wanted, kept)
        now = {name: report for name, report in reports.read(kept).items() if name in wanted}
        _show(now, rows.read(options.gold), options)
        if options.since:
            earlier = Path(scratch) / "since"
            with reports.revision(options.since) as validators:
                reports.make(options.checkouts, wanted, earlier, validators)
            print(differences(reports.read(earlier), now))
        if options.than:
            print(differences(reports.read(options.than), now))
    return 0


def _show(now: dict[str, reports.Reported], gold: list[rows.Row], options: argparse.Namespace) -> None:
    judged = {judgement.rule for report in now.values() for judgement in report.judgements}
    prefixes = tuple(options.rules.split(",")) if options.rules else ("",)
    chosen = {rule for rule in judged if rule.startswith(prefixes)}
    scores = score(gold, now, chosen)
    for report in now.values():
        if report.broken or not report.complete:
            print(f"{report.checkout}: {report.broken.strip() or 'incomplete'}")
    print(summary(scores))
    if options.json:
        record(options.json, figures(scores, len(now)))
    here = [row for row in gold if row.checkout in now and row.rule.startswith(prefixes)]
    print(left_out(here, judged), end="")
    if not options.brief:
        print(disagreements(scores, intruders(gold, now)))
    if options.labels or options.negatives:
        print(presence(now, _lines(options.labels), _lines(options.negatives)))


def _lines(file: Path | None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file else []


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, help="a folder of checkouts named owner__name@commit7")
    parser.add_argument("--gold", type=Path, default=GOLD, help="a folder of *.jsonl with what readers decided")
    parser.add_argument("--rules", metavar="CODES", help="only these rules: codes or prefixes, by comma")
    parser.add_argument("--only", metavar="PARTS", help="only checkouts whose names contain one of these, by comma")
    parser.add_argument("--brief", action="store_true", help="the table alone")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="keep the reports there")
    parser.add_argument("--keep", action="store_true", help="use the reports in --reports as they are")
    parser.add_argument("--since", metavar="REVISION", help="list verdicts that differ from that revision's")
    parser.add_argument("--than", type=Path, metavar="DIR", help="list verdicts that differ from the reports there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there too")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="check that every endpoint listed there is found")
    parser.add_argument("--negatives", type=Path, metavar="FILE", help="check that nothing is found in these")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
