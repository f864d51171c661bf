"""`install` puts real files into a project, merges its hooks among others, and takes out only what it put there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatkit_validate.cli import main
from tests.conftest import ROOT, minimal_app, write_tree

AGENT = ".claude/agents/chatkit-integration-agent.md"
SKILLS = ("fastapi-chatkit-endpoint", "chatkit-integration", "mcp-agent-auth")
OWN_SETTINGS: dict[str, Any] = {
    "permissions": {"allow": ["Bash(ls)"]},
    "hooks": {
        "PostToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "true"}]}],
        "SessionStart": [{"hooks": [{"type": "command", "command": "date"}]}],
    },
}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def install(project: Path, *options: str) -> int:
    return main(["install", "--project", str(project), *options])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "project", minimal_app())


def test_everything_is_there_as_real_files(project: Path) -> None:
    assert install(project) == 0
    assert (project / AGENT).read_bytes() == (ROOT / "agents/chatkit-integration-agent.md").read_bytes()
    for skill in SKILLS:
        assert (project / f".claude/skills/{skill}/SKILL.md").is_file()
    assert (project / ".claude/skills/chatkit-integration/assets/taskflow/app/main.py").is_file()
    assert not [path for path in (project / ".claude").rglob("*") if path.is_symlink()]
    assert os.access(project / ".claude/hooks/chatkit-validate-hook", os.X_OK)


def test_the_installed_command_works_from_where_it_stands(project: Path, tmp_path: Path) -> None:
    install(project)
    shutil.move(project, tmp_path / "moved")
    command = tmp_path / "moved/.claude/validators/chatkit-validate"
    done = subprocess.run(
        [command, "check", tmp_path / "moved"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "POST /chatkit" in done.stdout


def test_a_second_time_changes_nothing(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    install(project)
    before = tree(project)
    capfd.readouterr()
    assert install(project) == 0
    assert tree(project) == before
    assert {line[0] for line in capfd.readouterr().out.splitlines()} == {"="}


def test_a_dry_run_changes_nothing(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = tree(project)
    assert install(project, "--dry-run") == 0
    assert tree(project) == before
    assert f"+ {project / AGENT}" in capfd.readouterr().out


def test_uninstall_leaves_the_project_as_it_was(project: Path) -> None:
    write_tree(project, {".claude/settings.json": json.dumps(OWN_SETTINGS, indent=2) + "\n"})
    before = tree(project)
    install(project, "--agents")
    assert install(project, "--uninstall") == 0
    assert tree(project) == before
    assert not (project / ".claude/validators").exists()
    assert not (project / ".agents").exists()


def test_the_user_s_settings_stay_and_ours_come_once(project: Path) -> None:
    write_tree(project, {".claude/settings.json": json.dumps(OWN_SETTINGS)})
    install(project)
    install(project)
    merged = json.loads((project / ".claude/settings.json").read_text("utf-8"))
    assert merged["permissions"] == OWN_SETTINGS["permissions"]
    assert merged["hooks"]["SessionStart"] == OWN_SETTINGS["hooks"]["SessionStart"]
    own, ours = merged["hooks"]["PostToolUse"]
    assert own == OWN_SETTINGS["hooks"]["PostToolUse"][0]
    assert "chatkit-validate-hook" in ours["hooks"][0]["command"]


@pytest.mark.parametrize("text", ["{", "[]", '{"hooks": []}', '{"hooks": {"Stop": {}}}', '{"hooks": {"Stop": [1]}}'])
def test_settings_that_cannot_be_merged_into_stop_it_before_anything_is_written(
    project: Path, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write_tree(project, {".claude/settings.json": text})
    before = tree(project)
    assert install(project) == 2
    assert tree(project) == before
    assert "settings.json" in capfd.readouterr().err


def test_a_file_of_the_user_s_is_not_overwritten(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_tree(project, {AGENT: "mine"})
    before = tree(project)
    assert install(project) == 2
    assert tree(project) == before
    assert AGENT in capfd.readouterr().err


def test_with_force_the_user_s_file_is_kept_aside(project: Path) -> None:
    write_tree(project, {AGENT: "mine"})
    assert install(project, "--force") == 0
    assert (project / f"{AGENT}.before-chatkit-validate").read_text("utf-8") == "mine"
    assert "ChatKit integration" in (project / AGENT).read_text("utf-8")


def test_a_file_that_was_changed_since_stays_at_uninstall(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    install(project)
    (project / AGENT).write_text("changed", "utf-8")
    assert install(project, "--uninstall") == 0
    assert (project / AGENT).read_text("utf-8") == "changed"
    assert "changed since it was installed" in capfd.readouterr().out


def test_an_older_version_is_replaced_and_what_it_had_alone_goes(project: Path) -> None:
    install(project)
    record = project / ".claude/chatkit-validate.json"
    data = json.loads(record.read_text("utf-8"))

    for path in ("agents/chatkit-integration-agent.md", "skills/old/SKILL.md"):
        write_tree(project, {f".claude/{path}": "old"})
        data["files"][path] = hashlib.sha256(b"old").hexdigest()
    record.write_text(json.dumps(data), "utf-8")
    assert install(project) == 0
    assert "ChatKit integration" in (project / AGENT).read_text("utf-8")
    assert not (project / ".claude/skills/old").exists()


def test_a_record_that_names_files_outside_deletes_nothing(project: Path) -> None:

    install(project)
    outside = project / "precious.txt"
    outside.write_text("x", "utf-8")
    record = project / ".claude/chatkit-validate.json"
    data = json.loads(record.read_text("utf-8"))
    data["files"]["../precious.txt"] = hashlib.sha256(b"x").hexdigest()
    record.write_text(json.dumps(data), "utf-8")
    install(project, "--uninstall")
    assert outside.is_file()


def test_links_are_not_written_through(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "agents").mkdir()
    (project / ".claude").mkdir()
    (project / ".claude/agents").symlink_to("../agents")
    assert install(project) == 2
    assert "is a link" in capfd.readouterr().err
    assert not list((project / "agents").iterdir())


def test_the_skills_go_where_other_agents_look(project: Path) -> None:
    assert install(project, "--agents") == 0
    for skill in SKILLS:
        assert (project / f".agents/skills/{skill}/SKILL.md").is_file()


def test_for_all_projects_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    assert main(["install", "--user"]) == 0
    assert (tmp_path / AGENT).is_file()
    settings = (tmp_path / ".claude/settings.json").read_text("utf-8")
    assert "CLAUDE_PROJECT_DIR" not in settings
    assert main(["install", "--user", "--uninstall"]) == 0
    assert not (tmp_path / AGENT).exists()


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert install(tmp_path / "none") == 2
    assert "there is no folder" in capfd.readouterr().err


def test_check_and_the_project_s_linter_leave_what_was_installed_alone(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    install(project)
    capfd.readouterr()
    assert main(["check", str(project)]) == 0
    assert "1 integration" in capfd.readouterr().out
    ruff = shutil.which("ruff", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert ruff is not None, "ruff is missing: it is among this project's requirements"
    done = subprocess.run(
        [ruff, "check", "--select", "ALL", ".claude"],
        cwd=project, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
