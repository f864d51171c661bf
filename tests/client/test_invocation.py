"""The invocation of the source document reaches the agent, and the agent has its three skills."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from coding_agent import ClaudeCode, MessagesApi, text, tool
from tests.conftest import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROMPT = """
    Add ChatKit server to packages/api with:
    - MCP connection to http://localhost:8001/mcp
    - JWT auth token passing
    - PostgreSQL conversation persistence

    Reference: Use rag-agent/ patterns
    """
SKILLS = ("fastapi-chatkit-endpoint", "chatkit-integration", "mcp-agent-auth")


def monorepo(folder: Path) -> Path:
    return write_tree(
        folder,
        {
            "packages/api/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            "rag-agent/agent.py": "from agents import Agent\n\nagent = Agent(name='rag')\n",
        },
    )


def delegation(name: str) -> list[list[dict[str, object]]]:
    # The client runs subagents in the background unless told otherwise, and would be done before they are.
    call = tool("Task", subagent_type=name, prompt=PROMPT, description="Add ChatKit", run_in_background=False)
    return [[call], [text("done")]]


def test_the_documented_invocation_reaches_the_agent_with_all_three_skills(
    client: Callable[[MessagesApi], ClaudeCode], bundle: Path, tmp_path: Path
) -> None:
    project = monorepo(tmp_path / "monorepo")
    shutil.copytree(bundle / ".claude", project / ".claude")
    with MessagesApi(delegation("chatkit-integration-agent"), [[text("planned")]]) as api:
        run = client(api).ask(project)
    assert run.code == 0, run.errors
    [request] = api.turns("sub")
    assert "You put ChatKit into FastAPI applications" in str(request["system"])
    seen = str(request["messages"])
    assert "- JWT auth token passing" in seen
    for skill in SKILLS:
        assert f"Base directory for this skill: {project.resolve()}/.claude/skills/{skill}" in seen
