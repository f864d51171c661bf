"""The shipped example: what `check` says of the source document's endpoint, rule by rule."""

from __future__ import annotations

import pytest

from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import ROOT

FAILS = {
    "CK103": "app/main.py",  # a foreign request becomes 500
    "CK109": "app/main.py",  # ... with the exception's text
    "CK110": "app/main.py",  # so does an unknown thread
    "CK114": "app/main.py",  # ... which on a streaming request cuts the connection
    "CK202": "app/main.py",  # `bearer` in lower case is refused, and nothing is verified
    "CK203": "app/main.py",  # X-User-ID is believed
    "CK204": "app/main.py",  # the token is never verified
    "CK206": "app/services/chat_agent.py",  # ... and stands in the prompt
    "CK210": "app/services/chat_agent.py",  # beside what the client's metadata says
    "CK213": "app/services/chatkit_server.py",  # instead of on the MCP transport
    "CK405": "app/chatkit_store/postgres_store.py",  # an id with U+0000 ends in the driver's error
    "CK510": "app/services/chatkit_server.py",  # the run goes on without its reader
    "CK511": "app/services/chatkit_server.py",  # whose half answer is lost
    "CK515": "app/services/chatkit_server.py",  # tools are cut off after 5 seconds
}
NOT_APPLICABLE = {"CK205", "CK211", "CK303"}
"""Nothing is verified that could fall back; no cross-origin requests; no env_file."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, set[tuple[Outcome, str]]]:
    """Code -> the outcomes of its verdicts, each with the file of the deciding place."""
    report = check(ROOT / "fixtures/broken/source_endpoint", Configuration())
    assert report.complete
    answers: dict[str, set[tuple[Outcome, str]]] = {}
    for verdict in report.verdicts():
        answers.setdefault(verdict.code, set()).add((verdict.verdict, verdict.where.path))
    return answers


def test_what_fails_is_what_the_document_got_wrong(outcomes: dict[str, set[tuple[Outcome, str]]]) -> None:
    failed = {code: path for code, rows in outcomes.items() for outcome, path in rows if outcome is Outcome.FAIL}
    assert failed == FAILS


def test_nothing_is_unknown(outcomes: dict[str, set[tuple[Outcome, str]]]) -> None:
    assert not [code for code, rows in outcomes.items() if any(outcome is Outcome.UNKNOWN for outcome, _ in rows)]


def test_what_does_not_apply(outcomes: dict[str, set[tuple[Outcome, str]]]) -> None:
    assert {
        code for code, rows in outcomes.items() if {o for o, _ in rows} == {Outcome.NOT_APPLICABLE}
    } == NOT_APPLICABLE


def test_the_headers_the_order_of_load_dotenv_and_the_late_imports_are_judged(
    outcomes: dict[str, set[tuple[Outcome, str]]],
) -> None:
    for code in ("CK105", "CK301", "CK302"):
        assert {outcome for outcome, _ in outcomes[code]} == {Outcome.PASS}
