from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

TOOL = """
@function_tool
async def who(ctx: RunContextWrapper) -> dict:
    return {"user_id": ctx.context.request_context.user_id}


def instructions(tools: list) -> str:
    return f"You help the user with these tools: {tools}"


class"""
AGENT = 'agent = Agent(name="assistant", instructions=INSTRUCTIONS, mcp_servers=[tasks])'


def test_a_list_of_tools_in_the_instructions_does_not_say_what_the_tools_return(verdicts: Verdicts) -> None:
    agent = 'agent = Agent(name="a", instructions=instructions([who]), tools=[who])'
    tree = app(None, ("app/server.py", AGENT, agent))
    head = "from agents import RunContextWrapper, function_tool\n"
    tree["app/server.py"] = head + tree["app/server.py"].replace("\nclass", TOOL, 1)
    found = verdicts(tree, "CK207")
    assert outcomes(found) == {Outcome.PASS}
    assert not failed(found)
