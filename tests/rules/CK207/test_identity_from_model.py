from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

AGENT = 'agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])'


COLLECTED = "def tools():\n    found = []\n    found.append(list_tasks)\n    return found"


def with_tool(definition: str, tools: str = "tools=[list_tasks]") -> dict[str, str]:
    tree = app(None, ("app/server.py", AGENT, f'agent = Agent(name="a", instructions=INSTRUCTIONS, {tools})'))
    head = "from agents import RunContextWrapper, function_tool\n"
    tree["app/server.py"] = head + tree["app/server.py"].replace("\n\nclass", f"\n\n{definition}\n\n\nclass", 1)
    return tree


@pytest.mark.parametrize(
    ("definition", "tools"),
    [
        ("@function_tool\nasync def list_tasks(user_id: str) -> str:\n    return user_id", "tools=[list_tasks]"),
        ("@function_tool()\ndef list_tasks(status: str, customer_id: str):\n    return ''", "tools=[list_tasks]"),
        ("def list_tasks(username: str):\n    return ''", "tools=[function_tool(list_tasks)]"),
        (
            "@function_tool\ndef list_tasks(ctx: RunContextWrapper, owner_id: str):\n    pass\nTOOLS = [list_tasks]",
            "tools=TOOLS",
        ),
        (
            "@function_tool(strict_mode=True)\nasync def list_tasks(account_id: int):\n    pass\n\n\n" + COLLECTED,
            "tools=tools()",
        ),
    ],
)
def test_a_tool_that_takes_its_user_fails(verdicts: Verdicts, definition: str, tools: str) -> None:
    (failure,) = failed(verdicts(with_tool(definition, tools), "CK207"))
    assert "list_tasks" in failure.message


@pytest.mark.parametrize(
    "definition",
    [
        "@function_tool\nasync def list_tasks(ctx: RunContextWrapper, status: str):\n    return ctx.context.user_id",
        "@function_tool\nasync def list_tasks(title: str, task_id: str):\n    return title",
    ],
)
def test_a_tool_that_takes_it_from_the_context_passes(verdicts: Verdicts, definition: str) -> None:
    assert outcomes(verdicts(with_tool(definition), "CK207")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "told",
    [
        'f"{INSTRUCTIONS} The user_id is {context.user_id}."',
        'INSTRUCTIONS + " Current user: " + str(context.user_id)',
        '"Always pass user_id {uid}".format(uid=context.user_id)',
        '"User id: %s" % context.user_id',
        "told(context.user_id)",
    ],
)
def test_instructions_that_name_the_user_for_mcp_tools_fail(verdicts: Verdicts, told: str) -> None:
    tree = app(None, ("app/server.py", "instructions=INSTRUCTIONS,", f"instructions={told},"))
    tree["app/server.py"] += "\n\ndef told(user_id):\n    return f'You act for user {user_id}'\n"
    (failure,) = failed(verdicts(tree, "CK207"))
    assert failure.evidence[0].where.path == "app/auth.py"


def test_the_input_counts_as_well(verdicts: Verdicts) -> None:
    edit = ("app/server.py", "                history,\n", '                f"[User: {context.user_id}] hello",\n')
    assert outcomes(verdicts(app(None, edit), "CK207")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "told", ['f"{INSTRUCTIONS} The thread is {thread.id}."', 'f"{INSTRUCTIONS} You are talking to {context.name}"']
)
def test_what_is_no_id_of_a_user_passes(verdicts: Verdicts, told: str) -> None:
    tree = app(None, ("app/server.py", "instructions=INSTRUCTIONS,", f"instructions={told},"))
    assert outcomes(verdicts(tree, "CK207")) == {Outcome.PASS}


def test_without_tools_it_does_not_apply(verdicts: Verdicts) -> None:
    tree = app(None, ("app/server.py", AGENT, 'agent = Agent(name="a", instructions=f"user {context.user_id}")'))
    tree["app/server.py"] = tree["app/server.py"].replace("async with tasks:", "if True:")
    assert outcomes(verdicts(tree, "CK207")) <= {Outcome.NOT_APPLICABLE, Outcome.FAIL}
