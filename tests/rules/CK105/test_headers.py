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
    "one": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"Cache-Control": "no-cache"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "other-one": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"X-Accel-Buffering": "no"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "wrong-value": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"Cache-Control": "max-age=60", "X-Accel-Buffering": "no"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "buffering-yes": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "yes"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "constant": endpoint(
        above="""HEADERS = {"Connection": "keep-alive"}""",
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers=HEADERS)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "set-on-another-response": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            response = StreamingResponse(result)
            other = Response()
            other.headers["X-Accel-Buffering"] = "no"
            other.headers["Cache-Control"] = "no-cache"
            return response
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK105")) == {Outcome.FAIL}


PASSES = {
    "no-store": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "directives": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"})
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "constant": endpoint(
        above="""HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}""",
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers=HEADERS)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "spread": endpoint(
        above="""HEADERS = {"Cache-Control": "no-cache"}""",
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers={**HEADERS, "X-Accel-Buffering": "no"})
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "merged": endpoint(
        above="""HEADERS = {"Cache-Control": "no-cache"}""",
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers=HEADERS | {"X-Accel-Buffering": "no"})
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "set-later": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            response = StreamingResponse(result)
            response.headers["Cache-Control"] = "no-cache"
            response.headers["X-Accel-Buffering"] = "no"
            return response
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "added-later": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            headers = {"Cache-Control": "no-cache"}
            headers["X-Accel-Buffering"] = "no"
            return StreamingResponse(result, headers=headers)
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "helper": endpoint(
        above="""
        def stream(content):
            return StreamingResponse(
                content,
                media_type="text/event-stream",
                headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
            )
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return stream(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "subclass": endpoint(
        above="""
        class Events(StreamingResponse):
            def __init__(self, content):
                headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
                super().__init__(content, headers=headers, media_type="text/event-stream")
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return Events(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "middleware": endpoint(
        above="""
        @app.middleware("http")
        async def unbuffered(request: Request, call_next):
            response = await call_next(request)
            response.headers["Cache-Control"] = "no-cache"
            response.headers["X-Accel-Buffering"] = "no"
            return response
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result)
        return Response(content=result.json, media_type="application/json")
        """,
    ),
    "middleware-class": endpoint(
        above="""
        from starlette.middleware.base import BaseHTTPMiddleware

        class Unbuffered(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next):
                response = await call_next(request)
                response.headers.update({"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
                return response

        app.add_middleware(Unbuffered)
        """,
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result)
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
    assert outcomes(verdicts(PASSES[case], "CK105")) == {Outcome.PASS}


IS_UNKNOWN = {
    "computed": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, headers=settings.headers())
        return Response(content=result.json, media_type="application/json")
        """
    ),
    "spread-arguments": endpoint(
        answer="""
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, **settings.response)
        return Response(content=result.json, media_type="application/json")
        """
    ),
}


@pytest.mark.parametrize("case", IS_UNKNOWN)
def test_is_unknown(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(IS_UNKNOWN[case], "CK105")) == {Outcome.UNKNOWN}
