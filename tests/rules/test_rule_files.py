"""Every rule file says what it must, in a form that pages and commands can use."""

from __future__ import annotations

import pytest

from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Validator

RULES = registry.load()


def test_there_are_rules() -> None:
    assert RULES


def test_the_rules_that_reading_decides_are_known_without_loading_them() -> None:
    assert registry.decided() == {
        loaded.rule.code: loaded.rule.subject for loaded in RULES if loaded.decide is not None
    }


def test_names_are_unique() -> None:
    names = [loaded.rule.name for loaded in RULES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_file_code_and_name_agree(loaded: registry.LoadedRule) -> None:
    expected = f"{loaded.rule.code.lower()}_{loaded.rule.name.replace('-', '_')}"
    assert loaded.module.rpartition(".")[2] == expected


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_the_documentation_is_whole(loaded: registry.LoadedRule) -> None:
    rule = loaded.rule
    assert all((rule.what, rule.why, rule.instead, rule.skill, rule.subject, rule.by))


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.code)
def test_a_rule_that_reading_decides_has_a_decision_and_a_shown_pair(loaded: registry.LoadedRule) -> None:
    if Validator.STATIC in loaded.rule.by:
        assert loaded.decide is not None
        assert loaded.rule.shown is not None
