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
    "none": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result)
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "json": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="application/json")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "positional": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, 200, None, "text/plain")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "constant": endpoint(
        above="EVENTS = 'text/events'",
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type=EVENTS)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "subclass": endpoint(
        above="""
        class Events(StreamingResponse):
            media_type = "application/octet-stream"
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return Events(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "helper": endpoint(
        above="""
        def stream(content):
            return StreamingResponse(content, media_type="text/stream")
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return stream(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "generator": endpoint(
        answer="""
        async def events():
            async for event in result:
                yield event
        if isinstance(result, StreamingResult):
            return StreamingResponse(events())
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK104")) == {Outcome.FAIL}


PASSES = {
    "charset": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream; charset=utf-8")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "header": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"Content-Type": "text/event-stream"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "subclass": endpoint(
        above="""
        class Events(StreamingResponse):
            media_type = "text/event-stream"
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return Events(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "constructor": endpoint(
        above="""
        class Events(StreamingResponse):
            def __init__(self, content):
                super().__init__(content, media_type="text/event-stream")
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return Events(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "sse-starlette": endpoint(
        answer="""
        from sse_starlette.sse import EventSourceResponse
        if isinstance(result, StreamingResult):
            return EventSourceResponse(result)
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK104")) == {Outcome.PASS}


DOES_NOT_APPLY = {
    "never-streams": endpoint(answer="return Response(content=result.json, media_type='application/json')"),
}


@pytest.mark.parametrize("case", DOES_NOT_APPLY)
def test_does_not_apply(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(DOES_NOT_APPLY[case], "CK104")) == {Outcome.NOT_APPLICABLE}


IS_UNKNOWN = {
    "computed": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type=settings.media_type())
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", IS_UNKNOWN)
def test_is_unknown(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(IS_UNKNOWN[case], "CK104")) == {Outcome.UNKNOWN}
