"""A probe sees the proxy in use: the same server, found right or wrong by what stands before it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from broken.servers.faults import FAULTS
from broken.servers.sound import Sound
from chatkit_validate.rules.verdict import Outcome
from services.nginx import Nginx
from services.tools import MissingToolError, tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.target import TargetReport

pytestmark = pytest.mark.slow

NO_HEADER = FAULTS["protocol/stream-headers"]
KEEPS_THE_HEADER = "proxy_pass_header X-Accel-Buffering;"


@pytest.fixture(scope="module")
def nginx() -> str:
    try:
        return tool("nginx")["nginx"]
    except MissingToolError as error:
        pytest.skip(f"no nginx to test with: {error}")


@pytest.fixture
def outcomes(probed: Callable[..., TargetReport], nginx: str) -> Callable[..., dict[str, Outcome]]:
    def run(server: type[Sound], *only: str, lines: str = "") -> dict[str, Outcome]:
        report = probed(server, *only, behind=partial(Nginx, nginx, lines=lines))
        return {check.id: check.outcome for check in report.checks}

    return run


def test_through_a_proxy_that_obeys_the_header_text_arrives_piece_by_piece(
    outcomes: Callable[..., dict[str, Outcome]],
) -> None:
    found = outcomes(Sound, "streaming/slow-answer", "disconnect/leaving")

    assert set(found.values()) == {Outcome.PASS}


def test_without_the_header_the_proxy_holds_the_answer_back(outcomes: Callable[..., dict[str, Outcome]]) -> None:
    found = outcomes(NO_HEADER, "streaming/slow-answer")

    assert found["streaming/incremental"] is Outcome.FAIL


def test_a_proxy_that_is_told_not_to_buffer_needs_no_header(outcomes: Callable[..., dict[str, Outcome]]) -> None:
    found = outcomes(NO_HEADER, "streaming/slow-answer", lines="proxy_buffering off;")

    assert found["streaming/incremental"] is Outcome.PASS


def test_the_whole_probe_passes_through_a_proxy_that_hands_the_header_on(
    outcomes: Callable[..., dict[str, Outcome]],
) -> None:
    found = outcomes(Sound, lines=KEEPS_THE_HEADER)

    assert {check for check, outcome in found.items() if outcome is Outcome.FAIL} == set()
