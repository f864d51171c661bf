"""`python -m fuzz`: spoil trees and check them until the time is over."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path
from random import Random

from accuracy.record import record
from fuzz.spoiling import SPOILS
from fuzz.twins import ROOT, Twins

FIXTURES = (
    "fixtures/taskflow",
    "fixtures/todo_app/backend",
    "fixtures/broken/source_endpoint",
    "validators/chatkit_validate/rules/minimal",
)
_KEPT = {".py", ".toml", ".txt", ".cfg", ".example"}
_MOST_FILES = 150


def main() -> int:
    """Answers 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("checkouts", nargs="*", type=Path, help="folders whose sub-folders are spoilt too")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--trees", type=int, default=10**9, help="stop after so many (default: when the time is over)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--patience", type=float, default=120, help="seconds that a tree may take (default: 120)")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()) / "fuzz-findings")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    trees = _trees(options.checkouts)
    until = time.monotonic() + options.minutes * 60
    done = found = 0
    with tempfile.TemporaryDirectory() as scratch, Twins(options.patience) as twins:
        while time.monotonic() < until and done < options.trees:
            if _one(twins, trees, f"{options.seed}-{done}", Path(scratch), options.findings):
                found += 1
            done += 1
    used = sum(os.times()[:4]) / 60
    if options.json:
        totals = {"seed": options.seed, "trees": done, "findings": found, "minutes of processor time": round(used, 1)}
        record(options.json, {"totals": totals})
    print(f"{done} trees, {found} findings, {used:.1f} minutes of processor time")
    return int(found > 0)


def _trees(checkouts: list[Path]) -> list[Path]:
    own = [ROOT / name for name in FIXTURES]
    others = [each for folder in checkouts for each in sorted(folder.iterdir()) if each.is_dir()]
    return own + [each for each in others if 0 < sum(1 for _ in each.rglob("*.py")) <= _MOST_FILES]


def _one(twins: Twins, trees: list[Path], name: str, scratch: Path, findings: Path) -> bool:
    chance = Random(name)  # noqa: S311 - chance that can be repeated
    source = chance.choice(trees)
    copy = scratch / name
    shutil.copytree(source, copy, ignore=_others, symlinks=True, ignore_dangling_symlinks=True)
    try:
        files = sorted(path for path in copy.rglob("*") if path.suffix in _KEPT and path.is_file())
        python = [path for path in files if path.suffix == ".py"]
        target = chance.choice(python if python and chance.random() < 0.9 else files)
        text = target.read_bytes()
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            text = chance.choice(SPOILS)(text, chance)
        target.write_bytes(text)
        finding = twins.check(copy)
        if finding is None:
            return False
        kept = findings / name
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "spoilt").write_bytes(text)
        where = f"{source.name}: {target.relative_to(copy).as_posix()}"
        (kept / "what").write_text(f"{where}\n{finding.kind}\n{finding.detail}\n", "utf-8", "replace")
        print(f"{finding.kind} in {where}: {finding.detail.strip().splitlines()[-1]} (kept in {kept})", flush=True)
        return True
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _others(folder: str, names: list[str]) -> set[str]:
    skipped = {"node_modules", ".git", "tests", ".venv"}
    return {
        name
        for name in names
        if name in skipped or ((Path(folder) / name).is_file() and Path(name).suffix not in _KEPT)
    }


if __name__ == "__main__":
    raise SystemExit(main())
