from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

FAILS = {
    "nothing": endpoint(process="""result = await server.process(await request.body(), caller)"""),
    "thread-only": endpoint(
        process="""
        body = await request.body()
        request_ = TypeAdapter(ChatKitReq).validate_json(body)
        await server.store.load_thread(request_.params.thread_id, caller)
        result = await server.process(body, caller)
        """
    ),
    "wrapper-without-except": endpoint(
        process="result = await server.process(await request.body(), caller)",
        answer="""
        async def events():
            async for event in result:
                yield event
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "wrapper-that-only-logs": endpoint(
        process="result = await server.process(await request.body(), caller)",
        answer="""
        async def events():
            try:
                async for event in result:
                    yield event
            except Exception:
                logger.exception("failed")
                raise
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "looked-up-after": endpoint(
        process="""
        body = await request.body()
        result = await server.process(body, caller)
        await refuse_unknown_ids(server, body, caller)
        """
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK114")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "wrapper": endpoint(
        process="result = await server.process(await request.body(), caller)",
        answer="""
        async def events():
            try:
                async for event in result:
                    yield event
            except Exception:
                logger.exception("failed")
                yield b'data: {"type": "error", "code": "stream.error"}'
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """,
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK114")) == {Outcome.PASS}
