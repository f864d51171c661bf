"""Annotations of GitHub Actions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatkit_validate.report import github_report
from chatkit_validate.report.report import Diagnostic, IntegrationReport, Report
from chatkit_validate.rules.verdict import Level, Outcome, Subject, Validator, Verdict
from chatkit_validate.source import Place
from tests.conftest import ROOT, Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]

BROKEN = ROOT / "fixtures" / "broken" / "source_endpoint"


def unescaped(text: str) -> str:
    for escape, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: up to the first `::` after the command, then by comma."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert match, line
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])


def verdict(place: Place, message: str, level: Level = Level.ERROR) -> Verdict:
    subject = Subject("endpoint", "POST /chat, all", place.path, 1)
    return Verdict(
        "CK105", "missing-sse-headers", level, Outcome.FAIL, Validator.STATIC, subject, message, "", place, "Do it."
    )


def lines(*verdicts: Verdict, diagnostics: tuple[Diagnostic, ...] = (), prefix: str = "") -> list[str]:
    report = Report(".", 1, 1, (IntegrationReport(".", (), verdicts),), diagnostics)
    return github_report.render(report, prefix=prefix).splitlines()


def test_every_failure_is_one_line_that_the_runner_reads_back(command: Command) -> None:
    told = [parsed(line) for line in command("check", "--format", "github", BROKEN).out.splitlines()]
    report = command("check", "--format", "json", BROKEN).json()
    failed = [v for v in report["integrations"][0]["verdicts"] if v["verdict"] == "fail"]
    # The runner's word for advice.
    levels = {"advice": "notice"}
    assert [
        (levels.get(one["level"], one["level"]), f"{one['message']}\nTo do: {one['way_out']}") for one in failed
    ] == [(name, text) for name, _, text in told]
    assert [f"fixtures/broken/source_endpoint/{one['path']}" for one in failed] == [at["file"] for _, at, _ in told]


def test_what_would_end_a_property_or_the_line_is_escaped() -> None:
    [line] = lines(verdict(Place("a,b:c%.py", 3, 0, 3, 4), "100 %\r\nof it: a, b ::"))
    _, properties, message = parsed(line)
    assert properties["file"] == "a,b:c%.py"
    assert properties["title"] == "CK105 missing-sse-headers: POST /chat, all"
    assert message == "100 %\r\nof it: a, b ::\nTo do: Do it."


def test_columns_are_left_out_where_lines_differ() -> None:
    one, two = lines(verdict(Place("a.py", 3, 4, 3, 9), "x"), verdict(Place("a.py", 3, 4, 5, 9), "x"))
    assert parsed(one)[1].items() >= {"line": "3", "endLine": "3", "col": "5", "endColumn": "9"}.items()
    assert not parsed(two)[1].keys() & {"col", "endColumn"}
    assert parsed(two)[1].items() >= {"line": "3", "endLine": "5"}.items()


def test_levels_become_error_warning_and_notice() -> None:
    told = lines(*(verdict(Place("a.py", 1), "x", level) for level in Level))
    assert [parsed(line)[0] for line in told] == ["error", "warning", "notice"]


def test_what_made_the_run_incomplete_is_an_error() -> None:
    broken = Diagnostic("b.py", 2, "syntax-error", "line 2: never closed", incomplete=True)
    [line] = lines(diagnostics=(broken,), prefix="back/")
    assert parsed(line) == ("error", {"file": "back/b.py", "line": "2", "title": "syntax-error"}, broken.message)


def test_a_clean_app_says_nothing(command: Command, tmp_path: Path) -> None:
    answer = command("check", "--format", "github", write_tree(tmp_path / "app", minimal_app()))
    assert (answer.code, answer.out, answer.err) == (0, "", "")
