from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import edited, endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

RUN = """            result = Runner.run_streamed(
                agent,
                history,
                context=agent_context,
                run_config=RunConfig(trace_include_sensitive_data=False),
            )
            try:
                async for event in stream_agent_response(agent_context, result):
                    yield event
            finally:
                if not result.is_complete:
                    result.cancel()
"""

FAILS = {
    "runner-run": edited(
        "app/server.py",
        RUN,
        """            result = await Runner.run(agent, history)
            text = result.final_output
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
""",
    ),
    "run-sync": edited(
        "app/server.py",
        RUN,
        """            text = Runner.run_sync(agent, history).final_output
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
""",
    ),
    "helper": edited(
        "app/server.py",
        RUN,
        """            text = await self.answer(agent, history)
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))

    async def answer(self, agent, history):
        result = await Runner.run(agent, history)
        return str(result.final_output)
""",
    ),
    "in-a-thread": edited(
        "app/server.py",
        RUN,
        """            import asyncio
            result = await asyncio.to_thread(Runner.run_sync, agent, history)
            text = result.final_output
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
""",
    ),
    "deltas-dropped": edited(
        "app/server.py",
        RUN,
        """            text = ""
            result = Runner.run_streamed(agent, history)
            async for event in result.stream_events():
                text += event.data.delta
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
""",
    ),
    "openai-client": edited(
        "app/server.py",
        RUN,
        """            from openai import AsyncOpenAI
            answer = await AsyncOpenAI().chat.completions.create(model="m", messages=history)
            text = answer.choices[0].message.content
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
""",
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK113")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "delegated": edited(
        "app/server.py",
        RUN,
        """            async for event in self.stream(agent, history, agent_context):
                yield event

    async def stream(self, agent, history, agent_context):
        result = Runner.run_streamed(agent, history)
        async for event in stream_agent_response(agent_context, result):
            yield event
""",
    ),
    "title-beside": edited(
        "app/server.py",
        RUN,
        """            title = await Runner.run(agent, "title")
            thread.title = title.final_output
            result = Runner.run_streamed(agent, history)
            async for event in stream_agent_response(agent_context, result):
                yield event
""",
    ),
    "openai-stream": edited(
        "app/server.py",
        RUN,
        """            from openai import AsyncOpenAI
            answer = await AsyncOpenAI().responses.create(model="m", input=history, stream=True)
            async for event in answer:
                yield event
""",
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK113")) == {Outcome.PASS}


DOES_NOT_APPLY = {
    "no-model": edited(
        "app/server.py",
        RUN,
        """            text = "Hello"
            yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
""",
    ),
}


@pytest.mark.parametrize("case", DOES_NOT_APPLY)
def test_does_not_apply(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(DOES_NOT_APPLY[case], "CK113")) == {Outcome.NOT_APPLICABLE}
