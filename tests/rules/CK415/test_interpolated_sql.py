from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes
from tests.rules.stores import memory

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


GOOD = (
    '            "DELETE FROM chat.records WHERE user_id = $1 AND thread_id = $2", '
    "context.user_id, possible(thread_id)\n"
)


def deleting(lines: str) -> dict[str, str]:
    return app(None, ("app/store.py", GOOD, f"            {lines}\n"))


@pytest.mark.parametrize(
    "lines",
    [
        "f\"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = '{thread_id}'\", context.user_id",
        "\"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = '%s'\" % thread_id, context.user_id",
        "\"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = '{}'\".format(thread_id), context.user_id",
        '"DELETE FROM chat.records WHERE user_id = $1 AND thread_id = \'" + thread_id + "\'", context.user_id',
        "f\"DELETE FROM chat.records WHERE user_id = '{context.user_id}' AND thread_id = $1\", thread_id",
        "self.text(thread_id), context.user_id",
    ],
)
def test_a_value_in_the_text_fails(verdicts: Verdicts, lines: str) -> None:
    tree = deleting(lines)
    tree["app/store.py"] += (
        "\n    def text(self, wanted):\n"
        "        clauses = ['user_id = $1', f\"thread_id = '{wanted}'\"]\n"
        "        return 'DELETE FROM chat.records WHERE ' + ' AND '.join(clauses)\n"
    )
    (failure,) = failed(verdicts(tree, "CK415"))
    assert failure.subject.name == "PostgresStore.delete_thread"


@pytest.mark.parametrize(
    "lines",
    [
        'f"DELETE FROM {self.table} WHERE user_id = $1 AND thread_id = $2", context.user_id, thread_id',
        '"DELETE FROM %s WHERE user_id = $1 AND thread_id = $2" % TABLE, context.user_id, thread_id',
    ],
)
def test_a_name_from_a_constant_or_a_setting_passes(verdicts: Verdicts, lines: str) -> None:
    tree = deleting(lines)
    tree["app/store.py"] = tree["app/store.py"].replace(
        "        self.pool = pool\n", "        self.pool = pool\n        self.table = settings.table\n"
    )
    tree["app/store.py"] = "from app.settings import settings\nTABLE = 'chat.records'\n" + tree["app/store.py"]
    assert not failed(verdicts(tree, "CK415"))


def test_a_limit_in_the_text_is_a_value_too(verdicts: Verdicts) -> None:
    tree = app(
        None,
        ("app/store.py", 'LIMIT $5",', 'LIMIT {limit + 1}",'),
        ("app/store.py", "            start,\n            limit + 1,\n", "            start,\n"),
        ("app/store.py", "        limit = max(1, min(limit, 100))\n", ""),
    )
    assert {failure.subject.name for failure in failed(verdicts(tree, "CK415"))} == {
        "PostgresStore.load_threads",
        "PostgresStore.load_thread_items",
    }


def test_a_store_without_sql_is_not_judged(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(memory(), "CK415")) == {Outcome.NOT_APPLICABLE}
