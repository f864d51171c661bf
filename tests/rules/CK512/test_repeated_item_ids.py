from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes
from tests.rules.turns import running, sending

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


AGENT = 'Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])'
ABOVE = (
    "from agents import ModelProvider, OpenAIChatCompletionsModel, OpenAIProvider, OpenAIResponsesModel\n"
    "from agents.extensions.models.litellm_model import LitellmModel\n"
)
LOOP = "async for event in stream_agent_response(agent_context, result):\n"


def modelled(tree: dict[str, str], model: str = "", config: str = "", below: str = "") -> dict[str, str]:
    assert tree["app/server.py"].count(AGENT) == 1
    given = AGENT[:-1] + (f", model={model})" if model else ")")
    tree["app/server.py"] = ABOVE + tree["app/server.py"].replace(AGENT, given) + below
    if config:
        tree["app/server.py"] = tree["app/server.py"].replace("RunConfig(", f"RunConfig({config}, ")
    return tree


CHAT = 'OpenAIChatCompletionsModel(model="m", openai_client=None)'
PROVIDER = f"\n\nclass Own(ModelProvider):\n    def get_model(self, name):\n        return {CHAT}\n"


@pytest.mark.parametrize(
    ("model", "config"),
    [
        (CHAT, ""),
        ('LitellmModel(model="gemini/flash")', ""),
        ('"litellm/anthropic/claude"', ""),
        ("pick()", ""),
        ("", f"model={CHAT}"),
        ("", "model_provider=OpenAIProvider(use_responses=False)"),
        ("", "model_provider=Own()"),
    ],
)
def test_models_without_ids_of_their_own_fail(verdicts: Verdicts, model: str, config: str) -> None:
    below = f"{PROVIDER}\n\ndef pick():\n    return {CHAT}\n"
    assert outcomes(verdicts(modelled(app(), model, config, below), "CK512")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    ("model", "config"),
    [
        ("", ""),
        ('"gpt-5"', ""),
        ("settings.model", ""),
        ('OpenAIResponsesModel(model="m", openai_client=None)', ""),
        # The run's model is used instead of the agent's.
        (CHAT, 'model="gpt-5"'),
    ],
)
def test_the_responses_api_passes(verdicts: Verdicts, model: str, config: str) -> None:
    assert outcomes(verdicts(modelled(app(), model, config), "CK512")) == {Outcome.PASS}


def test_chat_completions_by_default_fails(verdicts: Verdicts) -> None:
    tree = modelled(app(), '"m"')
    tree["app/main.py"] += (
        '\n\nfrom agents import set_default_openai_api\n\nset_default_openai_api("chat_completions")\n'
    )
    assert outcomes(verdicts(tree, "CK512")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "loop",
    [
        LOOP + '    if event.type == "thread.item.done":\n        event.item.id = fresh()\n    yield event',
        LOOP + "    yield renamed(event)",
    ],
)
def test_ids_of_ones_own_pass(verdicts: Verdicts, loop: str) -> None:
    below = (
        "\n\ndef renamed(event):\n"
        '    return event.model_copy(update={"item": event.item.model_copy(update={"id": fresh()})})\n'
    )
    assert outcomes(verdicts(modelled(sending(loop), CHAT, "", below), "CK512")) == {Outcome.PASS}


def made(name: str) -> dict[str, str]:
    tree = running(
        f"item = AssistantMessageItem(id={name}, thread_id=thread.id, created_at=None, content=[])\n"
        "yield ThreadItemDoneEvent(item=item)"
    )
    tree["app/server.py"] = (
        "import uuid\nfrom chatkit.types import AssistantMessageItem, ThreadItemDoneEvent\n" + tree["app/server.py"]
    )
    return tree


@pytest.mark.parametrize("name", ['"msg_1"', 'f"msg_{thread.id}"', '"msg_" + thread.id'])
def test_the_same_id_in_every_turn_fails(verdicts: Verdicts, name: str) -> None:
    assert outcomes(verdicts(made(name), "CK512")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "name",
    [
        'f"msg_{uuid.uuid4()}"',
        'self.store.generate_item_id("message", thread, context)',
        'f"a_{input_user_message.id}"',
    ],
)
def test_an_id_for_each_message_passes(verdicts: Verdicts, name: str) -> None:
    assert outcomes(verdicts(made(name), "CK512")) == {Outcome.PASS}
