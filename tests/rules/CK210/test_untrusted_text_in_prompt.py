from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

CONTEXT = """import json


def context_of(request, caller, body):
    sent = json.loads(body)
    return {
        "caller": caller,
        "metadata": sent.get("metadata", {}),
        "language": request.headers.get("accept-language"),
        "page": request.query_params.get("page"),
    }
"""


def instructing(expression: str) -> dict[str, str]:
    tree = app(
        {"app/context.py": CONTEXT},
        ("app/server.py", "instructions=INSTRUCTIONS,", f"instructions={expression},"),
        ("app/main.py", "server.process(body, caller)", "server.process(body, context_of(request, caller, body))"),
        ("app/main.py", "from app.auth", "from app.context import context_of\nfrom app.auth"),
    )
    tree["app/server.py"] = "PLANS = {'a': 'free', 'b': 'paid'}\n" + tree["app/server.py"]
    return tree


@pytest.mark.parametrize(
    "expression",
    [
        "f\"{INSTRUCTIONS} {context['metadata']['user_name']}\"",
        "INSTRUCTIONS + context.get('metadata').get('project')",
        "'Speak {language}'.format(language=context['language'])",
        "f\"They look at {context['page']}\"",
        "f'{INSTRUCTIONS} {input_user_message.content[0].text}'",
    ],
)
def test_what_a_client_sent_fails_in_the_instructions(verdicts: Verdicts, expression: str) -> None:
    (failure,) = failed(verdicts(instructing(expression), "CK210"))
    assert failure.evidence


@pytest.mark.parametrize(
    "expression",
    [
        "INSTRUCTIONS",
        "f\"{INSTRUCTIONS} {context['caller'].user_id}\"",
        "f\"{INSTRUCTIONS} {PLANS['a']}\"",
        "f\"{INSTRUCTIONS} {'long' if len(context['page']) > 3 else 'short'}\"",
    ],
)
def test_constants_and_verified_facts_pass(verdicts: Verdicts, expression: str) -> None:
    assert outcomes(verdicts(instructing(expression), "CK210")) == {Outcome.PASS}


def test_a_system_message_is_an_instruction_and_a_user_message_is_not(verdicts: Verdicts) -> None:
    text = '[{"role": "ROLE", "content": input_user_message.content[0].text}, *history],\n'
    for role, expected in (("developer", Outcome.FAIL), ("user", Outcome.PASS)):
        edit = ("app/server.py", "                history,\n", f"                {text.replace('ROLE', role)}")
        assert outcomes(verdicts(app(None, edit), "CK210")) == {expected}


RUN = "                history,\n"


def saying(lines: str, text: str) -> dict[str, str]:
    """The minimal app with a system message before the history."""
    return app(
        None,
        ("app/server.py", RUN, f'                [{{"role": "system", "content": {text}}}, *history],\n'),
        ("app/server.py", "        tasks = MCP", f"{lines}        tasks = MCP"),
    )


def test_text_gathered_in_a_list_is_read(verdicts: Verdicts) -> None:
    lines = '        lines = []\n        lines.append(f"They wrote {input_user_message.content}")\n'
    assert outcomes(verdicts(saying(lines, '"\\n".join(lines)'), "CK210")) == {Outcome.FAIL}
    plain = '        lines = []\n        lines.append("Be kind")\n'
    assert outcomes(verdicts(saying(plain, '"\\n".join(lines)'), "CK210")) == {Outcome.PASS}


KEPT = """
    def chosen(self, thread_id):
        return self.choices[thread_id]

    async def action(self, thread, action, sender, context):
        held = self.chosen(thread.id)
        held["order"] = action.payload.get("order")
        held["plan"] = "free"
        yield None
"""


@pytest.mark.parametrize(("key", "outcome"), [("order", Outcome.FAIL), ("plan", Outcome.PASS)])
def test_what_a_widget_action_left_with_the_server_is_the_clients(
    verdicts: Verdicts, key: str, outcome: Outcome
) -> None:
    tree = saying("", f"self.chosen(thread.id).get('{key}')")
    start = tree["app/server.py"].index("    async def respond")
    made = "    choices = {}\n"
    tree["app/server.py"] = (
        tree["app/server.py"][:start] + made + KEPT.lstrip("\n") + "\n" + tree["app/server.py"][start:]
    )
    assert outcomes(verdicts(tree, "CK210")) == {outcome}


MEMORY = """
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langchain_qdrant import QdrantVectorStore

model = ChatOpenAI()
memory = QdrantVectorStore.from_existing_collection("chat")


def recall(query):
    return memory.similarity_search(query=query)


async def answer(query):
    found = recall(query)
    KEEP
    said = "; ".join(one.page_content for one in found)
    return await model.ainvoke([SystemMessage(content=f"Earlier: {said}"), HumanMessage(content=query)])
"""


@pytest.mark.parametrize(("keep", "outcome"), [("memory.add_texts([query])", Outcome.FAIL), ("pass", Outcome.PASS)])
def test_what_earlier_turns_put_into_a_vector_store_is_the_clients(
    verdicts: Verdicts, keep: str, outcome: Outcome
) -> None:
    tree = app({"app/memory.py": MEMORY.replace("KEEP", keep)})
    server = tree["app/server.py"].replace(
        "        tasks = MCP", "        await answer(input_user_message)\n        tasks = MCP"
    )
    tree["app/server.py"] = "from app.memory import answer\n" + server
    assert outcomes(verdicts(tree, "CK210")) == {outcome}
