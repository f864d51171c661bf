"""Whatever is missing or broken, a hook ends with 0 and says nothing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, minimal_app

if TYPE_CHECKING:
    from tests.hooks.conftest import Session

MAIN = "app/main.py"
NO_HEADER = minimal_app()[MAIN].replace(', "X-Accel-Buffering": "no"', "")


def tools(folder: Path, *names: str) -> str:
    """A PATH with these programs only."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return str(folder)


def script(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    file.chmod(0o755)


def test_without_python(session: Session, tmp_path: Path) -> None:
    session.path = tools(tmp_path / "bin", "sh", "dirname")
    assert session.edit(MAIN, NO_HEADER) == ""
    assert session.stop(agent_type="chatkit-integration-agent", agent_id="a1") == {}


def test_with_an_old_python_only(session: Session, tmp_path: Path) -> None:
    session.path = tools(tmp_path / "bin", "sh", "dirname")
    # What every release older than asked for ends with here; one that knows less ends with a syntax error.
    script(tmp_path / "bin", "python3", "exit 9")
    script(tmp_path / "bin", "python", "exit 1")
    assert session.edit(MAIN, NO_HEADER) == ""


def test_an_old_python_before_a_new_one(session: Session, tmp_path: Path) -> None:
    session.path = tools(tmp_path / "bin", "sh", "dirname", "git")
    script(tmp_path / "bin", "python3", "exit 9")
    (tmp_path / "bin" / "python3.11").symlink_to(sys.executable)
    assert "CK105" in session.edit(MAIN, NO_HEADER)


@pytest.mark.parametrize("payload", ["", "{", "[]", "null", '{"tool_input": 1}', "{}", "\x00"])
@pytest.mark.parametrize("event", ["edit", "stop", "nonsense"])
def test_broken_input(session: Session, event: str, payload: str) -> None:
    done = session.run(event, payload)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_broken_installation(session: Session, tmp_path: Path) -> None:
    (tmp_path / "hooks").mkdir()
    shutil.copy(ROOT / "hooks/chatkit-validate-hook", tmp_path / "hooks")
    session.launcher = str(tmp_path / "hooks/chatkit-validate-hook")
    assert session.edit(MAIN, NO_HEADER) == ""
    shutil.copytree(ROOT / "validators", tmp_path / "validators", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "validators/chatkit_validate/check.py").write_text("broken(", "utf-8")
    assert session.edit(MAIN, NO_HEADER + "\n") == ""


def test_a_file_that_is_no_python(session: Session) -> None:
    assert session.edit(MAIN, NO_HEADER + "def broken(:\n") == ""


def test_modules_of_the_project_do_not_stand_in_for_the_library_s(session: Session) -> None:
    (session.project / "json.py").write_text("raise SystemExit(2)\n", "utf-8")
    session.environment = {"PYTHONPATH": str(session.project)}
    assert "CK105" in session.edit(MAIN, NO_HEADER)


def test_a_home_that_cannot_be_written(session: Session) -> None:
    session.cache = Path("/proc/nowhere")
    assert "CK105" in session.edit(MAIN, NO_HEADER)


def test_a_check_that_ran_out_of_time_is_not_tried_again(session: Session) -> None:
    session.edit("app/auth.py", minimal_app()["app/auth.py"] + "\n")
    started = next(session.cache.rglob("memory.json")).with_name("started")
    started.touch()
    os.utime(started, (0, 0))
    assert session.edit(MAIN, NO_HEADER) == ""


@pytest.mark.slow
def test_a_check_that_takes_too_long_is_given_up_without_a_word(session: Session, tmp_path: Path) -> None:
    session.path = f"{tools(tmp_path / 'bin', 'sh', 'dirname', 'sleep')}:{session.path}"
    script(tmp_path / "bin", "git", "exec sleep 60")
    (session.project / ".git").mkdir()
    assert session.edit(MAIN, NO_HEADER) == ""
