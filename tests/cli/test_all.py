"""`chatkit-validate all` as a user meets it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT, Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]

SCHEMA = json.loads((ROOT / "validators/chatkit_validate/report/report.schema.json").read_text("utf-8"))
PYTHONPATH = os.pathsep.join((str(ROOT / "validators"), str(ROOT)))
STORE = "tests.contract.broken.users:UpsertsById"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "app", minimal_app())


def test_without_more_it_checks_and_names_what_was_not_run(command: Command, app: Path) -> None:
    answer = command("all", app)
    assert answer.code == 0, answer.out
    assert "probe was not run: --app names what to run it on." in answer.out
    assert "store was not run: --store names what to run it on." in answer.out


def test_one_table_has_a_row_for_each_rule_and_a_column_for_each_validator(command: Command, app: Path) -> None:
    only = "--single-process --only overwriting,present"
    answer = command("all", app, "--store", STORE, "--store-options", only, PYTHONPATH=PYTHONPATH)
    lines = answer.out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.split() == ["rule", "check", "probe", "store"])
    table = {line.split()[0]: line.split()[2:] for line in lines[start + 1 :]}
    assert answer.code == 1
    assert table["CK105"] == ["pass", "-", "-"]
    assert table["CK413"][2] == "FAIL"
    assert table["CK401"][2] == "pass"


def test_the_table_is_in_the_json_report(command: Command, app: Path) -> None:
    only = "--single-process --only overwriting"
    report = command(
        "all", app, "--store", STORE, "--store-options", only, "--format", "json", PYTHONPATH=PYTHONPATH
    ).json()
    Draft202012Validator(SCHEMA).validate(report)
    row = next(row for row in report["table"] if row["code"] == "CK413")
    assert row["store"] == "fail"
    assert row["probe"] is None
    assert report["integrations"]
    assert [target["kind"] for target in report["targets"]] == ["store"]


def test_what_cannot_be_run_leaves_the_others_answers(command: Command, app: Path) -> None:
    answer = command("all", app, "--store", "nowhere:make", "--app", "nowhere:app")
    assert answer.code == 4, answer.out
    assert "there is no module nowhere" in answer.out
    assert "probe-not-run" in answer.out
    assert "CK105 missing-sse-headers" in answer.out
    assert "Traceback" not in answer.out + answer.err
