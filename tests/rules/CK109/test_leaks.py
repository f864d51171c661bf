from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import edited, endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

CLEAN_UP = """            finally:
                if not result.is_complete:
                    result.cancel()
"""
ERROR_EVENT = """            except Exception as error:
                yield ErrorEvent(message=f"Something broke: {error}")
"""
ERROR_MESSAGE = """            except Exception as error:
                text = str(error)
                yield ThreadItemDoneEvent(item=AssistantMessageItem(content=[AssistantMessageContent(text=text)]))
"""
FIXED_EVENT = """            except Exception as error:
                log.error("failed: %s", error)
                yield ErrorEvent(message="Something broke")
"""

FAILS = {
    "f-string": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise HTTPException(500, f"Error: {error}")
        """
    ),
    "str": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise HTTPException(status_code=500, detail=str(error)) from error
        """
    ),
    "repr-in-a-name": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            text = "failed: " + repr(error)
            raise HTTPException(500, detail=text)
        """
    ),
    "json-response": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            from fastapi.responses import JSONResponse
            return JSONResponse({"error": str(error)}, status_code=500)
        """
    ),
    "format": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            return Response("failed: {}".format(error), status_code=500)
        """
    ),
    "args": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise HTTPException(500, error.args[0])
        """
    ),
    "traceback": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            import traceback
            raise HTTPException(500, traceback.format_exc())
        """
    ),
    "helper": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise failure(error)
        """,
        above="""
        def failure(error):
            return HTTPException(500, f"Failed: {error}")
        """,
    ),
    "app-handler": endpoint(
        process="result = await server.process(await request.body(), caller)",
        above="""
        from fastapi.responses import JSONResponse

        @app.exception_handler(Exception)
        async def failed(request, error):
            return JSONResponse({"detail": str(error)}, status_code=500)
        """,
    ),
    "event": edited("app/server.py", CLEAN_UP, ERROR_EVENT),
    "message": edited("app/server.py", CLEAN_UP, ERROR_MESSAGE),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK109")) == {Outcome.FAIL}


PASSES = {
    "fixed-sentence": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise HTTPException(500, "The chat failed") from error
        """
    ),
    "logged": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            logger.error("failed: %s", error)
            raise HTTPException(500, "The chat failed")
        """
    ),
    "narrow": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except NotImplementedError as error:
            raise HTTPException(501, str(error))
        """
    ),
    "app-handler-fixed": endpoint(
        process="result = await server.process(await request.body(), caller)",
        above="""
        from fastapi.responses import JSONResponse

        @app.exception_handler(Exception)
        async def failed(request, error):
            logger.error("failed: %s", error)
            return JSONResponse({"detail": "failed"}, status_code=500)
        """,
    ),
    "http-handler-repeats-details": endpoint(
        above="""
        from fastapi.responses import JSONResponse

        @app.exception_handler(HTTPException)
        async def refused(request, error):
            return JSONResponse({"detail": error.detail}, status_code=error.status_code)
        """
    ),
    "event-fixed": edited("app/server.py", CLEAN_UP, FIXED_EVENT),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK109")) == {Outcome.PASS}
