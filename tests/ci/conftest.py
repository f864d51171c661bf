"""A copy of this repository as others get it, and an environment in which pip needs no index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = (
    *("pyproject.toml", "README.md", "LICENSE", "agents", "hooks", "skills", "validators", "fixtures/services"),
    *("fixtures/taskflow", "action.yml", ".pre-commit-hooks.yaml"),
)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that a wheel is made of, the action and the hooks' file, in one commit of a repository."""
    folder = tmp_path_factory.mktemp("shipped")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    """Makes `folder` a repository with everything in it committed; answers the commit's hash."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """Variables with which pip takes what it builds with, and ruff, from the environment of the tests."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": sysconfig.get_paths()["purelib"],
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the wrong way round
    }
