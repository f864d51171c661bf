"""Good tokens of users that the app does not have: nothing may pass because of it, and nothing else be blamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import HTTPException

from broken.servers.sound import Caller, Sound
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

    from chatkit_validate.report.target import TargetReport


def knowing(*users: str) -> type[Sound]:
    """An app that looks the user of the token up, as one with a table of users does."""

    class Knowing(Sound):
        async def caller(self, request: Request) -> Caller:
            caller = await super().caller(request)
            if caller.user_id not in users:
                raise HTTPException(404, "User not found")
            return caller

    return Knowing


def test_a_second_user_whom_the_app_does_not_know_proves_nothing(probed: Callable[..., TargetReport]) -> None:
    report = probed(knowing("alice"), "identity/foreign-reads", "identity/spoofed-user-id", "concurrency/all-served")

    found = {check.id: check for check in report.checks}
    for name in ("identity/foreign-reads", "identity/spoofed-user-id"):
        assert found[name].outcome is Outcome.UNKNOWN
        assert "--second-token" in found[name].got
        assert "404" in found[name].got
    assert found["concurrency/all-served"].outcome is Outcome.PASS


@pytest.mark.parametrize("check", ["errors/unknown-thread", "identity/scheme-case"])
def test_a_first_user_whom_the_app_does_not_know_ends_the_run(check: str, probed: Callable[..., TargetReport]) -> None:
    report = probed(knowing("bob"), "protocol/first-contact", check)

    assert not [one.id for one in report.checks if one.outcome is Outcome.FAIL]
    found = next(one for one in report.checks if one.id == check)
    assert found.outcome is Outcome.UNKNOWN
    assert "does not find user A" in found.got
    assert "--token" in found.got


def test_one_cause_is_told_once(probed: Callable[..., TargetReport]) -> None:
    report = probed(knowing("bob"), "protocol/first-contact", "errors/unknown-thread", "identity/foreign-reads")

    reasons = {one.code: one.reason for one in report.verdicts if one.verdict is Outcome.UNKNOWN}
    assert {"CK110", "CK404"} <= reasons.keys()
    assert len(set(reasons.values())) == 1


def test_users_whom_the_app_knows_are_judged(probed: Callable[..., TargetReport]) -> None:
    report = probed(knowing("alice", "bob"), "identity/foreign-reads")

    assert report.checks[0].outcome is Outcome.PASS
