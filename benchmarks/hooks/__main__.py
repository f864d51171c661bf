"""What a hook costs per edit: `python benchmarks/hooks [rounds]`.

In a project of 500 Python files, committed to git, one app among them: the launcher is run as the client runs it, on
edits of files that have nothing to do with ChatKit, on edits of the app's own files (a function more each time), and,
for comparison, on an interpreter that does nothing, and on a whole `check`. They take turns, so that a busy machine
slows all of them.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "hooks/chatkit-validate-hook"
FILES = 500
UNRELATED = '''"""Sums."""

from __future__ import annotations

import math
from dataclasses import dataclass

from package{other} import module{number}


@dataclass
class Sum{number}:
    """A sum."""

    parts: list[float]

    def total(self) -> float:
        """All parts together."""
        return math.fsum(self.parts)
'''


def project(folder: Path) -> list[str]:
    """Writes the project; answers the paths of the app's files."""
    app = ROOT / "fixtures/taskflow/app"
    shutil.copytree(app, folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "fixtures/taskflow/pyproject.toml", folder)
    own = sorted(path.relative_to(folder).as_posix() for path in (folder / "app").rglob("*.py"))
    for number in range(FILES - len(own)):
        package = folder / f"package{number % 20}"
        package.mkdir(exist_ok=True)
        text = UNRELATED.format(number=number, other=(number + 1) % 20)
        (package / f"module{number}.py").write_text(text, "utf-8")
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.email=a@b", "-c", "user.name=a", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return own


def edit(folder: Path, cache: Path, path: str, call: int) -> tuple[float, float]:
    """What the hook takes over an edit of `path` that changes nothing a rule minds; see `run`."""
    file = folder / path
    before = file.read_text("utf-8")
    file.write_text(f"{before}\n\ndef added_{abs(call)}() -> int:\n    return {call}\n", "utf-8")
    payload = {
        "session_id": "benchmark",
        "cwd": str(folder),
        "hook_event_name": "PostToolUse",
        "tool_name": "Edit",
        "tool_use_id": str(call),
        "tool_input": {"file_path": str(file)},
        "tool_response": {"originalFile": before},
    }
    environment = {"PATH": os.environ["PATH"], "HOME": str(cache), "CLAUDE_PROJECT_DIR": str(folder)}
    return run([str(LAUNCHER), "edit"], json.dumps(payload).encode(), environment)


def run(
    command: list[str], standard_input: bytes = b"", environment: dict[str, str] | None = None
) -> tuple[float, float]:
    """Milliseconds that `command` takes by the clock, and of processor time with its children's."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, input=standard_input, env=environment, capture_output=True, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * wall, 1000 * used


def main() -> None:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "project", Path(name) / "home"
        own = project(folder)
        others = sorted(path.relative_to(folder).as_posix() for path in folder.glob("package*/*.py"))
        first = edit(folder, cache, own[0], -1)
        rows: dict[str, list[tuple[float, float]]] = {
            "an interpreter that does nothing": [],
            "unrelated file": [],
            "file of the app": [],
            "check, by its command": [],
        }
        whole = [sys.executable, "-m", "chatkit_validate", "check", "--output", os.devnull, str(folder)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "validators")}
        for number in range(rounds):
            rows["an interpreter that does nothing"].append(run([sys.executable, "-I", "-S", "-c", "pass"]))
            rows["unrelated file"].append(edit(folder, cache, others[number % len(others)], 2 * number))
            rows["file of the app"].append(edit(folder, cache, own[number % len(own)], 2 * number + 1))
            rows["check, by its command"].append(run(whole, environment=environment))
    every = rows["unrelated file"] * (FILES - len(own)) + rows["file of the app"] * len(own)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{FILES} files, {len(own)} of them the app's, {rounds} rounds; milliseconds")
    print(f"{'':36}{'median':>8}{'least':>8}{'most':>8}{'processor':>11}")
    for row, times in {**rows, "every file edited once": every, "first edit of a session": [first]}.items():
        walls, used = [wall for wall, _ in times], statistics.median(cpu for _, cpu in times)
        print(f"{row:36}{statistics.median(walls):8.0f}{min(walls):8.0f}{max(walls):8.0f}{used:11.0f}")


if __name__ == "__main__":
    main()
