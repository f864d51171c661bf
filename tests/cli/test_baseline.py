"""`check --baseline`: what is known no longer counts, what no longer fails is stale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]

HEADERS = ("X-Accel-Buffering", "X-Other")  # CK105
MEDIA_TYPE = ("text/event-stream", "text/plain")  # CK104


def change(app: Path, *pairs: tuple[str, str]) -> None:
    main = app / "app" / "main.py"
    text = main.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    main.write_text(text, "utf-8")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = write_tree(tmp_path / "app", minimal_app())
    change(app, HEADERS)
    return app


@pytest.fixture
def file(command: Command, app: Path, tmp_path: Path) -> Path:
    """A baseline that names the one failure of `app`."""
    file = tmp_path / "baseline.json"
    answer = command("check", "--baseline", file, "--update-baseline", app)
    assert (answer.code, answer.err) == (0, "")
    return file


def entries(file: Path) -> list[dict[str, Any]]:
    found = json.loads(file.read_text("utf-8"))["failures"]
    assert isinstance(found, list)
    return found


def test_update_writes_what_people_can_read(file: Path) -> None:
    [entry] = entries(file)
    assert (entry["path"], entry["code"], entry["subject"]) == ("app/main.py", "CK105", "POST /chatkit")
    assert entry["name"] == "missing-sse-headers"
    assert "lacks" in entry["message"]


def test_a_known_failure_no_longer_fails_and_is_counted(command: Command, app: Path, file: Path) -> None:
    answer = command("check", "--baseline", file, app)
    assert answer.code == 0
    assert "1 in the baseline" in answer.out.splitlines()[-1]
    report = command("check", "--format", "json", "--baseline", file, app).json()
    assert [one["code"] for one in report["integrations"][0]["baselined"]] == ["CK105"]
    assert report["summary"]["baselined"] == 1
    assert report["summary"]["fail"] == 0


def test_it_is_known_again_after_edits_elsewhere(command: Command, app: Path, file: Path) -> None:
    change(app, ("import logging\n", "# a comment\n\nimport logging\n"))
    assert command("check", "--baseline", file, app).code == 0


def test_a_new_failure_fails(command: Command, app: Path, file: Path) -> None:
    change(app, MEDIA_TYPE)
    answer = command("check", "--baseline", file, app)
    assert answer.code == 1
    assert "CK104" in answer.out


def test_a_stale_entry_fails_and_says_what_to_do(command: Command, app: Path, file: Path) -> None:
    change(app, HEADERS[::-1])
    answer = command("check", "--baseline", file, app)
    assert answer.code == 1
    assert "CK105 missing-sse-headers of POST /chatkit, which no longer fails: --prune-baseline" in answer.out


def test_prune_takes_out_the_stale_and_adds_nothing(command: Command, app: Path, file: Path) -> None:
    change(app, HEADERS[::-1], MEDIA_TYPE)
    answer = command("check", "--baseline", file, "--prune-baseline", app)
    assert answer.code == 1  # the new failure is no part of it
    assert "Stale entries taken out" in answer.out
    assert entries(file) == []


def test_prune_leaves_a_baseline_that_holds_as_it_is(command: Command, app: Path, file: Path) -> None:
    before = file.read_bytes()
    assert command("check", "--baseline", file, "--prune-baseline", app).code == 0
    assert file.read_bytes() == before


def test_entries_of_rules_that_were_not_asked_are_not_stale(command: Command, app: Path, file: Path) -> None:
    change(app, HEADERS[::-1])
    assert command("check", "--select", "CK104", "--baseline", file, app).code == 0
    command("check", "--select", "CK104", "--baseline", file, "--prune-baseline", app)
    assert len(entries(file)) == 1
    command("check", "--select", "CK104", "--baseline", file, "--update-baseline", app)
    assert len(entries(file)) == 1


def test_nothing_is_stale_where_the_run_is_incomplete(command: Command, app: Path, file: Path) -> None:
    change(app, ("import", "import ("))
    assert command("check", "--baseline", file, app).code == 4
    command("check", "--baseline", file, "--prune-baseline", app)
    assert len(entries(file)) == 1


def test_nothing_is_stale_where_the_rule_answers_unknown(command: Command, app: Path, file: Path) -> None:
    change(app, ('"Cache-Control": "no-cache", "X-Other": "no"', '"Cache-Control": make_up(), "X-Other": "no"'))
    answer = command("check", "--baseline", file, app)
    assert "unknown CK105" in answer.out
    assert answer.code == 0


def test_one_entry_covers_one_failure(command: Command, app: Path, file: Path) -> None:
    [entry] = entries(file)
    twice = {"version": 1, "failures": [entry, entry]}
    file.write_text(json.dumps(twice), "utf-8")
    assert command("check", "--baseline", file, app).code == 1


def test_of_two_equal_failures_one_entry_covers_one(command: Command, app: Path, tmp_path: Path) -> None:
    body = "    body = await request.body()\n"
    logged = '    logger.info(request.headers["Authorization"])\n'
    change(app, (body, f"{logged}{logged}{body}"))
    file = tmp_path / "baseline.json"
    command("check", "--select", "CK208", "--baseline", file, "--update-baseline", app)
    one, other = entries(file)
    assert one == other
    file.write_text(json.dumps({"version": 1, "failures": [one]}), "utf-8")
    report = command("check", "--format", "json", "--select", "CK208", "--baseline", file, app).json()
    assert (report["summary"]["baselined"], report["summary"]["fail"]) == (1, 1)


def test_equal_failures_are_equal_bytes(command: Command, app: Path, file: Path, tmp_path: Path) -> None:
    change(app, MEDIA_TYPE)
    command("check", "--baseline", file, "--update-baseline", app, PYTHONHASHSEED="1")
    other = tmp_path / "other.json"
    command("check", "--baseline", other, "--update-baseline", app, PYTHONHASHSEED="2")
    assert file.read_bytes() == other.read_bytes()
    assert [entry["code"] for entry in entries(file)] == ["CK104", "CK105"]


def test_a_missing_baseline_is_a_usage_error(command: Command, app: Path) -> None:
    answer = command("check", "--baseline", "none.json", app)
    assert answer.code == 2
    assert answer.err == "chatkit-validate: there is no baseline none.json: --update-baseline writes it\n"


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "failures": []}', '{"version": 1, "failures": [{}]}'])
@pytest.mark.parametrize("option", ["", "--update-baseline", "--prune-baseline"])
def test_what_is_no_baseline_is_named_and_kept(
    command: Command, app: Path, tmp_path: Path, text: str, option: str
) -> None:
    file = tmp_path / "mine.json"
    file.write_text(text, "utf-8")
    answer = command("check", "--baseline", file, *filter(None, [option]), app)
    assert answer.code == 2
    assert "mine.json" in answer.err
    assert file.read_text("utf-8") == text


def test_changing_a_baseline_needs_its_name(command: Command, app: Path) -> None:
    answer = command("check", "--update-baseline", app)
    assert (answer.code, answer.err) == (2, "chatkit-validate: name the file: --baseline FILE\n")


def test_one_run_writes_several_formats(command: Command, app: Path, tmp_path: Path) -> None:
    sarif, junit = tmp_path / "r.sarif", tmp_path / "r.xml"
    answer = command("check", "--format", "github", "--also", f"sarif={sarif}", "--also", f"junit={junit}", app)
    assert answer.code == 1
    assert answer.out.startswith("::warning file=app/main.py")
    assert json.loads(sarif.read_text("utf-8"))["runs"][0]["results"][0]["ruleId"] == "CK105"
    assert junit.read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize("also", ["sarif", "yaml=x", "sarif="])
def test_an_unknown_format_is_a_usage_error(command: Command, app: Path, also: str) -> None:
    answer = command("check", "--also", also, app)
    assert (answer.code, answer.out) == (2, "")
    assert "FORMAT=FILE" in answer.err
