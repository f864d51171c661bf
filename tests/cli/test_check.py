"""`chatkit-validate check` as a user meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT, Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]

SCHEMA = json.loads((ROOT / "validators/chatkit_validate/report/report.schema.json").read_text("utf-8"))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "app", minimal_app())


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    files = minimal_app()
    files["app/main.py"] = files["app/main.py"].replace("X-Accel-Buffering", "X-Other")
    return write_tree(tmp_path / "broken", files)


def test_a_clean_app_answers_0_and_counts_everything(command: Command, app: Path) -> None:
    answer = command("check", app)
    assert answer.code == 0
    assert answer.out.splitlines()[-1].startswith("0 failed, ")
    assert "0 unknown" in answer.out
    assert "complete" in answer.out
    assert not answer.err


def test_a_failure_answers_1_with_the_place_the_snippet_and_the_way_out(command: Command, broken: Path) -> None:
    answer = command("check", broken)
    assert answer.code == 1
    assert "warning CK105 missing-sse-headers" in answer.out
    assert "--> app/main.py:" in answer.out
    assert "^" in answer.out
    assert "to do:" in answer.out
    assert answer.out.splitlines()[-1].startswith("1 failed (1 warning), ")


def test_all_lists_the_passes(command: Command, app: Path) -> None:
    assert "✓ pass" in command("check", "--all", app).out
    assert "✓ pass" not in command("check", app).out


@pytest.mark.parametrize("name", ["app", "broken"])
def test_the_json_report_fits_its_schema(command: Command, name: str, request: pytest.FixtureRequest) -> None:
    report = command("check", "--format", "json", request.getfixturevalue(name)).json()
    Draft202012Validator(SCHEMA).validate(report)
    assert report["complete"] is True
    assert [endpoint["route"] for endpoint in report["integrations"][0]["endpoints"]] == ["POST /chatkit"]


def test_paths_are_relative_to_the_argument(command: Command, broken: Path) -> None:
    report = command("check", "--format", "json", broken).json()
    assert {v["path"] for v in report["integrations"][0]["verdicts"]} <= set(minimal_app())


def test_the_same_tree_gives_the_same_bytes(command: Command, broken: Path) -> None:
    first = command("check", "--format", "json", broken, PYTHONHASHSEED="1").out
    assert first == command("check", "--format", "json", broken, PYTHONHASHSEED="2").out


def test_the_fingerprint_outlives_lines_added_above(command: Command, broken: Path) -> None:
    def fingerprints() -> set[str]:
        report = command("check", "--format", "json", "--select", "CK105", broken).json()
        return {v["fingerprint"] for v in report["integrations"][0]["verdicts"] if v["verdict"] == "fail"}

    before = fingerprints()
    main = broken / "app/main.py"
    main.write_text("# a comment\n\n" + main.read_text("utf-8"), "utf-8")
    assert before
    assert fingerprints() == before


def test_output_writes_the_report_to_a_file(command: Command, app: Path, tmp_path: Path) -> None:
    answer = command("check", "--format", "json", "--output", tmp_path / "report.json", app)
    assert not answer.out
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["schema_version"] == 1


def test_select_and_ignore_choose_rules(command: Command, broken: Path) -> None:
    codes = {
        v["code"]
        for v in command("check", "--format", "json", "--select", "CK104,CK105", broken).json()["integrations"][0][
            "verdicts"
        ]
    }
    assert codes == {"CK104", "CK105"}
    assert command("check", "--ignore", "CK105", broken).code == 0


def test_level_error_lets_warnings_pass(command: Command, broken: Path) -> None:
    assert command("check", "--level", "error", broken).code == 0


def test_a_wrong_path_is_a_usage_error(command: Command) -> None:
    answer = command("check", "nowhere")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "chatkit-validate: there is no folder nowhere\n"


def test_a_file_is_a_usage_error(command: Command, app: Path) -> None:
    answer = command("check", app / "app/main.py")
    assert answer.code == 2
    assert "is no folder" in answer.err


def test_an_empty_tree_is_clean_and_says_so(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = command("check", tmp_path / "empty")
    assert answer.code == 0
    assert "no Python file" in answer.out


def test_a_tree_without_chatkit_is_clean_and_says_so(command: Command, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "other", {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"})
    answer = command("check", tree)
    assert answer.code == 0
    assert "Nothing here uses the ChatKit server library" in answer.out


def test_an_unknown_code_is_named_with_the_nearest(command: Command, app: Path) -> None:
    answer = command("check", "--select", "CK10S", app)
    assert answer.code == 2
    assert "there is no rule 'CK10S'; did you mean" in answer.err


def test_a_relevant_file_that_cannot_be_read_makes_the_run_incomplete(command: Command, app: Path) -> None:
    (app / "app/extra.py").write_text("from app.server import ChatServer\ndef broken(:\n", "utf-8")
    answer = command("check", app)
    assert answer.code == 4
    assert "syntax app/extra.py:2" in answer.out
    assert "INCOMPLETE" in answer.out


def test_colour_is_for_terminals_and_those_who_ask(command: Command, broken: Path) -> None:
    assert "\x1b[" not in command("check", broken).out
    assert "\x1b[" in command("check", "--color", "always", broken).out
    assert "\x1b[" in command("check", broken, FORCE_COLOR="1").out
    assert "\x1b[" not in command("check", broken, FORCE_COLOR="1", NO_COLOR="1").out


def test_advice_is_counted_apart_from_failures(command: Command, app: Path) -> None:
    server = (app / "app/server.py").read_text("utf-8")
    (app / "app/server.py").write_text(server.replace("            client_session_timeout_seconds=30,\n", ""), "utf-8")
    answer = command("check", app)
    assert answer.code == 0
    assert "\n0 failed, 1 advice, " in answer.out
