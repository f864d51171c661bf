"""The sound stores of other rules' cases: nothing fails, nothing is unknown, whatever they are written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.stores import memory, orm

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


@pytest.mark.parametrize("tree", [memory(), orm()], ids=["memory", "orm"])
def test_a_sound_store_passes_every_rule_about_stores(verdicts: Verdicts, tree: dict[str, str]) -> None:
    answers = verdicts(tree, "CK4")
    wrong = [
        (v.code, v.subject.name, v.message or v.reason) for v in answers if v.verdict in {Outcome.FAIL, Outcome.UNKNOWN}
    ]
    assert not wrong
    decided = {v.code for v in answers if v.verdict is Outcome.PASS}
    assert {f"CK{number}" for number in (401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413)} <= decided
