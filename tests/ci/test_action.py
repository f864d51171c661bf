"""The composite action: its steps' scripts, run as the runner does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import ROOT, minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ *([\w.]+) *\}\}")


def run(step: dict[str, Any], known: dict[str, str], folder: Path, variables: dict[str, str]) -> Any:  # noqa: ANN401
    """Runs a step's script with the variables that its `env` makes of `known`, as GitHub's runner does."""
    own = {name: EXPRESSION.sub(lambda match: known[match[1]], text) for name, text in step["env"].items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder, env={**variables, **own}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def given(shipped: Path, folder: Path, **inputs: str) -> dict[str, str]:
    defaults = {f"inputs.{name}": told["default"] for name, told in ACTION["inputs"].items()}
    return {
        **defaults,
        **{f"inputs.{name}": value for name, value in inputs.items()},
        "inputs.python": sys.executable,
        "github.action_path": str(shipped),
        "github.server_url": "https://github.example",
        "github.action_repository": "someone/validate",
        "github.action_ref": "v1",
        "runner.temp": str(folder / "temp"),
    }


def test_no_expression_is_pasted_into_a_script() -> None:
    assert [step["name"] for step in STEPS if "${{" in step["run"]] == []


def test_every_input_is_used_and_every_used_input_is_declared() -> None:
    used = {name for step in STEPS for text in step["env"].values() for name in EXPRESSION.findall(text)}
    assert {name for name in used if name.startswith("inputs.")} == {f"inputs.{name}" for name in ACTION["inputs"]}


@pytest.mark.slow
def test_it_installs_annotates_and_writes_what_is_asked_for(
    shipped: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    files = minimal_app()
    files["app/main.py"] = files["app/main.py"].replace("X-Accel-Buffering", "X-Other")
    write_tree(tmp_path / "work" / "my app", files)
    known = given(shipped, tmp_path, path="my app", arguments="--select 'CK105,CK104' --level warning", sarif="r.sarif")
    installed = run(STEPS[0], known, tmp_path, offline)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    checked = run(STEPS[1], known, tmp_path / "work", offline)
    assert checked.returncode == 1, checked.stderr
    assert re.match(r"::warning file=app/main.py,line=\d+", checked.stdout)
    [sarif] = json.loads((tmp_path / "work" / "r.sarif").read_text("utf-8"))["runs"]
    assert {rule["id"]: rule["helpUri"] for rule in sarif["tool"]["driver"]["rules"]} == {
        code: f"https://github.example/someone/validate/blob/v1/docs/rules/{code}.md" for code in ("CK104", "CK105")
    }
    hostile = {**known, "inputs.path": "my app; touch hacked", "inputs.arguments": "", "inputs.sarif": ""}
    assert run(STEPS[1], hostile, tmp_path / "work", offline).returncode == 2
    assert not (tmp_path / "work" / "hacked").exists()
    write_tree(tmp_path / "work" / "my app", minimal_app())
    assert run(STEPS[1], {**known, "inputs.arguments": ""}, tmp_path / "work", offline).returncode == 0
