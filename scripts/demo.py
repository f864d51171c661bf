"""Runs `chatkit-validate check` on the source document's endpoint: the main job on a shipped example."""

from __future__ import annotations

import subprocess
import sys

import environment

EXAMPLE = "fixtures/broken/source_endpoint"


def main() -> int:
    """Shows the verdict table; further arguments go to `check`."""
    command = [str(environment.python("demo")), "-m", "chatkit_validate", "check", "--all", EXAMPLE, *sys.argv[1:]]
    print(f"$ chatkit-validate check --all {EXAMPLE}\n", flush=True)
    code = subprocess.run(command, cwd=environment.ROOT, env=environment.variables(), check=False).returncode
    return 0 if code == 1 else code or 1  # the example is broken on purpose: failures are what it is to show


if __name__ == "__main__":
    sys.exit(main())
