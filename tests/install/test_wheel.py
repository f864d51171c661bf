"""The wheel carries all that `install` needs: built, put into an environment of its own, and run from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path

BUILT = (
    *("pyproject.toml", "README.md", "LICENSE", "agents", "hooks", "skills", "validators"),
    *("fixtures/services", "fixtures/taskflow"),
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in BUILT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            source.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    run("-c", "from hatchling.build import build_wheel; build_wheel('..')", folder=source)
    [wheel] = folder.glob("*.whl")
    run("-m", "venv", "--without-pip", str(folder / "venv"), folder=folder)
    [packages] = (folder / "venv/lib").glob("python3*/site-packages")
    shutil.unpack_archive(wheel, packages, "zip")
    return folder / "venv"


def run(*arguments: str, folder: Path, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.slow
def test_install_from_the_wheel_is_whole(environment: Path, tmp_path: Path) -> None:
    project = write_tree(tmp_path / "project", minimal_app())
    run("-m", "chatkit_validate", "install", "--agents", folder=project, python=str(environment / "bin/python"))
    for path in (
        "agents/chatkit-integration-agent.md",
        "skills/mcp-agent-auth/SKILL.md",
        "skills/chatkit-integration/assets/taskflow/app/main.py",
        "skills/chatkit-integration/assets/taskflow/.env.example",
        "validators/chatkit_validate/bundle/minimal/.claude-plugin/plugin.json",
        "validators/chatkit_validate/rules/minimal/app/main.py",
    ):
        assert (project / ".claude" / path).is_file(), path
    assert (project / ".agents/skills/chatkit-integration/SKILL.md").is_file()
    assert (
        "1 integration"
        in run("-m", "chatkit_validate", "check", folder=project, python=str(environment / "bin/python")).stdout
    )


@pytest.mark.slow
def test_the_skills_are_where_tools_look_for_a_package_s_own(environment: Path) -> None:
    [package] = environment.glob("lib/python3*/site-packages/chatkit_validate")
    found = {path.parent.name for path in (package / ".agents/skills").glob("*/SKILL.md")}
    assert found == {"fastapi-chatkit-endpoint", "chatkit-integration", "mcp-agent-auth"}
