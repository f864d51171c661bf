from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


BLOCK = "        async with tasks:\n"


def entering(lines: str, below: str = "") -> dict[str, str]:
    tree = app({}, ("app/server.py", BLOCK, lines))
    tree["app/server.py"] = "from contextlib import AsyncExitStack\n" + tree["app/server.py"] + below
    return tree


@pytest.mark.parametrize(
    "lines", ["        if True:\n", "        async with self.lock:\n", "        async with other():\n"]
)
def test_a_server_that_nothing_connects_fails(verdicts: Verdicts, lines: str) -> None:
    tree = entering(lines, "\n\ndef other():\n    return AsyncExitStack()\n")
    assert outcomes(verdicts(tree, "CK506")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        BLOCK,
        "        async with tasks as connected:\n",
        "        await tasks.connect()\n        if tasks:\n",
        "        async with AsyncExitStack() as stack:\n            await stack.enter_async_context(tasks)\n",
        "        async with MCPServerManager([tasks]):\n",
        "        async with opened(tasks):\n",
    ],
)
def test_a_connected_server_passes(verdicts: Verdicts, lines: str) -> None:
    tree = entering(
        lines,
        "\n\n@asynccontextmanager\nasync def opened(server):\n    await server.connect()\n    try:\n        yield\n"
        "    finally:\n        await server.cleanup()\n",
    )
    tree["app/server.py"] = (
        "from contextlib import asynccontextmanager\nfrom agents.mcp import MCPServerManager\n" + tree["app/server.py"]
    )
    assert outcomes(verdicts(tree, "CK506")) == {Outcome.PASS}


def test_a_stream_that_is_read_after_the_block_fails(verdicts: Verdicts) -> None:
    tree = app()
    text = tree["app/server.py"]
    start, end = text.index("            try:\n"), text.index("    async def handle_stream_cancelled")
    late = "        async for event in stream_agent_response(agent_context, result):\n            yield event\n\n"
    tree["app/server.py"] = text[:start] + late + text[end:]
    assert outcomes(verdicts(tree, "CK506")) == {Outcome.FAIL}


def test_a_hosted_tool_is_connected_elsewhere(verdicts: Verdicts) -> None:
    tree = app({}, ("app/server.py", "mcp_servers=[tasks]", "tools=[HostedMCPTool(tool_config={})]"))
    tree["app/server.py"] = "from agents import HostedMCPTool\n" + tree["app/server.py"]
    assert Outcome.NOT_APPLICABLE in outcomes(verdicts(tree, "CK506"))
