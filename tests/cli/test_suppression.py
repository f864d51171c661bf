"""`# chatkit: ignore[CK105] reason`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import minimal_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.report import Report

HEADERS = '            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},\n'


def app(comment: str, *, before: str = "        return StreamingResponse(\n", alone: bool = False) -> dict[str, str]:
    """The minimal app without its headers, with a comment at the end of `before`, or on a line of its own above."""
    files = minimal_app()
    text = files["app/main.py"]
    assert text.count(before) == 1
    line = f"        {comment}\n{before}" if alone else before.replace("\n", f"  {comment}\n", 1)
    files["app/main.py"] = text.replace(HEADERS, "").replace(before, line)
    return files


@pytest.mark.parametrize("alone", [False, True])
def test_a_comment_with_a_reason_silences_and_is_reported(report: Callable[..., Report], *, alone: bool) -> None:
    result = report(app("# chatkit: ignore[CK105] the proxy adds them", alone=alone), "CK105")
    assert result.counts()["fail"] == 0
    assert [s.reason for s in result.integrations[0].suppressed] == ["the proxy adds them"]
    assert not result.diagnostics


def test_within_a_statement_that_a_formatter_broke_it_silences_what_begins_there(report: Callable[..., Report]) -> None:
    within = app("# chatkit: ignore[CK105] the proxy adds them", before="            result,\n")
    assert report(within, "CK105").counts()["suppressed"] == 1


def test_at_the_handler_it_silences_what_is_said_of_the_endpoint(report: Callable[..., Report]) -> None:
    handler = "async def chatkit(request: Request, caller: Annotated[Caller, Depends(current_caller)]):\n"
    assert report(app("# chatkit: ignore[CK105] ours", before=handler), "CK105").counts()["suppressed"] == 1


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("# chatkit: ignore[CK105]", "invalid-suppression"),
        ("# chatkit: ignore the proxy adds them", "invalid-suppression"),
        ("# chatkit: ignore[CK999] the proxy adds them", "invalid-suppression"),
        ("# chatkit: ignore[CK104] the proxy adds them", "unused-suppression"),
    ],
)
def test_what_silences_nothing_is_named(report: Callable[..., Report], comment: str, kind: str) -> None:
    result = report(app(comment), "CK104", "CK105")
    assert result.counts()["fail"] == 1
    assert [(d.kind, d.path) for d in result.diagnostics] == [(kind, "app/main.py")]


def test_a_rule_that_was_not_asked_leaves_its_suppression_alone(report: Callable[..., Report]) -> None:
    assert not report(app("# chatkit: ignore[CK105] the proxy adds them"), "CK104").diagnostics


def test_text_in_a_string_is_no_comment(report: Callable[..., Report]) -> None:
    files = app("# nothing")
    files["app/main.py"] += '\nTEXT = "# chatkit: ignore[CK105] no comment"\n'
    assert report(files, "CK105").counts()["fail"] == 1
