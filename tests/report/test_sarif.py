"""SARIF as code scanning reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator

from chatkit_validate.report import github_report, junit_report, sarif_report
from chatkit_validate.report.report import Report
from chatkit_validate.report.target import TargetReport
from chatkit_validate.rules.verdict import Level, Outcome, Subject, Validator, Verdict
from chatkit_validate.source import Place
from services.tools import MissingToolError, tool
from tests.conftest import ROOT, Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Answer]
    Sarif = Callable[..., dict[str, Any]]

BROKEN = ROOT / "fixtures" / "broken" / "source_endpoint"


@pytest.fixture(scope="session")
def schema() -> Draft4Validator:
    """The published schema; fetched once by scripts/tools.py."""
    try:
        text = Path(tool("sarif-schema")["sarif-schema"]).read_text("utf-8")
    except MissingToolError as error:
        pytest.skip(f"no schema of SARIF to validate with: {error}")
    return Draft4Validator(json.loads(text))


@pytest.fixture
def sarif(command: Command, schema: Draft4Validator) -> Sarif:
    """The one run of `check --format sarif` on a tree, after validation."""

    def run(*arguments: str | Path, **variables: str) -> dict[str, Any]:
        log = command("check", "--format", "sarif", *arguments, **variables).json()
        assert [error.message for error in schema.iter_errors(log)] == []
        [only] = log["runs"]
        assert isinstance(only, dict)
        return only

    return run


def broken_app(folder: Path) -> Path:
    files = minimal_app()
    files["app/main.py"] = files["app/main.py"].replace("X-Accel-Buffering", "X-Other")
    return write_tree(folder, files)


def test_the_schema_refuses_what_sarif_does_not_know(schema: Draft4Validator) -> None:
    assert list(schema.iter_errors({"version": "2.1.0", "runs": [{"results": []}]}))


def test_every_failure_is_a_result_with_rule_level_place_and_fingerprint(sarif: Sarif, command: Command) -> None:
    run = sarif(BROKEN)
    report = command("check", "--format", "json", BROKEN).json()
    failed = [v for v in report["integrations"][0]["verdicts"] if v["verdict"] == "fail"]
    assert failed
    rules = run["tool"]["driver"]["rules"]
    for verdict, result in zip(failed, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == verdict["code"]
        assert result["level"] == {"error": "error", "warning": "warning", "advice": "note"}[verdict["level"]]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == (verdict["line"], verdict["column"] + 1)
        assert (region["endLine"], region["endColumn"]) == (verdict["end_line"], verdict["end_column"] + 1)
        assert list(result["partialFingerprints"].values()) == [verdict["fingerprint"]]
        assert verdict["way_out"] in result["message"]["text"]


def test_a_secret_flows_from_source_to_sink(sarif: Sarif) -> None:
    [result] = [one for one in sarif(BROKEN)["results"] if one["ruleId"] == "CK206"]
    steps = [step["location"]["physicalLocation"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    named = [(step["artifactLocation"]["uri"].rpartition("/")[2], step["region"]["startLine"]) for step in steps]
    assert named == [("chatkit_server.py", 23), ("chat_agent.py", 15), ("chat_agent.py", 12), ("chat_agent.py", 10)]


def test_evidence_that_is_no_flow_is_only_related(sarif: Sarif) -> None:
    [result] = [one for one in sarif(BROKEN)["results"] if one["ruleId"] == "CK103"]
    assert "codeFlows" not in result
    assert [one["message"]["text"] for one in result["relatedLocations"]] == ["raised here", "caught here"]


def test_paths_are_relative_to_the_repository(sarif: Sarif, tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    broken_app(tmp_path / "repo" / "back end")
    [result] = sarif(tmp_path / "repo" / "back end")["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "back%20end/app/main.py"


def test_a_comment_suppresses_with_its_reason(sarif: Sarif, tmp_path: Path) -> None:
    app = broken_app(tmp_path / "app")
    main = app / "app" / "main.py"
    text = main.read_text("utf-8")
    main.write_text(text.replace("async def", "# chatkit: ignore[CK105] the proxy adds it\nasync def"), "utf-8")
    [one] = sarif(app, "--select", "CK105")["results"]
    assert one["ruleId"] == "CK105"
    assert one["suppressions"] == [{"kind": "inSource", "justification": "the proxy adds it"}]


def test_what_could_not_be_analysed_is_a_notification(sarif: Sarif, tmp_path: Path) -> None:
    app = write_tree(tmp_path / "app", {**minimal_app(), "app/more.py": "from chatkit.server import (\n"})
    [told] = sarif(app)["invocations"][0]["toolExecutionNotifications"]
    assert told["level"] == "error"
    assert told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "app/more.py"


def test_rules_name_their_pages_where_it_is_known(sarif: Sarif) -> None:
    assert "helpUri" not in sarif(BROKEN)["tool"]["driver"]["rules"][0]
    run = sarif(BROKEN, CHATKIT_VALIDATE_PAGES="https://example.org/docs/rules/")
    first = run["tool"]["driver"]["rules"][0]
    assert first["helpUri"] == f"https://example.org/docs/rules/{first['id']}.md"
    assert (ROOT / "docs" / "rules" / f"{first['id']}.md").is_file()


def test_the_same_tree_gives_the_same_bytes(command: Command) -> None:
    first = command("check", "--format", "sarif", BROKEN, PYTHONHASHSEED="1").out
    assert first == command("check", "--format", "sarif", BROKEN, PYTHONHASHSEED="2").out


def test_what_runs_has_no_line_but_a_name(schema: Draft4Validator) -> None:
    subject = Subject("endpoint", "http://127.0.0.1:8000/chatkit", "http://127.0.0.1:8000/chatkit", 0)
    verdict = Verdict(
        "CK105", "missing-sse-headers", Level.WARNING, Outcome.FAIL, Validator.LIVE, subject, "No header", "", Place("")
    )
    report = Report(".", 0, 0, (), targets=(TargetReport("endpoint", subject.name, (verdict,), ()),))
    log = sarif_report.as_data(report)
    assert [error.message for error in schema.iter_errors(log)] == []
    [location] = log["runs"][0]["results"][0]["locations"]
    assert location == {"logicalLocations": [{"name": subject.name, "kind": "endpoint"}]}
    assert ET.fromstring(junit_report.render(report)).get("failures") == "1"  # noqa: S314 - our own
    assert github_report.render(report).startswith("::warning title=CK105 missing-sse-headers%3A http%3A//")


def test_a_fix_is_a_replacement(sarif: Sarif, tmp_path: Path) -> None:
    app = broken_app(tmp_path / "app")
    [result] = sarif(app, "--select", "CK105")["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    [replacement] = change["replacements"]
    region = replacement["deletedRegion"]
    text = (app / "app" / "main.py").read_text("utf-8")
    start, end = region["charOffset"], region["charOffset"] + region["charLength"]
    assert '"X-Accel-Buffering": "no"' in text[:start] + replacement["insertedContent"]["text"] + text[end:]
