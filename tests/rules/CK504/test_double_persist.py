from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import doing, sending

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


UPSERT = """            " ON CONFLICT (user_id, kind, id) DO UPDATE SET body = excluded.body",
"""
LOOP = "async for event in stream_agent_response(agent_context, result):\n"
COPY = (
    'answer = AssistantMessageItem(id="a" + thread.id, thread_id=thread.id, created_at=None, '
    "content=[AssistantMessageContent(text=result.final_output)])\n"
)
IMPORTS = "from chatkit.types import AssistantMessageContent, AssistantMessageItem, HiddenContextItem\n"


def stored(tree: dict[str, str], *, twice: bool = True) -> dict[str, str]:
    """The app with what the lines need, and by default a store that only inserts."""
    tree["app/server.py"] = IMPORTS + tree["app/server.py"]
    if twice:
        assert tree["app/store.py"].count(UPSERT) == 1
        tree["app/store.py"] = tree["app/store.py"].replace(UPSERT, '            "",\n')
    return tree


MESSAGE = "await self.store.add_thread_item(thread.id, input_user_message, context)"
STREAMED = LOOP + (
    '    if event.type == "thread.item.done":\n'
    "        await self.store.add_thread_item(thread.id, event.item, context)\n    yield event"
)


@pytest.mark.parametrize(
    "line", [MESSAGE, "await self.store.save_item(thread.id, item=input_user_message, context=context)"]
)
def test_the_users_message_again_fails_where_the_store_keeps_both(verdicts: Verdicts, line: str) -> None:
    assert outcomes(verdicts(stored(doing(line)), "CK504")) == {Outcome.FAIL}


def test_a_streamed_item_again_fails_where_the_store_keeps_both(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(stored(sending(STREAMED)), "CK504")) == {Outcome.FAIL}


def test_the_answer_under_another_id_fails_with_every_store(verdicts: Verdicts) -> None:
    lines = LOOP + "    yield event\n" + COPY + "await self.store.add_thread_item(thread.id, answer, context)"
    assert outcomes(verdicts(stored(sending(lines), twice=False), "CK504")) == {Outcome.FAIL}


def test_a_row_of_the_stores_own_table_fails(verdicts: Verdicts) -> None:
    lines = (
        "text = input_user_message.content[0].text\n"
        'await self.store.pool.execute("INSERT INTO chat.records (body) VALUES ($1)", text)'
    )
    assert outcomes(verdicts(stored(doing(lines), twice=False), "CK504")) == {Outcome.FAIL}


@pytest.mark.parametrize("tree", [doing(MESSAGE), sending(STREAMED)])
def test_a_store_that_replaces_by_id_passes(verdicts: Verdicts, tree: dict[str, str]) -> None:
    assert outcomes(verdicts(stored(tree, twice=False), "CK504")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "line",
    [
        'await self.store.add_thread_item(thread.id, HiddenContextItem(id="h", content="seen"), context)',
        'await self.audit.execute("INSERT INTO audit (body) VALUES ($1)", input_user_message.content[0].text)',
    ],
)
def test_what_is_not_streamed_and_other_tables_pass(verdicts: Verdicts, line: str) -> None:
    assert outcomes(verdicts(stored(doing(line)), "CK504")) == {Outcome.PASS}


def test_a_list_that_only_grows_keeps_both(verdicts: Verdicts) -> None:
    tree = stored(doing(MESSAGE), twice=False)
    start = tree["app/store.py"].index('        await self._save("item", thread_id, item.id, ITEM')
    line = tree["app/store.py"][start:].partition("\n")[0]
    tree["app/store.py"] = tree["app/store.py"].replace(line, "        self.items.append(item)", 1)
    assert outcomes(verdicts(tree, "CK504")) == {Outcome.FAIL}
