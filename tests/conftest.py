"""Trees to check, and the verdicts about them, through the public face."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatkit_validate import rules
from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatkit_validate.report.report import Report
    from chatkit_validate.rules.verdict import Verdict

ROOT = Path(__file__).resolve().parent.parent
MINIMAL = Path(rules.__file__).parent / "minimal"


def minimal_app() -> dict[str, str]:
    """The minimal app that passes every rule: path -> text."""
    return {
        path.relative_to(MINIMAL).as_posix(): path.read_text("utf-8")
        for path in sorted(MINIMAL.rglob("*"))
        if path.is_file() and path.suffix in {".py", ".toml", ".html"}
    }


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes `files` (path -> text) below `folder`."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return folder


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., Report]:
    """Checks a tree given as path -> text; `select` names the codes to ask."""

    def run(files: Mapping[str, str], *select: str) -> Report:
        return check(write_tree(tmp_path, files), Configuration(select=select))

    return run


@pytest.fixture
def verdicts(report: Callable[..., Report]) -> Callable[..., list[Verdict]]:
    """The verdicts about a tree given as path -> text; `select` names the codes to ask."""

    def run(files: Mapping[str, str], *select: str) -> list[Verdict]:
        result = report(files, *select)
        assert not result.crashed, result.diagnostics
        return list(result.verdicts())

    return run


@dataclass(frozen=True)
class Answer:
    """What a command printed and answered."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Standard output as JSON."""
        return json.loads(self.out)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Answer]:
    """Runs `chatkit-validate` as a process of its own, with a scrubbed environment."""

    def run(*arguments: str | Path, cwd: Path = tmp_path, **variables: str) -> Answer:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / "validators"),
            "HOME": str(tmp_path),
            **variables,
        }
        done = subprocess.run(
            [sys.executable, "-m", "chatkit_validate", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env=environment,
            check=False,
            timeout=60,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
