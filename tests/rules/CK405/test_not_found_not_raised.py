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


FOUND = (
    "        if found is None:\n            raise NotFoundError(thread_id)\n"
    "        return found.model_copy(deep=True)\n"
)


def judged(verdicts: list[Verdict], method: str) -> set[Outcome]:
    return outcomes(verdict for verdict in verdicts if verdict.subject.name.endswith(f".{method}"))


@pytest.mark.parametrize(
    "body",
    [
        "return found",
        "if found is None:\n            raise KeyError(thread_id)\n        return found",
        "if found is None:\n            raise ValueError('no such thread') from None\n        return found",
        "return self._threads[self._user(context), thread_id]",
        (
            "if not found:\n"
            "            return ThreadMetadata(id=thread_id, created_at=datetime.now())\n"
            "        return found"
        ),
        "if not found:\n            return await self.made(thread_id, context)\n        return found",
    ],
)
def test_anything_but_not_found_error_fails(verdicts: Verdicts, body: str) -> None:
    tree = memory((FOUND, f"        {body}\n"))
    tree["app/store.py"] += (
        "\n    async def made(self, thread_id, context):\n"
        "        thread = ThreadMetadata(id=thread_id, created_at=datetime.now())\n"
        "        await self.save_thread(thread, context)\n        return thread\n"
    )
    assert judged(verdicts(tree, "CK405"), "load_thread") == {Outcome.FAIL}


def test_another_class_of_that_name_is_not_the_library_s(verdicts: Verdicts) -> None:
    tree = memory(("from chatkit.store import NotFoundError, Store", "from chatkit.store import Store"))
    tree["app/store.py"] += "\n\nclass NotFoundError(Exception):\n    pass\n"
    assert judged(verdicts(tree, "CK405"), "load_thread") == {Outcome.FAIL}


def test_a_subclass_of_the_library_s_is_one(verdicts: Verdicts) -> None:
    tree = memory((FOUND, FOUND.replace("NotFoundError", "NoThread")))
    tree["app/store.py"] = tree["app/store.py"].replace(
        "\nclass PostgresStore", "\nclass NoThread(NotFoundError):\n    pass\n\n\nclass PostgresStore"
    )
    assert judged(verdicts(tree, "CK405"), "load_thread") == {Outcome.PASS}


@pytest.mark.parametrize("parse", ["int(thread_id)", "uuid.UUID(thread_id)", "int(thread_id.split('_')[1], 16)"])
def test_an_id_that_cannot_be_parsed_is_not_found_either(verdicts: Verdicts, parse: str) -> None:
    first = "        found = self._threads.get((self._user(context), thread_id))\n"
    tree = memory((first, f"        {parse}\n{first}"))
    tree["app/store.py"] = "import uuid\n" + tree["app/store.py"]
    assert judged(verdicts(tree, "CK405"), "load_thread") == {Outcome.FAIL}
    caught = (
        f"        try:\n            {parse}\n        except (ValueError, IndexError):\n"
        f"            raise NotFoundError(thread_id) from None\n"
    )
    guarded = memory((first, caught + first))
    guarded["app/store.py"] = "import uuid\n" + guarded["app/store.py"]
    assert judged(verdicts(guarded, "CK405"), "load_thread") == {Outcome.PASS}


def test_postgresql_refuses_a_nul_and_says_so_itself(verdicts: Verdicts) -> None:
    (failure,) = [
        failure
        for failure in failed(verdicts(orm(("model.id == possible(after)", "model.id == after")), "CK405"))
        if failure.subject.name.endswith("load_threads")
    ]
    assert "U+0000" in failure.message or "cursor" in failure.message


@pytest.mark.parametrize("call", ["scalar_one()", "one()[0]"])
def test_a_result_that_must_be_there_raises_the_library_s_error(verdicts: Verdicts, call: str) -> None:
    old = "row = found.scalar_one_or_none()\n"
    tree = orm((old, f"row = found.{call}\n"))
    tree["app/store.py"] = (
        tree["app/store.py"]
        .replace(
            "            row = await session.scalar(\n                select(Item).where(\n",
            "            found = await session.execute(\n                select(Item).where(\n",
        )
        .replace("        if row is None:\n            raise NotFoundError(item_id)\n", f"        row = found.{call}\n")
    )
    assert judged(verdicts(tree, "CK405"), "load_item") == {Outcome.FAIL}


def test_an_item_of_another_thread_is_not_found(verdicts: Verdicts) -> None:
    tree = orm(
        (
            (
                "select(Item).where(\n"
                "                    Item.user_id == context.user_id, Item.thread_id == possible(thread_id), "
            ),
            "select(Item).where(\n                    Item.user_id == context.user_id, ",
        )
    )
    assert judged(verdicts(tree, "CK405"), "load_item") == {Outcome.FAIL}
