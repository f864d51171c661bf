"""JUnit's XML, read back by a parser."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from chatkit_validate.report import junit_report
from chatkit_validate.report.report import Diagnostic, IntegrationReport, Report
from chatkit_validate.rules.verdict import Level, Outcome, Subject, Validator, Verdict
from chatkit_validate.source import Place
from tests.conftest import ROOT, Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Answer]

BROKEN = ROOT / "fixtures" / "broken" / "source_endpoint"


def test_every_verdict_is_a_case_with_its_outcome(command: Command) -> None:
    top = ET.fromstring(command("check", "--format", "junit", BROKEN).out)  # noqa: S314 - our own
    report = command("check", "--format", "json", BROKEN).json()
    verdicts = report["integrations"][0]["verdicts"]
    cases = list(top.iter("testcase"))
    assert [case.get("classname") for case in cases] == [f"{v['code']} {v['name']}" for v in verdicts]
    elements = {"pass": None, "fail": "failure", "unknown": "skipped", "not-applicable": "skipped"}
    assert [case[0].tag if len(case) else None for case in cases] == [elements[v["verdict"]] for v in verdicts]
    assert [case.get("file") for case in cases] == [f"fixtures/broken/source_endpoint/{v['path']}" for v in verdicts]


def test_the_counts_are_those_of_the_elements(command: Command) -> None:
    top = ET.fromstring(command("check", "--format", "junit", BROKEN).out)  # noqa: S314 - our own
    counted = Counter(element.tag for element in top.iter())
    for element in (top, top[0]):
        assert element.get("tests") == str(counted["testcase"])
        assert element.get("failures") == str(counted["failure"])
        assert element.get("skipped") == str(counted["skipped"])
        assert element.get("errors") == "0"


def test_a_failure_shows_the_place_the_evidence_and_the_way_out(command: Command) -> None:
    top = ET.fromstring(command("check", "--format", "junit", "--select", "CK203", BROKEN).out)  # noqa: S314 - our own
    [failure] = top.iter("failure")
    assert failure.get("type") == "error"
    lines = (failure.text or "").splitlines()
    assert lines[0] == "fixtures/broken/source_endpoint/app/main.py:59"
    assert lines[1].endswith(":59 chosen by the client")
    assert lines[-1].startswith("To do: ")


def test_any_text_can_be_written() -> None:
    subject = Subject("endpoint", 'a "<b>" & \x1b[31m', "a.py", 1)
    verdict = Verdict(
        "CK1", "x", Level.ERROR, Outcome.FAIL, Validator.STATIC, subject, "]]> \0 \ud800 ü", "", Place("a&b.py", 1)
    )
    diagnostic = Diagnostic("<c>.py", 0, "syntax-error", "1 < 2", incomplete=True)
    report = Report(".", 1, 1, (IntegrationReport(".", (), (verdict,)),), (diagnostic,))
    top = ET.fromstring(junit_report.render(report))  # noqa: S314 - our own
    case, incomplete = top.iter("testcase")
    assert case.get("name") == 'a "<b>" & \ufffd[31m'
    assert case[0].get("message") == "]]> \ufffd \ufffd ü"
    assert (incomplete.get("file"), incomplete[0].tag, incomplete[0].get("message")) == ("<c>.py", "error", "1 < 2")
    assert top.get("errors") == "1"
