"""The repository as a plugin, and both ways in at once, in the real client."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from chatkit_validate.bundle.self_test import DEFECTS, MINIMAL, Defect, shown
from chatkit_validate.cli import main
from coding_agent import MessagesApi, text, tool
from tests.conftest import ROOT, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coding_agent import ClaudeCode, Turn

PLAIN = "chatkit-integration-agent"
SCOPED = f"chatkit-integration:{PLAIN}"
SKILLS = ("fastapi-chatkit-endpoint", "chatkit-integration", "mcp-agent-auth")
BAD = minimal_app()["app/main.py"].replace(', "X-Accel-Buffering": "no"', "")

# Of the ways to break frontmatter that our validator finds, those that `claude plugin validate --strict` finds too.
CLIENT_FINDS = {"name: greeter"}


def defect_name(defect: Defect) -> str:
    return f"{defect.code}-{defect.bad.strip()[:24]}"


def delegation(name: str) -> list[Turn]:
    call = tool("Task", subagent_type=name, prompt="Add ChatKit", description="Add ChatKit", run_in_background=False)
    return [[call], [text("done")]]


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The minimal app, which fails nothing."""
    return write_tree(tmp_path / "finished", minimal_app())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The minimal app before its endpoint was written: the client overwrites only what it has read."""
    files = {path: content for path, content in minimal_app().items() if path != "app/main.py"}
    return write_tree(tmp_path / "project", files)


def test_the_plugin_s_agent_has_its_skills(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, finished: Path
) -> None:
    with MessagesApi(delegation(SCOPED), [[text("planned")]]) as api:
        run = client(api).ask(finished, "--plugin-dir", str(bundle))
    assert run.code == 0, run.errors
    [request] = api.turns("sub")
    for skill in SKILLS:
        assert f"Base directory for this skill: {bundle.resolve()}/skills/{skill}" in str(request["messages"])


def test_paths_in_the_skills_lead_to_the_command_and_the_reference_app(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, finished: Path
) -> None:
    with MessagesApi(delegation(SCOPED), [[text("planned")]]) as api:
        client(api).ask(finished, "--plugin-dir", str(bundle))
    skills = bundle.resolve() / "skills"
    for path in ("chatkit-integration/assets/taskflow", "chatkit-integration/../../validators/chatkit-validate"):
        assert str(skills / path) in api.seen("sub")
        assert (skills / path).exists()


def test_the_plugin_s_hooks_run(client: Callable[[MessagesApi], ClaudeCode], bundle: Path, project: Path) -> None:
    write = tool("Write", file_path=str(project / "app/main.py"), content=BAD)
    with MessagesApi(delegation(SCOPED), [[write], [text("done")], [text("it stays")]]) as api:
        client(api).ask(project, "--plugin-dir", str(bundle))
    assert "CK105" in str(api.turns("sub")[1])
    assert len(api.turns("sub")) == 3


def test_plugin_and_project_together_say_everything_once(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, project: Path
) -> None:
    assert main(["install", "--project", str(project)]) == 0
    write = tool("Write", file_path=str(project / "app/main.py"), content=BAD)
    with MessagesApi(delegation(PLAIN), [[write], [text("done")], [text("it stays")]]) as api:
        client(api).ask(project, "--plugin-dir", str(bundle))
    assert str(api.turns("sub")[1]["messages"]).count("with this edit of app/main.py") == 1
    assert len(api.turns("sub")) == 3


def test_installed_into_a_project_the_plain_name_works(
    client: Callable[[MessagesApi], ClaudeCode], finished: Path
) -> None:
    assert main(["install", "--project", str(finished)]) == 0
    with MessagesApi(delegation(PLAIN), [[text("planned")]]) as api:
        client(api).ask(finished)
    [request] = api.turns("sub")
    for skill in SKILLS:
        assert f"Base directory for this skill: {finished.resolve()}/.claude/skills/{skill}" in str(request["messages"])


def test_installed_for_a_user_the_plain_name_works_everywhere(
    client: Callable[[MessagesApi], ClaudeCode], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = tool("Write", file_path=str(project / "app/main.py"), content=BAD)
    with MessagesApi(delegation(PLAIN), [[write], [text("done")], [text("it stays")]]) as api:
        claude = client(api)
        monkeypatch.setenv("HOME", str(claude.home))
        monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
        assert main(["install", "--user"]) == 0
        claude.ask(project)
    assert "CK105" in str(api.turns("sub")[1])


def test_the_marketplace_installs_the_plugin(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, finished: Path
) -> None:
    with MessagesApi(delegation(SCOPED), [[text("planned")]]) as api:
        claude = client(api)
        added = claude.run(finished, "plugin", "marketplace", "add", str(bundle))
        assert added.code == 0, added.output + added.errors
        installed = claude.run(finished, "plugin", "install", "chatkit-integration@chatkit-integration")
        assert installed.code == 0, installed.output + installed.errors
        claude.ask(finished)
    assert len(api.turns("sub")) == 1


@pytest.mark.parametrize("target", [".", ".claude-plugin/plugin.json", "agents", "skills"])
def test_the_client_s_own_validation_passes(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, target: str
) -> None:
    with MessagesApi([]) as api:
        run = client(api).run(bundle, "plugin", "validate", target, "--strict")
    assert run.code == 0, run.output + run.errors


def test_what_the_client_s_own_validation_lets_pass_ours_finds(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    agent = bundle / "agents/chatkit-integration-agent.md"
    agent.write_text(agent.read_text("utf-8").replace("  - mcp-agent-auth", "  - mcp-agent-oauth"), "utf-8")
    with MessagesApi([]) as api:
        run = client(api).run(bundle, "plugin", "validate", ".", "--strict")
    assert run.code == 0
    assert main(["bundle", str(bundle)]) == 1
    assert "CK901" in capfd.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("defect", [d for d in (*shown(), *DEFECTS) if d.code in {"CK901", "CK902"}], ids=defect_name)
def test_what_our_validator_finds_in_frontmatter_and_whether_the_client_s_own_does(
    client: Callable[[MessagesApi], ClaudeCode], tmp_path: Path, defect: Defect
) -> None:
    broken = shutil.copytree(MINIMAL, tmp_path / "broken")
    file = broken / defect.path
    file.write_text(file.read_text("utf-8").replace(defect.good, defect.bad), "utf-8")
    with MessagesApi([]) as api:
        run = client(api).run(broken, "plugin", "validate", ".", "--strict")
    # Where this changes, the client has learnt to find it: add it to CLIENT_FINDS.
    assert (run.code != 0) == (defect.bad.strip() in CLIENT_FINDS)
    assert main(["bundle", str(broken)]) == 1


@pytest.mark.slow
def test_every_eval_case_loads_and_is_graded(client: Callable[[MessagesApi], ClaudeCode], bundle: Path) -> None:
    for name in ("evals", "fixtures/before", "bin"):
        shutil.copytree(ROOT / name, bundle / name, ignore=shutil.ignore_patterns("results"))
    with MessagesApi(delegation(SCOPED)) as api:
        run = client(api).run(
            bundle, "plugin", "eval", ".", "--trust-plugin", "--no-publish", "--ablation", "none", "--runs", "1",
            "--scaffold", "--allow-tools", "Write", "Edit", "--json",
        )  # fmt: skip
    result = json.loads(run.output)
    assert {case["name"] for case in result["cases"]} == {path.parent.name for path in ROOT.glob("evals/*/case.yaml")}
    runs = {case["name"]: case["arms"]["with"][0] for case in result["cases"]}
    assert {name: run["error"] for name, run in runs.items() if run.get("error")} == {}
