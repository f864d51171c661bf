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
    "nothing-catches": endpoint(process="result = await server.process(await request.body(), caller)"),
    "broad-500": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception:
            raise HTTPException(500, "failed")
        """
    ),
    "answered-200": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except ValueError as error:
            return {"error": "invalid"}
        """
    ),
    "made-by-a-helper-that-makes-500-too": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except ValidationError as error:
            raise refusal(error)
        """,
        above="""
        def refusal(error):
            if error.errors()[0]["type"] == "json_invalid":
                return HTTPException(400, "Not JSON")
            return HTTPException(500, "Not a ChatKit request")
        """,
    ),
    "another-validation-error": endpoint(
        process="""
        from fastapi.exceptions import RequestValidationError as ValidationError
        try:
            result = await server.process(await request.body(), caller)
        except ValidationError:
            raise HTTPException(422)
        """
    ),
    "request-validation-handler": endpoint(
        process="result = await server.process(await request.body(), caller)",
        above="""
        from fastapi.exceptions import RequestValidationError
        from fastapi.responses import JSONResponse

        @app.exception_handler(RequestValidationError)
        async def invalid(request, error):
            return JSONResponse({}, status_code=422)
        """,
    ),
    "own-parsing-unguarded": endpoint(
        process="""
        import json
        body = await request.body()
        data = json.loads(body)
        try:
            result = await server.process(body, caller)
        except ValidationError:
            raise HTTPException(422)
        """
    ),
    "wrong-branch-of-isinstance": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            if isinstance(error, NotFoundError):
                raise HTTPException(404)
            raise HTTPException(500)
        """
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK103")) == {Outcome.FAIL}


PASSES = {
    "caught": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except ValidationError:
            raise HTTPException(422)
        """
    ),
    "caught-as-value-error": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except (KeyError, ValueError):
            return Response(status_code=400)
        """
    ),
    "app-handler": endpoint(
        process="result = await server.process(await request.body(), caller)",
        above="""
        from fastapi.responses import JSONResponse

        @app.exception_handler(ValidationError)
        async def invalid(request, error):
            return JSONResponse({}, status_code=422)
        """,
    ),
    "added-handler": endpoint(
        process="result = await server.process(await request.body(), caller)",
        above="""
        from fastapi.responses import JSONResponse

        async def invalid(request, error):
            return JSONResponse(content={}, status_code=400)

        app.add_exception_handler(ValidationError, invalid)
        """,
    ),
    "right-branch-of-isinstance": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            if isinstance(error, ValidationError):
                raise HTTPException(status_code=422)
            raise
        """
    ),
    "raised-by-a-helper": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except ValidationError as error:
            refuse(error)
        """,
        above="""
        def refuse(error):
            raise HTTPException(422, "Not a ChatKit request") from error
        """,
    ),
    "made-by-a-helper": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except ValidationError as error:
            raise refusal(error)
        """,
        above="""
        def refusal(error):
            if error.errors()[0]["type"] == "json_invalid":
                return HTTPException(400, "Not JSON")
            return HTTPException(422, "Not a ChatKit request")
        """,
    ),
    "validated-before": endpoint(
        process="""
        body = await request.body()
        try:
            TypeAdapter(ChatKitReq).validate_json(body)
        except ValidationError:
            raise HTTPException(400) from None
        result = await server.process(body, caller)
        """
    ),
    "own-parsing-guarded": endpoint(
        process="""
        import json
        body = await request.body()
        try:
            json.loads(body)
        except json.JSONDecodeError:
            raise HTTPException(400) from None
        try:
            result = await server.process(body, caller)
        except ValidationError:
            raise HTTPException(422)
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK103")) == {Outcome.PASS}


IS_UNKNOWN = {
    "computed-status": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except ValidationError:
            raise HTTPException(int(settings.status))
        """
    ),
}


@pytest.mark.parametrize("case", IS_UNKNOWN)
def test_is_unknown(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(IS_UNKNOWN[case], "CK103")) == {Outcome.UNKNOWN}
