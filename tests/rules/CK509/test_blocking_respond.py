from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import doing

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


ABOVE = (
    "import asyncio\nimport subprocess\nimport time\nimport httpx\nimport requests\n"
    "from openai import AsyncOpenAI, OpenAI\n"
    "from sqlalchemy import create_engine\nfrom sqlalchemy.orm import Session\nfrom agents import function_tool\n"
    "ENGINE = create_engine('postgresql://')\nCLIENT = OpenAI()\n"
)


def calling(lines: str, below: str = "") -> dict[str, str]:
    tree = doing(lines, below)
    tree["app/server.py"] = ABOVE + tree["app/server.py"]
    return tree


@pytest.mark.parametrize(
    "lines",
    [
        "time.sleep(1)",
        "requests.get('https://example.com')",
        "httpx.post('https://example.com')",
        "with httpx.Client() as client:\n    client.get('https://example.com')",
        "subprocess.run(['ls'])",
        "OpenAI().responses.create(model='m', input='i')",
        "CLIENT.files.create(file=b'')",
        "with Session(ENGINE) as session:\n    session.execute('select 1')",
        "self.look_up(thread)",
        "Runner.run_sync(Agent(name='title'), 'x')",
    ],
)
def test_a_call_that_waits_without_await_fails(verdicts: Verdicts, lines: str) -> None:
    below = "\n    def look_up(self, thread):\n        return requests.get(thread.id)\n"
    assert outcomes(verdicts(calling(lines, below), "CK509")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        "await asyncio.sleep(1)",
        "async with httpx.AsyncClient() as client:\n    await client.get('https://example.com')",
        "await AsyncOpenAI().responses.create(model='m', input='i')",
        "await asyncio.to_thread(requests.get, 'https://example.com')",
        "await asyncio.to_thread(self.look_up, thread)",
        "def load():\n    return requests.get('https://example.com')\n\nawait asyncio.to_thread(load)",
        "client = OpenAI()",
        "await asyncio.get_running_loop().run_in_executor(None, time.sleep, 1)",
    ],
)
def test_what_is_awaited_or_in_a_thread_passes(verdicts: Verdicts, lines: str) -> None:
    below = "\n    def look_up(self, thread):\n        return requests.get(thread.id)\n"
    assert outcomes(verdicts(calling(lines, below), "CK509")) == {Outcome.PASS}


def tool(definition: str, requirement: str = "openai-agents>=0.24,<0.25") -> dict[str, str]:
    tree = calling("", f"\n\n@function_tool\n{definition}(city: str):\n    return requests.get(city).text\n")
    tree["app/server.py"] = tree["app/server.py"].replace("mcp_servers=[tasks]", "tools=[weather], mcp_servers=[tasks]")
    tree["pyproject.toml"] = tree["pyproject.toml"].replace("openai-agents>=0.24,<0.25", requirement)
    return tree


def test_an_async_tool_that_waits_fails(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(tool("async def weather"), "CK509")) == {Outcome.FAIL}


def test_a_plain_tool_runs_in_a_thread(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(tool("def weather"), "CK509")) == {Outcome.PASS}


@pytest.mark.parametrize("requirement", ["openai-agents==0.6.4", "openai-agents>=0.4,<0.8"])
def test_an_sdk_without_threads_runs_it_on_the_loop(verdicts: Verdicts, requirement: str) -> None:
    assert outcomes(verdicts(tool("def weather", requirement), "CK509")) == {Outcome.FAIL}


def test_store_methods_are_another_rules(verdicts: Verdicts) -> None:
    tree = calling("")
    tree["app/store.py"] = "import time\n" + tree["app/store.py"].replace(
        "        descending = order ==", "        time.sleep(1)\n        descending = order =="
    )
    assert outcomes(verdicts(tree, "CK509")) == {Outcome.PASS}


def test_action_is_part_of_the_turn(verdicts: Verdicts) -> None:
    tree = calling(
        "", "\n    async def action(self, thread, action, sender, context):\n        time.sleep(1)\n        yield\n"
    )
    assert outcomes(verdicts(tree, "CK509")) == {Outcome.FAIL}
