"""Every rule's shown pair: the minimal app passes every rule, and the bad edit fails just the rule that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import minimal_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.registry import LoadedRule
    from chatkit_validate.rules.verdict import Verdict

SHOWN = [loaded for loaded in registry.load() if loaded.rule.shown is not None and loaded.decide is not None]


def test_the_minimal_app_fails_nothing_and_leaves_nothing_unknown(verdicts: Callable[..., list[Verdict]]) -> None:
    wrong = [v for v in verdicts(minimal_app()) if v.verdict in {Outcome.FAIL, Outcome.UNKNOWN}]
    assert not wrong


@pytest.mark.parametrize("loaded", SHOWN, ids=lambda loaded: loaded.rule.code)
def test_the_bad_edit_fails_the_rule(loaded: LoadedRule, verdicts: Callable[..., list[Verdict]]) -> None:
    shown = loaded.rule.shown
    assert shown is not None
    files = minimal_app()
    assert files[shown.path].count(shown.good) == 1, "the good text stands there exactly once"
    files[shown.path] = files[shown.path].replace(shown.good, shown.bad)
    failed = [v for v in verdicts(files, loaded.rule.code) if v.verdict is Outcome.FAIL]
    assert failed
    assert all(v.way_out and v.message for v in failed)


@pytest.mark.parametrize("loaded", SHOWN, ids=lambda loaded: loaded.rule.code)
def test_the_rule_passes_on_the_minimal_app(loaded: LoadedRule, verdicts: Callable[..., list[Verdict]]) -> None:
    answers = [v.verdict for v in verdicts(minimal_app(), loaded.rule.code)]
    assert Outcome.PASS in answers
