from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import reading

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


CONVERT = "\nhistory = await ThreadItemConverter().to_agent_input(items)"


@pytest.mark.parametrize(
    "history",
    [
        'page = await self.store.load_thread_items(thread.id, None, 50, "asc", context)\nitems = page.data',
        (
            'page = await self.store.load_thread_items(thread.id, after=None, limit=20, order="asc", context=context)\n'
            "items = [item for item in page.data if item.type != 'widget']"
        ),
        (
            'order = "asc"\n'
            "page = await self.store.load_thread_items(thread.id, None, 50, order, context)\nitems = page.data"
        ),
        (
            'page = await self.store.load_thread_items(thread.id, None, 99, "desc", context)\n'
            "items = list(reversed(page.data))[:20]"
        ),
        'page = await self.store.load_thread_items(thread.id, None, 99, "desc", context)\nitems = page.data[::-1][:20]',
        (
            'page = await self.store.load_thread_items(thread.id, None, 99, "desc", context)\n'
            "items = list(reversed(page.data[-20:]))"
        ),
    ],
)
def test_the_oldest_items_fail(verdicts: Verdicts, history: str) -> None:
    assert outcomes(verdicts(reading(history + CONVERT), "CK502")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "history",
    [
        'page = await self.store.load_thread_items(thread.id, None, 50, "desc", context)\nitems = page.data[::-1]',
        (
            'page = await self.store.load_thread_items(thread.id, None, 50, "desc", context)\n'
            "items = list(reversed(page.data))[-20:]"
        ),
        (
            'page = await self.store.load_thread_items(thread.id, None, 50, "desc", context)\n'
            "items = list(reversed(page.data[:20]))"
        ),
        (
            "items, after = [], None\nwhile True:\n"
            '    page = await self.store.load_thread_items(thread.id, after, 50, "asc", context)\n'
            "    items.extend(page.data)\n    after = page.after\n    if not page.has_more:\n        break"
        ),
        'page = await self.store.load_thread_items(thread.id, None, 10_000, "asc", context)\nitems = page.data',
    ],
)
def test_the_newest_items_and_the_whole_thread_pass(verdicts: Verdicts, history: str) -> None:
    assert outcomes(verdicts(reading(history + CONVERT), "CK502")) == {Outcome.PASS}


def test_an_order_nobody_knows_is_unknown(verdicts: Verdicts) -> None:
    history = (
        "page = await self.store.load_thread_items(thread.id, None, 50, context.order, context)\nitems = page.data"
    )
    assert outcomes(verdicts(reading(history + CONVERT), "CK502")) == {Outcome.UNKNOWN}


def test_without_history_the_rule_does_not_apply(verdicts: Verdicts) -> None:
    tree = reading("history = await ThreadItemConverter().to_agent_input(input_user_message)")
    assert outcomes(verdicts(tree, "CK502")) == {Outcome.NOT_APPLICABLE}
