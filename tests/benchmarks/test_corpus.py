"""The corpus benchmark counts what readers and validator say of made-up checkouts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

COMMAND = Path(__file__).resolve().parents[2] / "benchmarks" / "corpus" / "measure.py"


class Measured(Protocol):
    """Prints the table for gold rows and verdicts: its lines, and the columns of each rule."""

    def __call__(
        self, gold: list[dict[str, Any]], verdicts: list[dict[str, Any]], *arguments: str
    ) -> dict[str, list[str]]: ...


def row(rule: str, verdict: str, path: str = "main.py", line: int = 10) -> dict[str, Any]:
    return {
        "repo": "a/b", "commit": "0123456", "root": "", "rule": rule, "verdict": verdict, "why": f"read {line}",
        "subject": {"kind": "endpoint", "path": path, "line": line, "name": "POST /chat"},
        "file": path, "line": line, "evidence": [],
    }  # fmt: skip


def verdict(code: str, outcome: str, path: str = "main.py", line: int = 10, *, at: int = 0) -> dict[str, Any]:
    subject = {"kind": "file" if line == 1 else "endpoint", "name": "POST /chat", "path": path, "line": line}
    place = {"path": path, "line": at or line, "message": f"seen {at or line}", "reason": "", "evidence": []}
    return {"code": code, "verdict": outcome, "subject": subject, **place}


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    def run(gold: list[dict[str, Any]], verdicts: list[dict[str, Any]], *arguments: str) -> dict[str, list[str]]:
        (tmp_path / "checkouts" / "a__b@0123456").mkdir(parents=True)
        for folder in ("gold", "reports"):
            (tmp_path / folder).mkdir()
        (tmp_path / "gold" / "part.jsonl").write_text("".join(json.dumps(each) + "\n" for each in gold))
        integration = {"root": ".", "endpoints": [{"path": "main.py", "line": 10}], "verdicts": verdicts}
        report = {"complete": True, "integrations": [integration] if verdicts else []}
        (tmp_path / "reports" / "a__b@0123456.json").write_text(json.dumps(report))
        done = subprocess.run(
            [
                *map(str, (sys.executable, COMMAND, tmp_path / "checkouts", "--keep")),
                *map(str, ("--reports", tmp_path / "reports", "--gold", tmp_path / "gold", *arguments)),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        return {"lines": lines, **{line.split()[0]: line.split()[1:] for line in lines if line.startswith("CK")}}

    return run


def test_a_fault_is_found_missed_or_false(measured: Measured) -> None:
    table = measured(
        [row("CK101", "fail"), row("CK102", "fail"), row("CK103", "pass"), row("CK104", "not-applicable")],
        [verdict("CK101", "fail"), verdict("CK102", "pass"), verdict("CK103", "fail"), verdict("CK104", "pass")],
    )
    assert table["CK101"] == ["1", "1", "0", "0", "1.000", "1.000", "0/1", "0%", "0"]
    assert table["CK102"] == ["1", "0", "1", "0", "-", "0.000", "0/1", "0%", "0"]
    assert table["CK103"] == ["0", "0", "0", "1", "0.000", "-", "0/1", "0%", "0"]
    assert table["CK104"] == ["0", "0", "0", "0", "-", "-", "0/1", "0%", "0"]
    assert "  readers: fail at main.py:10: read 10" in table["lines"]
    assert "  validator: pass at main.py:10: seen 10" in table["lines"]


@pytest.mark.parametrize("answer", ["unknown", "not-applicable", "pass"])
def test_whatever_is_no_failure_misses_a_fault(measured: Measured, answer: str) -> None:
    assert measured([row("CK101", "fail")], [verdict("CK101", answer)])["CK101"][:4] == ["1", "0", "1", "0"]


def test_debatable_rows_count_neither_way(measured: Measured) -> None:
    assert measured([row("CK101", "debatable")], [verdict("CK101", "fail")])["CK101"][:4] == ["0", "0", "0", "0"]


def test_several_failures_of_one_subject_are_one(measured: Measured) -> None:
    table = measured(
        [row("CK101", "fail")],
        [verdict("CK101", "fail"), verdict("CK101", "fail", at=12), verdict("CK101", "pass", at=14)],
    )
    assert table["CK101"] == ["1", "1", "0", "0", "1.000", "1.000", "0/1", "0%", "0"]


def test_places_of_one_file_are_told_apart_by_line(measured: Measured) -> None:
    gold = [row("CK208", "fail", line=20), row("CK208", "pass", line=50), row("CK208", "fail", line=90)]
    verdicts = [
        verdict("CK208", "fail", line=1, at=21),
        verdict("CK208", "fail", line=1, at=52),
    ]
    assert measured(gold, verdicts)["CK208"][:4] == ["2", "1", "1", "1"]


@pytest.mark.parametrize(("at", "found"), [(30, "1"), (31, "0")])
def test_a_turn_named_in_another_file_is_the_one_with_the_same_place(measured: Measured, at: int, found: str) -> None:
    readers = {**row("CK502", "fail", path="llm.py"), "file": "main.py", "line": 30}
    said = verdict("CK502", "fail", at=at)
    assert measured([readers], [{**said, "subject": {**said["subject"], "kind": "turn"}}])["CK502"][1] == found


def test_failures_that_no_reader_spoke_of_are_listed(measured: Measured) -> None:
    table = measured([row("CK101", "pass")], [verdict("CK101", "pass"), verdict("CK101", "fail", path="other.py")])
    assert table["CK101"][-1] == "1"
    assert "unjudged CK101 a__b@0123456 other.py:10 POST /chat" in table["lines"]


def test_rows_of_rules_without_verdicts_are_counted_apart(measured: Measured) -> None:
    table = measured([row("CK101", "fail"), row("CK402", "fail"), row("CK402", "pass")], [verdict("CK101", "fail")])
    assert "left out: 2 rows of rules that were not judged anywhere (CK402 2)" in table["lines"]
    assert "CK402" not in table


def test_unknown_is_a_share_of_what_applies(measured: Measured) -> None:
    verdicts = [
        verdict("CK101", answer, line=line) for line, answer in enumerate(("unknown", "pass", "fail", "not-applicable"))
    ]
    assert measured([], verdicts)["CK101"][6:8] == ["1/3", "33%"]


def test_endpoints_and_false_integrations_are_counted(measured: Measured, tmp_path: Path) -> None:
    handlers = [{"file": "main.py", "line": 8}, {"file": "main.py", "line": 80}]
    label = {"repo": "a/b", "commit": "0123456789", "facts": {"handlers": handlers}}
    (tmp_path / "labels.jsonl").write_text(json.dumps(label) + "\n")
    (tmp_path / "negatives.jsonl").write_text(
        json.dumps({"repo": "a/b", "commit": "0123456789", "shape": "names"}) + "\n"
    )
    files = ("--labels", str(tmp_path / "labels.jsonl"), "--negatives", str(tmp_path / "negatives.jsonl"))
    lines = measured([], [verdict("CK101", "pass")], *files)["lines"]
    assert "1 of 2 endpoints found" in lines
    assert "missed endpoint a__b@0123456 main.py:80" in lines
    assert "integration where there is none: a__b@0123456 (names)" in lines


def test_verdicts_of_two_versions_are_compared(measured: Measured, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    integration = {"root": ".", "endpoints": [], "verdicts": [verdict("CK101", "pass"), verdict("CK102", "pass")]}
    (earlier / "a__b@0123456.json").write_text(json.dumps({"complete": True, "integrations": [integration]}))
    lines = measured([], [verdict("CK101", "fail"), verdict("CK102", "pass")], "--than", str(earlier))["lines"]
    assert "1 verdicts differ" in lines
    assert "CK101 a__b@0123456 main.py POST /chat: pass -> fail" in lines
