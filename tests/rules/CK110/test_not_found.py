from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import edited, endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

INVENTED = (
    'ThreadMetadata.model_validate_json(await self._load("thread", thread_id, context))',
    "ThreadMetadata(id=thread_id, created_at=0)",
)

FAILS = {
    "nothing-catches": endpoint(process="result = await server.process(await request.body(), caller)"),
    "broad-500": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise HTTPException(500)
        """
    ),
    "answered-200": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            return {"error": "not found"}
        """
    ),
    "answered-400": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except NotFoundError:
            raise HTTPException(400)
        """
    ),
    "another-class": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except (LookupError, FileNotFoundError):
            raise HTTPException(404)
        """
    ),
    "store-raises-another": {
        path: text.replace("raise NotFoundError(", "raise KeyError(") for path, text in endpoint().items()
    },
    "store-invents": edited("app/store.py", INVENTED[0], INVENTED[1]),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK110")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "broad-asks": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            if isinstance(error, (KeyError, NotFoundError)):
                raise HTTPException(404)
            raise
        """
    ),
    "app-handler": endpoint(
        process="result = await server.process(await request.body(), caller)",
        above="""
        from fastapi.responses import JSONResponse

        async def missing(request, error):
            return JSONResponse({"detail": "not found"}, status_code=404)

        app.add_exception_handler(NotFoundError, missing)
        """,
    ),
    "returned": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except NotFoundError:
            return Response(status_code=404)
        """
    ),
    "starlette-status": endpoint(
        process="""
        from fastapi import status
        try:
            result = await server.process(await request.body(), caller)
        except NotFoundError:
            raise HTTPException(status_code=status.HTTP_404_NOT_FOUND)
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK110")) == {Outcome.PASS}
