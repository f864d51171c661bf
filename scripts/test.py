"""Installs what the tests need (packages, a browser, Node, nginx) and runs them all; further arguments go to pytest."""

from __future__ import annotations

import subprocess
import sys

import environment


def main() -> int:
    """Answers pytest's exit code."""
    tools = [sys.executable, str(environment.ROOT / "scripts" / "tools.py")]
    subprocess.run(tools, cwd=environment.ROOT, check=False)  # names what it lacks; the tests that need it do, too
    command = [str(environment.python("dev")), "-m", "pytest", *sys.argv[1:]]
    return subprocess.run(command, cwd=environment.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
