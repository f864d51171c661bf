"""`explain` and `rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Answer

    Command = Callable[..., Answer]


def test_explain_shows_the_pair_and_the_sources(command: Command) -> None:
    out = command("explain", "ck105").out
    assert out.startswith("CK105 missing-sse-headers (warning; decided by static, live)")
    assert "Fails (app/main.py)" in out


def test_explain_all_as_json_holds_every_rule(command: Command) -> None:
    assert [rule["code"] for rule in command("explain", "--all", "--format", "json").json()] == list(registry.codes())


def test_explain_without_a_code_says_what_to_name(command: Command) -> None:
    answer = command("explain")
    assert answer.code == 2
    assert "name a rule" in answer.err


def test_an_unknown_code_is_a_usage_error(command: Command) -> None:
    answer = command("explain", "XX1")
    assert answer.code == 2
    assert "there is no rule 'XX1'" in answer.err


def test_rules_lists_one_a_line(command: Command) -> None:
    lines = command("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == list(registry.codes())
