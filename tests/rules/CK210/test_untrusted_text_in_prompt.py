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
