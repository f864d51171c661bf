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
    "f-string": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield f"data: {event}\\n\\n"
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "event-lines": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield "event: message\\n"
                yield event
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "concatenated": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield "data: " + event.decode()
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "bytes": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield b"data: " + event
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "done-marker": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield event
            yield "data: [DONE]\\n\\n"
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "through-a-name": endpoint(
        answer="""
        async def events():
            async for event in result:
                line = f"data: {event}"
                yield line
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "helper": endpoint(
        above="""
        async def framed(result):
            async for event in result:
                yield "data: %s" % event
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(framed(result), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """,
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK115")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "passed-on": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield event
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "counted": endpoint(
        answer="""
        async def events():
            async for event in result:
                logger.info("data: %s", event)
                yield event
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "error-event": endpoint(
        answer="""
        async def events():
            try:
                async for event in result:
                    yield event
            except Exception:
                yield f"data: {{}}"
        if isinstance(result, StreamingResult):
            return StreamingResponse(events(), media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK115")) == {Outcome.PASS}
