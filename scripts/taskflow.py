"""Starts the reference app with PostgreSQL, tools, model and a chat page; Ctrl-C stops all of it."""

from __future__ import annotations

import os
import sys

import environment


def main() -> int:
    """Becomes the launcher; arguments go to it, `--help` lists them."""
    python = str(environment.python("dev"))
    variables = {**os.environ, "PYTHONPATH": str(environment.ROOT / "fixtures")}
    # Replaced rather than waited for: signals then reach the launcher itself.
    os.execve(python, [python, "-m", "services.launcher", *sys.argv[1:]], variables)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    sys.exit(main())
