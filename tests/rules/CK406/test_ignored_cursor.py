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


FROM = (
    "        if after is not None:\n"
    "            places = {row.id: place for place, row in enumerate(rows)}\n"
    "            if after not in places:\n                raise NotFoundError(after)\n"
    "            rows = rows[places[after] + 1 :]\n"
)


@pytest.mark.parametrize(
    "lines",
    [
        "pass",
        "start = next((n + 1 for n, row in enumerate(rows) if row.id == after), 0)\nrows = rows[start:]",
        (
            "start = 0\nfor n, row in enumerate(rows):\n    if row.id == after:\n"
            "        start = n + 1\n        break\nrows = rows[start:]"
        ),
        "places = {row.id: n for n, row in enumerate(rows)}\nrows = rows[places.get(after, -1) + 1 :]",
        "rows = [row for row in rows if after is None or row.id > after]",
        "try:\n    rows = rows[int(after or 0) :]\nexcept ValueError:\n    pass",
    ],
)
def test_a_cursor_that_is_unused_or_unknown_and_begins_again_fails(verdicts: Verdicts, lines: str) -> None:
    body = "".join(f"        {line}\n" for line in lines.splitlines())
    assert len(failed(verdicts(memory((FROM, body)), "CK406"))) == 2


@pytest.mark.parametrize(
    "lines",
    [
        (
            "if after:\n    ids = [row.id for row in rows]\n"
            "    rows = rows[ids.index(after) + 1 :] if after in ids else []"
        ),
        "if after:\n    while rows and rows.pop(0).id != after:\n        pass",
        (
            "found = after is None\nkept = []\nfor row in rows:\n    if found:\n"
            "        kept.append(row)\n    found = found or row.id == after\nrows = kept"
        ),
    ],
)
def test_what_goes_on_behind_the_row_or_nowhere_passes(verdicts: Verdicts, lines: str) -> None:
    body = "".join(f"        {line}\n" for line in lines.splitlines())
    assert outcomes(verdicts(memory((FROM, body)), "CK406")) == {Outcome.PASS}


def test_a_row_that_is_looked_up_and_not_found_must_end_the_list(verdicts: Verdicts) -> None:
    tree = orm(
        (
            (
                "            if start is None:\n                raise NotFoundError(after)\n"
                "            query = query.where("
            ),
            "            if start is not None:\n                query = query.where(",
        ),
    )
    failures = failed(verdicts(tree, "CK406"))
    assert {"names nothing" in failure.message for failure in failures} == {True}


def test_a_cursor_of_another_user_is_looked_up_within_the_user(verdicts: Verdicts) -> None:
    tree = orm(
        ("select(model.seq).where(model.user_id == context.user_id, model.id", "select(model.seq).where(model.id")
    )
    assert any("another user" in failure.message for failure in failed(verdicts(tree, "CK406")))
