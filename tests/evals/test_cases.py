"""The cases of `evals/` start from what they say: a broken app fails the rule that its request is about."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CASES = sorted(path.parent.name for path in (ROOT / "evals").glob("*/case.yaml"))
FAILS = {
    "debug-401": "CK202",
    "debug-503": "CK301",
    "debug-no-streaming": "CK105",
    "debug-stream-error": "CK213",
    "pass-tokens-to-mcp": "CK206",
}


def scaffolded(case: str, folder: Path) -> set[str]:
    """The codes that fail in the folder that `case` starts in."""
    script = ROOT / "evals" / case / "scaffold.sh"
    if script.is_file():
        subprocess.run(["sh", str(script)], cwd=folder, check=True, timeout=60)
    return {verdict.code for verdict in check(folder, Configuration()).verdicts() if verdict.failed}


def test_there_are_enough_cases_and_near_misses_among_them() -> None:
    assert len(CASES) >= 8
    assert any(case.startswith("near-miss") for case in CASES)


@pytest.mark.parametrize("case", FAILS)
def test_a_broken_app_fails_what_its_request_is_about(case: str, tmp_path: Path) -> None:
    assert FAILS[case] in scaffolded(case, tmp_path)


@pytest.mark.parametrize("case", sorted(set(CASES) - FAILS.keys()))
def test_other_cases_start_from_apps_without_chatkit(case: str, tmp_path: Path) -> None:
    assert scaffolded(case, tmp_path) == set()


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_graded_by_verdicts_or_is_a_near_miss(case: str) -> None:
    data = yaml.safe_load((ROOT / "evals" / case / "case.yaml").read_text("utf-8"))
    assert data["name"] == case
    read = {grader["target"]["path"] for grader in data["graders"] if isinstance(grader.get("target"), dict)}
    assert case.startswith("near-miss") or "verdicts.json" in read
