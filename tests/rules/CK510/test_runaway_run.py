from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import running

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


RUN = "result = Runner.run_streamed(agent, history)\n"
LOOP = "async for event in stream_agent_response(agent_context, result):\n    yield event\n"
TRIED = "try:\n    async for event in stream_agent_response(agent_context, result):\n        yield event\n"


@pytest.mark.parametrize(
    "lines",
    [
        RUN + LOOP,
        RUN + LOOP + "result.cancel()",
        RUN + TRIED + "except ValueError:\n    result.cancel()",
        RUN + TRIED + "finally:\n    print(result.is_complete)",
        RUN + TRIED + "finally:\n    agent_context.cancel()",
    ],
)
def test_a_run_that_nothing_ends_fails(verdicts: Verdicts, lines: str) -> None:
    assert outcomes(verdicts(running(lines), "CK510")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        RUN + TRIED + "finally:\n    result.cancel()",
        RUN + TRIED + "finally:\n    if not result.is_complete:\n        result.cancel()",
        RUN + TRIED + "except BaseException:\n    result.cancel()\n    raise",
        RUN + TRIED + "except (asyncio.CancelledError, GeneratorExit):\n    result.cancel()\n    raise",
        RUN + TRIED + "finally:\n    end(result)",
        RUN + "async with ending(result):\n"
        "    async for event in stream_agent_response(agent_context, result):\n        yield event",
        RUN + "events = stream_agent_response(agent_context, result)\n"
        "async for event in until_left(events, result.cancel):\n    yield event",
        "result = await Runner.run(agent, history)\nyield result.final_output",
    ],
)
def test_a_run_that_ends_with_its_reader_passes(verdicts: Verdicts, lines: str) -> None:
    below = (
        "\n\ndef end(run):\n    run.cancel()\n\n\n"
        "@asynccontextmanager\nasync def ending(result):\n    try:\n        yield\n"
        "    finally:\n        result.cancel()\n\n\nasync def until_left(events, stop):\n    try:\n"
        "        async for event in events:\n            yield event\n    finally:\n        stop()\n"
    )
    tree = running(lines, below)
    tree["app/server.py"] = "import asyncio\nfrom contextlib import asynccontextmanager\n" + tree["app/server.py"]
    assert outcomes(verdicts(tree, "CK510")) == {Outcome.PASS}


def test_streams_of_other_libraries_end_with_their_reader(verdicts: Verdicts) -> None:
    lines = (
        'stream = await AsyncOpenAI().responses.create(model="m", input=history, stream=True)\n'
        "async for event in stream:\n    yield event"
    )
    tree = running(lines)
    tree["app/server.py"] = "from openai import AsyncOpenAI\n" + tree["app/server.py"]
    assert outcomes(verdicts(tree, "CK510")) == {Outcome.NOT_APPLICABLE}
