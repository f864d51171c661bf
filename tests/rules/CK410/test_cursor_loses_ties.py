from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import outcomes
from tests.rules.stores import memory, orm

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


def by(column: str) -> tuple[tuple[str, str], ...]:
    """The edits that sort items by `column`, and compare it with the cursor's."""
    return (
        ("select(model.seq)", f"select(model.{column})"),
        (
            'model.seq < start if order == "desc" else model.seq > start',
            f'model.{column} < start if order == "desc" else model.{column} > start',
        ),
        (
            'model.seq.desc() if order == "desc" else model.seq.asc()',
            f'model.{column}.desc() if order == "desc" else model.{column}.asc()',
        ),
    )


def judged(verdicts: list[Verdict], method: str) -> set[Outcome]:
    return outcomes(verdict for verdict in verdicts if verdict.subject.name.endswith(f".{method}"))


def test_a_time_alone_loses_rows_of_one_time(verdicts: Verdicts) -> None:
    answers = verdicts(orm(*by("created_at")), "CK410")
    assert judged(answers, "load_thread_items") == {Outcome.FAIL}


def test_an_id_under_an_order_by_time_loses_others(verdicts: Verdicts) -> None:
    _, compare, _ = by("id")
    _, _, order = by("created_at")
    tree = orm(("select(model.seq)", "select(model.id)"), compare, order)
    assert judged(verdicts(tree, "CK410"), "load_thread_items") == {Outcome.FAIL}


def test_a_time_and_a_unique_number_lose_none(verdicts: Verdicts) -> None:
    tree = orm(
        ("select(model.seq)", "select(model)"),
        (
            'model.seq < start if order == "desc" else model.seq > start',
            (
                "tuple_(model.created_at, model.seq) < (start.created_at, start.seq)\n"
                '                if order == "desc"\n'
                "                else tuple_(model.created_at, model.seq) > (start.created_at, start.seq)"
            ),
        ),
        (
            'query.order_by(model.seq.desc() if order == "desc" else model.seq.asc())',
            (
                'query.order_by(*((model.created_at.desc(), model.seq.desc()) if order == "desc" '
                "else (model.created_at, model.seq)))"
            ),
        ),
        ("from sqlalchemy import delete, select", "from sqlalchemy import delete, select, tuple_"),
    )
    assert judged(verdicts(tree, "CK410"), "load_thread_items") == {Outcome.PASS}


def test_a_place_in_the_sorted_rows_loses_none(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(memory(), "CK410")) == {Outcome.PASS}


def test_without_a_cursor_there_is_nothing_to_lose(verdicts: Verdicts) -> None:
    tree = memory(("            rows = rows[places[after] + 1 :]\n", ""))
    assert outcomes(verdicts(tree, "CK410")) == {Outcome.NOT_APPLICABLE}
