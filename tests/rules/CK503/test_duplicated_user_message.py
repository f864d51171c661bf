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


LOAD = (
    'page = await self.store.load_thread_items(thread.id, None, 50, "desc", context)\n'
    "items = list(reversed(page.data))\n"
)
TEXT = 'text = "".join(part.text for part in input_user_message.content)\n'


@pytest.mark.parametrize(
    "history",
    [
        "items.append(input_user_message)\nhistory = await ThreadItemConverter().to_agent_input(items)",
        "history = await ThreadItemConverter().to_agent_input([*items, input_user_message])",
        TEXT + 'history = await ThreadItemConverter().to_agent_input(items) + [{"role": "user", "content": text}]',
        TEXT
        + "history = []\nfor item in items:\n"
        + '    history.append({"role": "user", "content": item.content[0].text})\n'
        + 'history.append({"role": "user", "content": text})',
    ],
)
def test_the_message_beside_its_stored_self_fails(verdicts: Verdicts, history: str) -> None:
    assert outcomes(verdicts(reading(LOAD + history), "CK503")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "history",
    [
        "history = await ThreadItemConverter().to_agent_input(items)",
        (
            "items = [item for item in items if item.id != input_user_message.id]\n"
            "history = await ThreadItemConverter().to_agent_input([*items, input_user_message])"
        ),
        (
            "if not any(item.id == input_user_message.id for item in items):\n    items.append(input_user_message)\n"
            "history = await ThreadItemConverter().to_agent_input(items)"
        ),
        "history = await ThreadItemConverter().to_agent_input([*items[:-1], input_user_message])",
        (
            'history = [{"role": "user", "content": f"quoted: {input_user_message.quoted_text}"}]\n'
            "history += await ThreadItemConverter().to_agent_input(items)"
        ),
    ],
)
def test_the_message_once_passes(verdicts: Verdicts, history: str) -> None:
    assert outcomes(verdicts(reading(LOAD + history), "CK503")) == {Outcome.PASS}


def test_the_history_in_the_instructions_and_the_message_as_input_fail(verdicts: Verdicts) -> None:
    tree = reading(LOAD + TEXT + 'said = "\\n".join(item.content[0].text for item in items)\nhistory = text')
    tree["app/server.py"] = tree["app/server.py"].replace(
        "instructions=INSTRUCTIONS", 'instructions=f"{INSTRUCTIONS} {said}"'
    )
    assert outcomes(verdicts(tree, "CK503")) == {Outcome.FAIL}


def test_without_stored_history_the_rule_does_not_apply(verdicts: Verdicts) -> None:
    tree = reading("history = await ThreadItemConverter().to_agent_input(input_user_message)")
    assert outcomes(verdicts(tree, "CK503")) == {Outcome.NOT_APPLICABLE}


MEMORY = """

class Memory:
    def __init__(self):
        self.messages = {}

    def add(self, thread_id, text):
        self.messages.setdefault(thread_id, []).append(text)

    def read(self, thread_id):
        return self.messages.get(thread_id, [])


MEMORY = Memory()
"""
ASKED = 'history = [{"role": "user", "content": str(MEMORY.read(thread.id))}, {"role": "user", "content": text}]\n'
TOLD = "MEMORY.add(thread.id, text)\n"


def test_a_memory_that_was_just_told_counts_like_the_store(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(reading(TEXT + TOLD + ASKED, MEMORY), "CK503")) == {Outcome.FAIL}


def test_a_memory_that_is_told_afterwards_passes(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(reading(TEXT + ASKED + TOLD, MEMORY), "CK503")) == {Outcome.PASS}
