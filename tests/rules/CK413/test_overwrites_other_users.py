from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes
from tests.rules.stores import memory, orm

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


def methods(verdicts: list[Verdict]) -> set[str]:
    return {verdict.subject.name.partition(".")[2] for verdict in failed(verdicts)}


def test_a_key_without_the_owner_overwrites(verdicts: Verdicts) -> None:
    tree = app(
        None, ("app/store.py", '" ON CONFLICT (user_id, kind, id) DO UPDATE', '" ON CONFLICT (kind, id) DO UPDATE')
    )
    assert {"save_thread", "add_thread_item"} <= methods(verdicts(tree, "CK413"))


def test_an_upsert_that_asks_for_the_owner_does_not(verdicts: Verdicts) -> None:
    tree = app(
        None,
        (
            "app/store.py",
            '" ON CONFLICT (user_id, kind, id) DO UPDATE SET body = excluded.body"',
            '" ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body WHERE records.user_id = excluded.user_id"',
        ),
    )
    assert "save_thread" not in methods(verdicts(tree, "CK413"))


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_replacing_by_a_primary_key_without_the_owner_overwrites(verdicts: Verdicts, verb: str) -> None:
    tree = app(
        None,
        ("app/store.py", '"INSERT INTO chat.records (user_id', f'"{verb} INTO chat.records (user_id'),
        (
            "app/store.py",
            '            " ON CONFLICT (user_id, kind, id) DO UPDATE SET body = excluded.body",\n',
            "            '',\n",
        ),
        ("app/store.py", "PRIMARY KEY (user_id, kind, id)", "PRIMARY KEY (kind, id)"),
    )
    assert "save_thread" in methods(verdicts(tree, "CK413"))


def test_a_row_selected_by_its_id_and_changed_overwrites(verdicts: Verdicts) -> None:
    tree = orm(
        (
            "row = await session.get(Thread, (context.user_id, thread.id))\n",
            "row = await session.scalar(select(Thread).where(Thread.id == thread.id))\n",
        )
    )
    assert methods(verdicts(tree, "CK413")) == {"save_thread"}


def test_a_row_of_another_owner_may_be_refused(verdicts: Verdicts) -> None:
    tree = orm(
        (
            "row = await session.get(Thread, (context.user_id, thread.id))\n",
            (
                "row = await session.scalar(select(Thread).where(Thread.id == thread.id))\n"
                "            if row is not None and row.user_id != context.user_id:\n"
                "                raise NotFoundError(thread.id)\n"
            ),
        )
    )
    assert not methods(verdicts(tree, "CK413"))


def test_a_store_without_owners_is_not_judged(verdicts: Verdicts) -> None:
    tree = memory(("return context.user_id", 'return "everybody"'))
    assert outcomes(verdicts(tree, "CK413")) == {Outcome.NOT_APPLICABLE}
