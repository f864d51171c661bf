"""The command `bundle`: its exit codes and what it says."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chatkit_validate.bundle.self_test import MINIMAL
from chatkit_validate.cli import main
from tests.conftest import write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    return shutil.copytree(MINIMAL, tmp_path / "minimal")


def report(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["bundle", *arguments, "--format", "json"])
    data: dict[str, Any] = json.loads(capfd.readouterr().out)
    return code, data


def failures(data: dict[str, Any]) -> list[tuple[str, str, int]]:
    [target] = data["targets"]
    return [(v["code"], v["path"], v["line"]) for v in target["verdicts"] if v["verdict"] == "fail"]


def test_an_intact_bundle_is_clean(minimal: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, data = report(capfd, str(minimal))
    assert code == 0
    assert failures(data) == []
    assert {v["code"] for v in data["targets"][0]["verdicts"]} == {"CK901", "CK902", "CK903", "CK904", "CK905"}


def test_a_failure_names_its_line(minimal: Path, capfd: pytest.CaptureFixture[str]) -> None:
    agent = minimal / "agents/greeter.md"
    agent.write_text(agent.read_text("utf-8").replace("tools: Read, Write", "tools: Read, Writ"), "utf-8")
    code, data = report(capfd, str(minimal))
    assert code == 1
    assert failures(data) == [("CK901", "agents/greeter.md", 4)]


def test_an_empty_folder_fails_because_nothing_was_inspected(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, data = report(capfd, str(tmp_path))
    assert code == 1
    assert "nothing was inspected" in data["targets"][0]["verdicts"][0]["message"]


def test_a_wrong_path_is_a_usage_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(tmp_path / "none")]) == 2
    assert "there is no folder" in capfd.readouterr().err


def test_without_its_libraries_it_says_so_and_is_incomplete(
    minimal: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    code, data = report(capfd, str(minimal))
    assert code == 4
    assert {v["verdict"] for v in data["targets"][0]["verdicts"]} == {"unknown"}
    assert "pip install 'chatkit-validate[bundle]'" in data["targets"][0]["verdicts"][0]["reason"]


def test_a_project_is_judged_by_its_claude_folder(
    minimal: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    for name in ("agents", "skills"):
        shutil.copytree(minimal / name, project / ".claude" / name)
    code, data = report(capfd, str(project))
    assert (code, failures(data)) == (0, [])
    left_behind = [v for v in data["targets"][0]["verdicts"] if v["verdict"] == "not-applicable"]
    assert {v["code"] for v in left_behind} == {"CK905"}


def test_a_block_that_breaks_a_rule_fails_where_no_regions_are_declared(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    block = """\
from chatkit.server import StreamingResult
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from app.server import server

app = FastAPI()


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    result = await server.process(await request.body(), None)
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/plain")
    return Response(content=result.json, media_type="application/json")
"""
    skill = f'---\nname: wrong\ndescription: "x"\n---\n\n# Wrong\n\n```python\n{block}```\n'
    code, data = report(capfd, str(write_tree(tmp_path, {"skills/wrong/SKILL.md": skill})))
    assert code == 1
    [message] = [v["message"] for v in data["targets"][0]["verdicts"] if v["code"] == "CK905"]
    assert "CK104 wrong-sse-media-type" in message


def test_files_in_the_old_form_are_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = {
        "agents/helper.md": "# Subagent: Helper\n\n**ID**: helper\n\nUses `endpoint.skill.md`.\n",
        "skills/endpoint.skill.md": "# Skill: Endpoint\n\n**ID**: endpoint\n",
    }
    _, data = report(capfd, str(write_tree(tmp_path, files)))
    assert {code for code, _, _ in failures(data)} == {"CK901", "CK902", "CK904"}


def test_the_self_test_says_how_many_defects_it_found(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", "--self-test"]) == 0
    assert capfd.readouterr().out.strip().endswith("defects found")
