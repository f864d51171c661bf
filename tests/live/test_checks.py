"""Every check passes on a sound server, and fails on one that breaks what it looks at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from broken.servers.faults import FAULTS
from broken.servers.served import FAULTS as SERVED
from broken.servers.served import EncodesBytes
from broken.servers.sound import Sound
from chatkit_validate.live.scenarios import SCENARIOS
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Outcome, Validator
from services.scripted_model import Script, ScriptedModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.target import TargetReport

# What only a served app, not a URL, can be asked.
NEEDS_APP = {check.id for scenario in SCENARIOS if "--app" in scenario.needs for check in scenario.checks}
# What judges the log of a run needs a run; by itself it would play everything.
PREMISES = {
    **{check.id: ("protocol/first-contact",) for check in SCENARIOS[-2].checks},
    "leaks/token-in-prompt": ("protocol/first-contact",),
    "leaks/internals": ("errors/malformed",),
    "leaks/tokens": ("protocol/first-contact",),
}
CHECKS = [check.id for scenario in SCENARIOS for check in scenario.checks]


@pytest.mark.slow
def test_the_sound_server_passes_every_check(probed: Callable[..., TargetReport]) -> None:
    report = probed(Sound)

    wrong = {check.id: check.got for check in report.checks if check.outcome is not Outcome.PASS}
    assert wrong.keys() == NEEDS_APP, wrong


def test_every_check_has_a_server_that_breaks_it() -> None:
    assert set(CHECKS) == set(FAULTS) | set(SERVED)
    assert set(SERVED) >= NEEDS_APP  # their apps are in test_served_apps.py


@pytest.mark.parametrize("check", sorted(set(FAULTS) & set(CHECKS)))
def test_a_broken_server_fails_the_check(check: str, probed: Callable[..., TargetReport]) -> None:
    report = probed(FAULTS[check], *PREMISES.get(check, ()), check)

    found = next(one for one in report.checks if one.id == check)
    assert found.outcome is Outcome.FAIL, found.got
    assert found.transcript
    assert found.reproducer
    assert found.way_out


@pytest.mark.slow
def test_a_model_of_the_apps_own_leaves_open_only_what_cannot_be_seen(probed: Callable[..., TargetReport]) -> None:
    with ScriptedModel(default=Script(delay=0.04)) as model:
        report = probed(Sound, unseen=model)

    unknown = {check.id for check in report.checks if check.outcome is Outcome.UNKNOWN}
    assert not [check.id for check in report.checks if check.outcome is Outcome.FAIL]
    assert unknown - NEEDS_APP == {
        "concurrency/tools-act-for-caller",
        "concurrency/tools-know-caller",
        "concurrency/tools-work",
        "disconnect/run-stops",
        "leaks/token-in-prompt",
        "persistence/history-reaches-model",
        "persistence/message-once-in-prompt",
        "persistence/newest-history",
        "streaming/failures-told",
        "streaming/goes-on-after-failure",
    }


def test_what_no_plain_request_answers_is_unknown_where_there_is_no_log(probed: Callable[..., TargetReport]) -> None:
    report = probed(EncodesBytes, "protocol/first-contact")

    outcomes = {check.id: check.outcome for check in report.checks}
    assert outcomes["protocol/json-answers"] is Outcome.UNKNOWN
    assert outcomes["protocol/requests-served"] is Outcome.FAIL


def test_a_buffered_answer_shows_whatever_the_model(probed: Callable[..., TargetReport]) -> None:
    with ScriptedModel(default=Script(delay=0.15)) as model:
        report = probed(FAULTS["streaming/incremental"], "streaming/slow-answer", unseen=model)

    assert {check.id for check in report.checks if check.outcome is Outcome.FAIL} >= {"streaming/incremental"}


def test_every_check_speaks_for_a_rule_that_names_this_validator() -> None:
    rules = {loaded.rule.code: loaded.rule for loaded in registry.load()}
    codes = {check.code for scenario in SCENARIOS for check in scenario.checks}

    assert all(Validator.LIVE in rules[code].by for code in codes if code in rules)
    assert {code for code in rules if code.startswith("CK7") and rules[code].by == (Validator.LIVE,)} <= codes


@pytest.mark.parametrize("check", ["identity/expired-token", "identity/wrong-signature", "identity/alg-none"])
def test_no_report_holds_a_token(check: str, probed: Callable[..., TargetReport]) -> None:
    report = probed(FAULTS[check], check)

    found = next(one for one in report.checks if one.id == check)
    told = "\n".join((found.got, *found.transcript, *found.reproducer))
    assert found.reproducer
    assert "$TOKEN_" in told
    assert not re.search(r"eyJ[\w-]+\.eyJ", told)
