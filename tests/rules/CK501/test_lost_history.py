from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import reading, running

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


@pytest.mark.parametrize(
    ("history", "below"),
    [
        ("history = await ThreadItemConverter().to_agent_input(input_user_message)", ""),
        ('history = "".join(part.text for part in input_user_message.content)', ""),
        (
            'history = [{"role": "user", "content": text_of(input_user_message)}]',
            "\n\ndef text_of(item):\n    return item.content[0].text\n",
        ),
        (
            (
                "history = []\nfor part in input_user_message.content:\n"
                '    history.append({"role": "user", "content": part.text})'
            ),
            "",
        ),
        # The items are loaded, and what is made of them is thrown away.
        (
            (
                'page = await self.store.load_thread_items(thread.id, None, 30, "desc", context)\n'
                "old = list(reversed(page.data))\n"
                "history = await ThreadItemConverter().to_agent_input(input_user_message)"
            ),
            "",
        ),
        # The last item only.
        (
            (
                'page = await self.store.load_thread_items(thread.id, None, 1, "desc", context)\n'
                "history = await ThreadItemConverter().to_agent_input(page.data)"
            ),
            "",
        ),
        (
            "history = await self.prepare(input_user_message)",
            "\n    async def prepare(self, item):\n        return await ThreadItemConverter().to_agent_input(item)\n",
        ),
    ],
)
def test_a_model_that_reads_the_new_message_only_fails(verdicts: Verdicts, history: str, below: str) -> None:
    (verdict,) = verdicts(reading(history, below), "CK501")
    assert (verdict.verdict, verdict.where.path) == (Outcome.FAIL, "app/server.py")


@pytest.mark.parametrize(
    ("history", "below"),
    [
        (
            (
                "history = []\n"
                'page = await self.store.load_thread_items(thread.id, None, 30, "desc", context)\n'
                "for item in reversed(page.data):\n"
                '    history.append({"role": "user", "content": item.content[0].text})'
            ),
            "",
        ),
        (
            "history = await recent(self.store, thread, context)",
            (
                "\n\nasync def recent(store, thread, context):\n"
                '    page = await store.load_thread_items(thread.id, None, limit=20, order="desc", context=context)\n'
                "    return await ThreadItemConverter().to_agent_input([item for item in reversed(page.data)])\n"
            ),
        ),
        # Kept by the application beside the store.
        ("history = [*self.histories.get(thread.id, []), input_user_message]", "\n    histories = {}\n"),
    ],
)
def test_earlier_turns_in_the_input_pass(verdicts: Verdicts, history: str, below: str) -> None:
    assert outcomes(verdicts(reading(history, below), "CK501")) == {Outcome.PASS}


def test_the_history_in_the_instructions_passes(verdicts: Verdicts) -> None:
    tree = reading(
        'page = await self.store.load_thread_items(thread.id, None, 30, "desc", context)\n'
        'said = "\\n".join(item.content[0].text for item in reversed(page.data))\n'
        "history = input_user_message.content[0].text"
    )
    tree["app/server.py"] = tree["app/server.py"].replace(
        "instructions=INSTRUCTIONS", 'instructions=f"{INSTRUCTIONS} {said}"'
    )
    assert outcomes(verdicts(tree, "CK501")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "more",
    [
        'previous_response_id=thread.metadata.get("previous_response_id")',
        'conversation_id=thread.metadata["conversation"]',
        "session=SQLiteSession(thread.id)",
        '**{"session": SQLiteSession(thread.id)}',
    ],
)
def test_a_conversation_that_is_kept_elsewhere_passes(verdicts: Verdicts, more: str) -> None:
    tree = running(
        f"result = Runner.run_streamed(agent, input_user_message.content[0].text, {more})\n"
        "async for event in stream_agent_response(agent_context, result):\n    yield event"
    )
    tree["app/server.py"] = "from agents import SQLiteSession\n" + tree["app/server.py"]
    assert outcomes(verdicts(tree, "CK501")) == {Outcome.PASS}


def test_no_conversation_named_is_none(verdicts: Verdicts) -> None:
    tree = running(
        "result = Runner.run_streamed(agent, input_user_message.content[0].text, previous_response_id=None)\n"
        "async for event in stream_agent_response(agent_context, result):\n    yield event"
    )
    assert outcomes(verdicts(tree, "CK501")) == {Outcome.FAIL}


def test_a_run_for_the_title_is_none_of_the_answer(verdicts: Verdicts) -> None:
    tree = running(
        "title = await Runner.run(agent, input_user_message.content[0].text)\n"
        "thread.title = title.final_output\n"
        "result = Runner.run_streamed(agent, history)\n"
        "async for event in stream_agent_response(agent_context, result):\n    yield event"
    )
    assert outcomes(verdicts(tree, "CK501")) == {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_without_a_model_the_rule_does_not_apply(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(running("yield ready(thread)"), "CK501")) == {Outcome.NOT_APPLICABLE}


def test_the_last_item_by_a_function_with_a_larger_name_fails(verdicts: Verdicts) -> None:
    below = (
        "\n\nasync def recent_history(store, thread, context):\n"
        '    page = await store.load_thread_items(thread.id, None, 1, "desc", context)\n'
        "    return await ThreadItemConverter().to_agent_input(page.data)\n"
    )
    tree = reading("history = await recent_history(self.store, thread, context)", below)
    assert outcomes(verdicts(tree, "CK501")) == {Outcome.FAIL}
