"""The app before ChatKit: what `check` says of it, rule by rule; nothing in it uses the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import ROOT

if TYPE_CHECKING:
    from chatkit_validate.report.report import IntegrationReport

FAILS = {
    "CK115": ("backend/src/api/v1/chat.py", "@router.post"),  # a request of its own
    "CK308": ("backend/pyproject.toml", "chatkit>=0.0.1"),  # the placeholder
    "CK601": ("frontend/components/chat/ChatWidget.tsx", "/chat`"),  # the widget's URL
}
PASSES = {"CK208", "CK209", "CK212", "CK307", "CK309", "CK310", "CK602", "CK604"}
NOT_APPLICABLE = {"CK301", "CK302", "CK305", "CK603"}
BEFORE = ROOT / "fixtures/broken/todo_before"


@pytest.fixture(scope="module")
def found() -> IntegrationReport:
    """The one integration, which only the widget leads to."""
    report = check(BEFORE, Configuration())
    assert report.complete
    (integration,) = report.integrations
    return integration


def codes(found: IntegrationReport, outcome: Outcome) -> set[str]:
    return {verdict.code for verdict in found.verdicts if verdict.verdict is outcome}


def test_it_is_found_through_its_widget(found: IntegrationReport) -> None:
    assert (found.root, [each.route for each in found.endpoints]) == ("backend", ["POST /api/v1/chat"])


def test_what_fails_is_the_documents_problem_statement(found: IntegrationReport) -> None:
    failed = {verdict.code: verdict.where for verdict in found.verdicts if verdict.failed}

    assert {code: place.path for code, place in failed.items()} == {code: path for code, (path, _) in FAILS.items()}
    for code, (path, text) in FAILS.items():
        assert text in (BEFORE / path).read_text("utf-8").splitlines()[failed[code].line - 1]


def test_the_rest_of_the_table(found: IntegrationReport) -> None:
    assert codes(found, Outcome.PASS) == PASSES
    assert codes(found, Outcome.NOT_APPLICABLE) == NOT_APPLICABLE
    assert codes(found, Outcome.UNKNOWN) == set()
