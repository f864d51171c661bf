"""Lint, types and drift: everything about the text of the repository that a machine can decide."""

from __future__ import annotations

import subprocess
import sys

import environment

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("mypy", "fixtures/taskflow/tests"),  # by itself: mypy takes two conftest.py for one module
)


def main() -> int:
    """Runs every check, even after one has failed; answers 1 if any did."""
    python = str(environment.python("dev"))
    commands = [[python, "-m", *check] for check in CHECKS]
    commands += [[python, f"scripts/{script}", "--check"] for script in ("generate.py", "snippets.py")]
    codes = []
    for command in commands:
        print("$", " ".join(command[1:]), flush=True)
        codes.append(subprocess.run(command, cwd=environment.ROOT, env=environment.variables(), check=False).returncode)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
