"""What the hooks say reaches the model in the real client, and what they must not stop goes on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from coding_agent import MessagesApi, text, tool
from tests.conftest import minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coding_agent import ClaudeCode

GOOD = minimal_app()["app/main.py"]
BAD = GOOD.replace(', "X-Accel-Buffering": "no"', "")


@pytest.fixture
def project(bundle: Path, tmp_path: Path) -> Path:
    """The minimal app in a project that has the agent, the skills and the hooks."""
    files = {path: content for path, content in minimal_app().items() if path != "app/main.py"}
    folder = write_tree(tmp_path / "project", files)
    shutil.copytree(bundle / ".claude", folder / ".claude")
    return folder


def write(project: Path, content: str) -> dict[str, object]:
    return tool("Write", file_path=str(project / "app/main.py"), content=content)


def delegate(prompt: str = "Add ChatKit") -> dict[str, object]:
    return tool(
        "Task",
        subagent_type="chatkit-integration-agent",
        prompt=prompt,
        description="Add ChatKit",
        run_in_background=False,
    )


def test_a_bad_edit_s_finding_reaches_the_model(client: Callable[[MessagesApi], ClaudeCode], project: Path) -> None:
    with MessagesApi([[write(project, BAD)], [text("done")]]) as api:
        run = client(api).ask(project)
    assert run.code == 0, run.errors
    assert "CK105 missing-sse-headers" in str(api.turns("main")[1])


def test_a_good_edit_is_silent(client: Callable[[MessagesApi], ClaudeCode], project: Path) -> None:
    with MessagesApi([[write(project, GOOD)], [text("done")]]) as api:
        client(api).ask(project)
    assert (project / "app/main.py").read_text("utf-8") == GOOD
    assert "chatkit-validate: with this edit" not in api.seen("main")


def test_a_finding_reaches_the_subagent_that_made_the_edit_and_holds_it_back_once(
    client: Callable[[MessagesApi], ClaudeCode], project: Path
) -> None:
    sub = [[write(project, BAD)], [text("done")], [text("it stays, because the proxy adds it")]]
    with MessagesApi([[delegate()], [text("done")]], sub) as api:
        run = client(api).ask(project)
    assert run.code == 0, run.errors
    assert len(api.turns("sub")) == 3
    assert "with this edit of app/main.py" in str(api.turns("sub")[1])
    assert "This is said once" in str(api.turns("sub")[2])


def test_a_file_that_the_shell_wrote_is_seen_at_the_end(
    client: Callable[[MessagesApi], ClaudeCode], project: Path
) -> None:
    (project / "bad.txt").write_text(BAD, "utf-8")
    sub = [[tool("Bash", command="cp bad.txt app/main.py", description="copy")], [text("done")], [text("noted")]]
    with MessagesApi([[delegate()], [text("done")]], sub) as api:
        client(api).ask(project, "--allowedTools", "Bash(cp *)")
    assert (project / "app/main.py").read_text("utf-8") == BAD
    assert len(api.turns("sub")) == 3
    assert "CK105" in str(api.turns("sub")[2])


def test_without_python_nothing_is_blocked(
    client: Callable[[MessagesApi], ClaudeCode], project: Path, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "bash", "dirname", "git", "cat"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    with MessagesApi([[delegate()], [text("done")]], [[write(project, BAD)], [text("done")]]) as api:
        claude = client(api)
        run = type(claude)(claude.binary, claude.home, claude.api, {"PATH": str(programs)}).ask(project)
    assert run.code == 0, run.errors
    assert (project / "app/main.py").read_text("utf-8") == BAD
    assert len(api.turns("sub")) == 2
    assert "chatkit-validate:" not in api.seen("sub")
