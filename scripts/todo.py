"""Starts the todo app with PostgreSQL, tools, model, backend and page; Ctrl-C stops all of it."""

from __future__ import annotations

import os
import sys

import environment


def main() -> int:
    """Becomes the launcher; arguments go to it, `--help` lists them."""
    python = str(environment.python("dev"))
    folders = [str(environment.ROOT / "fixtures" / name) for name in ("", "taskflow", "todo_app")]
    # Replaced rather than waited for: signals then reach the launcher itself.
    os.execve(  # noqa: S606 - no shell wanted
        python, [python, "-m", "todo_driver", *sys.argv[1:]], {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    )


if __name__ == "__main__":
    sys.exit(main())
