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
    "stream-attribute": endpoint(
        answer="""
        if hasattr(result, "stream"):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "body-iterator": endpoint(
        answer="""
        if hasattr(result, "body_iterator"):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "another-class": endpoint(
        answer="""
        if isinstance(result, StreamingResponse):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "dict": endpoint(
        answer="""
        if isinstance(result, dict):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "generator": endpoint(
        above="import inspect",
        answer="""
        if inspect.isasyncgen(result):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "asynciterator": endpoint(
        answer="""
        from collections.abc import AsyncIterator
        if isinstance(result, AsyncIterator):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "asyncgenerator": endpoint(
        answer="""
        from typing import AsyncGenerator
        if isinstance(result, AsyncGenerator):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "always": endpoint(answer="return StreamingResponse(result, media_type='text/event-stream')"),
    "never": endpoint(answer="return Response(content=result.json, media_type='application/json')"),
    "through-a-name": endpoint(
        answer="""
        streaming = hasattr(result, "events")
        if streaming:
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK107")) == {Outcome.FAIL}


PASSES = {
    "aiter": endpoint(
        answer="""
        if hasattr(result, "__aiter__"):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "tuple": endpoint(
        answer="""
        if isinstance(result, (StreamingResult,)):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "optional-import": endpoint(
        above="""
        try:
            from chatkit.server import StreamingResult as Streaming
        except ImportError:
            Streaming = None
        """,
        answer="""
        if Streaming is not None and isinstance(result, Streaming):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "other-way-round": endpoint(
        answer="""
        from chatkit.server import NonStreamingResult
        if isinstance(result, NonStreamingResult):
            return Response(content=result.json, media_type="application/json")
        return StreamingResponse(result, media_type="text/event-stream")
        """
    ),
    "match": endpoint(
        answer="""
        match result:
            case StreamingResult():
                return StreamingResponse(result, media_type="text/event-stream")
            case _:
                return Response(content=result.json, media_type="application/json")
        """
    ),
    "negated": endpoint(
        answer="""
        if not isinstance(result, StreamingResult):
            return Response(content=result.json, media_type="application/json")
        return StreamingResponse(result, media_type="text/event-stream")
        """
    ),
    "expression": endpoint(
        answer="""
        return (
            StreamingResponse(result, media_type="text/event-stream")
            if isinstance(result, StreamingResult)
            else Response(content=result.json, media_type="application/json")
        )
        """
    ),
    "asynciterable": endpoint(
        answer="""
        from collections.abc import AsyncIterable
        if isinstance(result, AsyncIterable):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK107")) == {Outcome.PASS}
