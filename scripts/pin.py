"""Writes requirements/*.txt anew: every distribution with its hashes, and no word of where it came from."""

from __future__ import annotations

import subprocess

import environment

PINS = {
    "demo": ["--extra", "ruff", "pyproject.toml"],
    "dev": [*("--extra", "ruff"), *("--extra", "widget"), *("--group", "dev"), "pyproject.toml"],
}
COMPILE = ["pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]


def main() -> None:
    """Resolves the newest versions that pyproject.toml admits."""
    uv = environment.uv()
    for name, sources in PINS.items():
        output = f"requirements/{name}.txt"
        subprocess.run(
            [*uv, *COMPILE, "--upgrade", "--output-file", output, *sources], cwd=environment.ROOT, check=True
        )
    subprocess.run(
        [*uv, *COMPILE, "--upgrade", "--output-file", "requirements/uv.txt", "-"],
        cwd=environment.ROOT,
        check=True,
        input=b"uv\n",
    )


if __name__ == "__main__":
    main()
