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


TITLE = "self.title(thread, context)"
BELOW = "\n    async def title(self, thread, context):\n        await self.store.save_thread(thread, context)\n"


def starting(lines: str, below: str = "") -> dict[str, str]:
    tree = doing(lines, BELOW + below)
    tree["app/server.py"] = (
        "import asyncio\nfrom asyncio import create_task\n\nBACKGROUND = set()\n" + tree["app/server.py"]
    )
    return tree


@pytest.mark.parametrize(
    "lines",
    [
        f"asyncio.create_task({TITLE})",
        f"asyncio.ensure_future({TITLE})",
        f"create_task({TITLE})",
        f"asyncio.get_running_loop().create_task({TITLE})",
        f"task = asyncio.create_task({TITLE})",
        f"_ = asyncio.create_task({TITLE})",
        f"asyncio.create_task({TITLE}).add_done_callback(print)",
        f"task = asyncio.create_task({TITLE})\ntask.add_done_callback(print)",
        f"loop = asyncio.get_event_loop()\nloop.create_task({TITLE})",
    ],
)
def test_a_task_that_nothing_holds_fails(verdicts: Verdicts, lines: str) -> None:
    assert outcomes(verdicts(starting(lines), "CK513")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        f"await asyncio.create_task({TITLE})",
        f"task = asyncio.create_task({TITLE})\nawait task",
        f"task = asyncio.create_task({TITLE})\nBACKGROUND.add(task)\ntask.add_done_callback(BACKGROUND.discard)",
        f"self.task = asyncio.create_task({TITLE})",
        f"await asyncio.gather(asyncio.create_task({TITLE}))",
        f"async with asyncio.TaskGroup() as group:\n    group.create_task({TITLE})",
        f"task = asyncio.create_task({TITLE})\ntry:\n    await asyncio.sleep(0)\nfinally:\n    task.cancel()",
        "await tasks.create_task(thread)",
        "create_task = self.title\nawait create_task(thread, context)",
    ],
)
def test_a_task_that_is_held_passes(verdicts: Verdicts, lines: str) -> None:
    assert outcomes(verdicts(starting(lines), "CK513")) == {Outcome.PASS}


def test_a_task_that_a_tool_starts_counts(verdicts: Verdicts) -> None:
    tree = starting("", "\n\n@function_tool\nasync def remember(text: str):\n    asyncio.create_task(write(text))\n")
    tree["app/server.py"] = "from agents import function_tool\n" + tree["app/server.py"].replace(
        "mcp_servers=[tasks]", "tools=[remember], mcp_servers=[tasks]"
    )
    assert outcomes(verdicts(tree, "CK513")) == {Outcome.FAIL}
