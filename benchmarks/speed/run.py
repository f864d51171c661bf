"""Times `chatkit-validate check` against ripgrep on the same tree, in interleaved runs.

    python benchmarks/speed/run.py            builds the trees below benchmarks/speed/trees first, once
    python benchmarks/speed/run.py --rounds 30 --place /somewhere/else

ripgrep is the floor: it opens every Python file once and searches for one word. It must be on PATH as `rg`
(Debian: apt-get install ripgrep), git too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tree import build

from services import planted

HERE = Path(__file__).resolve().parent
VALIDATORS = HERE.parents[1] / "validators"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(VALIDATORS),
    # As installed: compiled once, not in every run.
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "chatkit-validate-bytecode"),
}


@dataclass(slots=True)
class Timed:
    """A command and what its runs took.

    Attributes:
        command: As it is run.
        walls: Milliseconds from start to end.
        cpus: Milliseconds of processor time, its children's too.
        peak: The most memory that one of its processes held, in MB.
    """

    command: list[str]
    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    peak: float = 0

    def run(self) -> None:
        """Runs it once more."""
        begun = time.perf_counter()
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        _, _, used = os.wait4(process.pid, 0)
        self.walls.append(1000 * (time.perf_counter() - begun))
        self.cpus.append(1000 * (used.ru_utime + used.ru_stime))
        self.peak = max(self.peak, used.ru_maxrss / 1024)


def main() -> int:
    """Answers 0; 1 where a planted service is not found, 2 where ripgrep or git is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", type=Path, default=HERE / "trees", help="where the trees are, or are built")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    missing = [program for program in ("rg", "git") if shutil.which(program) is None]
    if missing:
        print(f"{' and '.join(missing)} not found on PATH", file=sys.stderr)
        return 2
    trees = build(options.place)
    commands = _commands(trees)
    for _ in range(options.rounds):
        for each in random.sample(list(commands.values()), len(commands)):
            each.run()
    _print(commands)
    for name, tree in trees.items():
        _phases(name, tree)
    return _found(trees)


def _commands(trees: dict[str, Path]) -> dict[str, Timed]:
    check = [sys.executable, "-m", "chatkit_validate", "check", "--format", "json"]
    commands = {"ripgrep": Timed(["rg", "-lF", "chatkit", "-tpy", str(trees["tracked"])])}
    commands["interpreter alone"] = Timed([sys.executable, "-I", "-c", "pass"])
    for name, tree in trees.items():
        commands[f"check, {name} tree"] = Timed([*check, str(tree)])
    return commands


def _print(commands: dict[str, Timed]) -> None:
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    floor = statistics.median(commands["ripgrep"].walls)
    print(f"{'':24}{'median ms':>10}{'least':>8}{'cpu':>8}{'x ripgrep':>11}{'peak MB':>9}")
    for name, each in commands.items():
        median = statistics.median(each.walls)
        print(
            f"{name:24}{median:10.0f}{min(each.walls):8.0f}{statistics.median(each.cpus):8.0f}"
            f"{median / floor:11.2f}{each.peak:9.0f}"
        )


def _phases(name: str, tree: Path, rounds: int = 5) -> None:
    command = [sys.executable, str(HERE / "phases.py"), str(tree)]
    runs = [
        json.loads(subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True).stdout)
        for _ in range(rounds)
    ]
    print(f"\n{name} tree, least of {rounds} in ms:")
    for phase in runs[0]:
        print(f"  {phase:28}{min(run[phase] for run in runs):8.1f}")


def _found(trees: dict[str, Path]) -> int:
    wanted = set(planted())
    code = 0
    for name in ("tracked", "plain"):
        command = [sys.executable, "-m", "chatkit_validate", "check", "--format", "json", str(trees[name])]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
        report = json.loads(done.stdout)
        found = {endpoint["path"] for integration in report["integrations"] for endpoint in integration["endpoints"]}
        print(f"\n{name} tree: {len(found & wanted)} of {len(wanted)} planted services found")
        for path in sorted(found ^ wanted):
            print(f"  {'missed' if path in wanted else 'not planted'}: {path}")
        code = code or int(found != wanted)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
