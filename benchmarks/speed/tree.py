"""Builds the tree that the benchmark reads: a published wheel, twelve planted services, an ignored environment."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Final

from services import planted

if TYPE_CHECKING:
    from pathlib import Path

WHEEL: Final = "homeassistant==2026.2.3"
"""8,805 Python files among 47,084; a published wheel, so that everyone times the same tree."""

# pip compares this with the wheel's Requires-Python; nothing of it is run.
_PYTHON: Final = "3.13.11"


def build(place: Path) -> dict[str, Path]:
    """Builds what is missing below `place`.

    Returns:
        `tracked`: a git repository with everything committed; `plain`: the same files without git; `service`: sixty
        files, one service among them, without git.
    """
    trees = {name: place / name for name in ("tracked", "plain", "service")}
    for name in ("tracked", "plain"):
        if not (trees[name] / ".complete").exists():
            _fill(trees[name], _download(place))
    if not (trees["tracked"] / ".git").exists():
        _commit(trees["tracked"])
    _fill_service(trees["service"])
    return trees


def _download(place: Path) -> Path:
    wheels = place / "wheel"
    if not list(wheels.glob("*.whl")):
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
                *("--python-version", _PYTHON, "--dest", wheels, WHEEL),
            ],
            check=True,
        )
    return next(wheels.glob("*.whl"))


def _fill(tree: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tree)
    for info in tree.glob("*.dist-info"):
        # The tree stands for a checkout of the project, not for an installation.
        (info / "RECORD").unlink(missing_ok=True)
    for files in planted().values():
        _write(tree, files)
    environment = {f".venv/lib/python3/site-packages/p{number}/m.py": "import chatkit\n" for number in range(4500)}
    _write(tree, {".gitignore": ".venv/\n__pycache__/\n", ".venv/pyvenv.cfg": "", **environment})
    (tree / ".complete").touch()


def _fill_service(tree: Path) -> None:
    files = next(iter(planted().values()))
    jobs = {f"apps/jobs/job_{number}.py": "import json\n\n\ndef run(): ...\n" for number in range(60 - len(files))}
    _write(tree, {**files, **jobs})


def _write(tree: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _commit(tree: Path) -> None:
    author = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost"]
    for arguments in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "The tree"]):
        subprocess.run(["git", "-C", tree, *arguments], check=True)
