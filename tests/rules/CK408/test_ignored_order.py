from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import failed, outcomes
from tests.rules.stores import memory, orm

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


ROWS = '        rows = list(reversed(rows)) if order == "desc" else list(rows)\n'


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("rows = list(rows)", "same order"),
        ('rows = sorted(rows, key=lambda row: row.id, reverse=order == "desc")', "newest first"),
        ('rows = list(rows) if order == "desc" else list(reversed(rows))', "newest first"),
    ],
)
def test_an_order_that_is_not_the_one_asked_for_fails(verdicts: Verdicts, lines: str, told: str) -> None:
    failures = failed(verdicts(memory((ROWS, f"        {lines}\n")), "CK408"))
    assert len(failures) == 2
    assert all(told in failure.message for failure in failures)


@pytest.mark.parametrize(
    "lines",
    [
        'rows = sorted(rows, key=lambda row: row.created_at, reverse=(order == "desc"))',
        'rows = list(rows)\nrows.sort(key=lambda row: row.created_at)\nif order != "asc":\n    rows.reverse()',
        'rows = [*rows][:: -1 if order == "desc" else 1]',
    ],
)
def test_every_way_to_follow_it_passes(verdicts: Verdicts, lines: str) -> None:
    body = "".join(f"        {line}\n" for line in lines.splitlines())
    assert outcomes(verdicts(memory((ROWS, body)), "CK408")) == {Outcome.PASS}


def test_cutting_before_turning_takes_the_wrong_end(verdicts: Verdicts) -> None:
    tree = memory(
        (ROWS, "        rows = list(rows)\n"),
        (
            "        shown = rows[:size]\n",
            '        shown = rows[:size]\n        shown = shown[::-1] if order == "desc" else shown\n',
        ),
    )
    assert all("wrong end" in failure.message for failure in failed(verdicts(tree, "CK408")))
    assert failed(verdicts(tree, "CK408"))


def test_a_cursor_that_compares_one_way_only_fails(verdicts: Verdicts) -> None:
    tree = orm(('model.seq < start if order == "desc" else model.seq > start', "model.seq > start"))
    assert all("same direction" in failure.message for failure in failed(verdicts(tree, "CK408")))
    assert failed(verdicts(tree, "CK408"))


def test_a_direction_chosen_by_a_dictionary_is_followed(verdicts: Verdicts) -> None:
    tree = orm(
        (
            'model.seq.desc() if order == "desc" else model.seq.asc()',
            '{"asc": model.seq.asc(), "desc": model.seq.desc()}[order]',
        )
    )
    assert outcomes(verdicts(tree, "CK408")) == {Outcome.PASS}
