"""What a hook costs per edit: `python benchmarks/hooks [rounds]`.

In a project of 500 Python files, committed to git, one app among them: the launcher is run as the client runs it, on
edits of files that have nothing to do with ChatKit, on edits of the app's own files, and, for comparison, on an
interpreter that does nothing. The three take turns, so that a busy machine slows all of them.
"""

from __future__ import annotations

import json
import os
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


def edit(folder: Path, cache: Path, path: str, call: int) -> float:
    """Milliseconds that the hook takes over an edit of `path` that changes nothing a rule minds."""
    file = folder / path
    before = file.read_text("utf-8")
    file.write_text(f"{before}\n", "utf-8")
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


def run(command: list[str], standard_input: bytes = b"", environment: dict[str, str] | None = None) -> float:
    """Milliseconds that `command` takes."""
    start = time.perf_counter()
    subprocess.run(command, input=standard_input, env=environment, capture_output=True, check=True)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "project", Path(name) / "home"
        own = project(folder)
        others = sorted(path.relative_to(folder).as_posix() for path in folder.glob("package*/*.py"))
        first = edit(folder, cache, own[0], -1)
        rows: dict[str, list[float]] = {
            "an interpreter that does nothing": [],
            "unrelated file": [],
            "file of the app": [],
        }
        for number in range(rounds):
            rows["an interpreter that does nothing"].append(run([sys.executable, "-I", "-S", "-c", "pass"]))
            rows["unrelated file"].append(edit(folder, cache, others[number % len(others)], 2 * number))
            rows["file of the app"].append(edit(folder, cache, own[number % len(own)], 2 * number + 1))
    every = rows["unrelated file"] * (FILES - len(own)) + rows["file of the app"] * len(own)
    print(f"{FILES} files, {len(own)} of them the app's, {rounds} rounds; milliseconds")
    for row, times in rows.items():
        print(f"{row:<36} median {statistics.median(times):6.0f}   best {min(times):6.0f}   worst {max(times):6.0f}")
    print(f"{'every file edited once':<36} median {statistics.median(every):6.0f}   mean {statistics.mean(every):6.0f}")
    print(f"{'first edit of a session':<36}        {first:6.0f}")


if __name__ == "__main__":
    main()
