"""Hooks as the client runs them: the launcher, JSON on standard input, an answer on standard output."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAUNCHER = ROOT / "hooks/chatkit-validate-hook"


@dataclass(slots=True)
class Session:
    """A session in a project; each edit writes the file and runs the hook."""

    project: Path
    cache: Path
    launcher: str = str(LAUNCHER)
    path: str = os.environ["PATH"]
    edits: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, event: str, payload: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.launcher, event],
            input=payload if isinstance(payload, str) else json.dumps(payload),
            env={
                "PATH": self.path,
                "HOME": str(self.cache),
                "CLAUDE_PROJECT_DIR": str(self.project),
                **self.environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def edit(self, path: str, text: str, *, call: str = "", tells_before: bool = True) -> str:
        """Writes `text` to `path`, as Write does; answers what reaches the model, empty for nothing."""
        file = self.project / path
        before = file.read_text("utf-8") if file.is_file() else None
        write_tree(self.project, {path: text})
        return self.after_edit(path, before if tells_before else None, call=call)

    def after_edit(self, path: str, before: str | None, *, call: str = "") -> str:
        self.edits += 1
        done = self.run(
            "edit",
            {
                "session_id": "s1",
                "cwd": str(self.project),
                "hook_event_name": "PostToolUse",
                "tool_name": "Write",
                "tool_use_id": call or f"toolu_{self.edits}",
                "tool_input": {"file_path": str(self.project / path)},
                "tool_response": {"type": "update", "originalFile": before},
            },
        )
        assert (done.returncode, done.stderr) == (0, "")
        if not done.stdout:
            return ""
        answer: dict[str, Any] = json.loads(done.stdout)
        return str(answer["hookSpecificOutput"]["additionalContext"])

    def stop(self, **details: object) -> dict[str, Any]:
        """The answer to Stop, or to SubagentStop where `agent_type` is given; empty where it lets the agent go."""
        event = "SubagentStop" if "agent_type" in details else "Stop"
        payload = {"session_id": "s1", "hook_event_name": event, "stop_hook_active": False, "prompt_id": "p1"}
        done = self.run("stop", {**payload, "cwd": str(self.project), **details})
        assert (done.returncode, done.stderr) == (0, "")
        answer: dict[str, Any] = json.loads(done.stdout or "{}")
        return answer


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session in the minimal app, which fails nothing, beside a package that has nothing to do with ChatKit."""
    project = write_tree(tmp_path / "project", {**minimal_app(), "other/sums.py": "def add(a, b):\n    return a + b\n"})
    return Session(project, tmp_path / "cache")


@pytest.fixture
def committed(session: Session) -> Session:
    """The same, committed to git."""
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.email=a@b", "-c", "user.name=a", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=session.project, check=True, timeout=60)
    return session
