from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import edited, endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

BROAD = """
try:
    result = await server.process(await request.body(), caller)
except Exception:
    raise HTTPException(500)
"""

FAILS = {
    "broad": endpoint(
        process="""
        body = await request.body()
        try:
            if len(body) > 10:
                raise HTTPException(413)
            result = await server.process(body, caller)
        except Exception:
            raise HTTPException(500, "failed")
        """
    ),
    "bare": endpoint(
        process="""
        body = await request.body()
        try:
            if len(body) > 10:
                raise HTTPException(413)
            result = await server.process(body, caller)
        except:
            return Response(status_code=500)
        """
    ),
    "answered-200": endpoint(
        process="""
        body = await request.body()
        try:
            if len(body) > 10:
                raise HTTPException(413)
            result = await server.process(body, caller)
        except Exception as error:
            return {"error": "failed"}
        """
    ),
    "in-a-helper": endpoint(
        process="""
        body = await request.body()
        try:
            check(body)
            result = await server.process(body, caller)
        except Exception:
            raise HTTPException(500)
        """,
        above="""
        def check(body):
            if not body:
                raise HTTPException(status_code=400)
        """,
    ),
    "own-subclass": endpoint(
        process="""
        body = await request.body()
        try:
            if not body:
                raise Refused()
            result = await server.process(body, caller)
        except Exception:
            raise HTTPException(500)
        """,
        above="""
        class Refused(HTTPException):
            def __init__(self):
                super().__init__(status_code=400, detail="Refused")
        """,
    ),
    "wrong-order": endpoint(
        process="""
        body = await request.body()
        try:
            if not body:
                raise HTTPException(400)
            result = await server.process(body, caller)
        except Exception:
            raise HTTPException(500)
        except HTTPException:
            raise
        """
    ),
    "in-the-store": edited(
        "app/store.py",
        'raise NotFoundError(f"No {kind} {id}")',
        "from fastapi import HTTPException; raise HTTPException(404)",
    )
    | {"app/main.py": endpoint(process=BROAD)["app/main.py"]},
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK108")) == {Outcome.FAIL}


PASSES = {
    "raised-again": endpoint(
        process="""
        body = await request.body()
        try:
            if not body:
                raise HTTPException(400)
            result = await server.process(body, caller)
        except HTTPException:
            raise
        except Exception:
            raise HTTPException(500)
        """
    ),
    "raised-before": endpoint(
        process="""
        body = await request.body()
        if not body:
            raise HTTPException(400)
        try:
            result = await server.process(body, caller)
        except Exception:
            raise HTTPException(500)
        """
    ),
    "asked-in-the-clause": endpoint(
        process="""
        body = await request.body()
        try:
            if not body:
                raise HTTPException(400)
            result = await server.process(body, caller)
        except Exception as error:
            if isinstance(error, HTTPException):
                raise
            raise HTTPException(500)
        """
    ),
    "starlettes-base": endpoint(
        process="""
        from starlette.exceptions import HTTPException as Base
        body = await request.body()
        try:
            if not body:
                raise HTTPException(400)
            result = await server.process(body, caller)
        except Base:
            raise
        except Exception:
            raise HTTPException(500)
        """
    ),
    "narrow": endpoint(
        process="""
        body = await request.body()
        try:
            if not body:
                raise HTTPException(400)
            result = await server.process(body, caller)
        except (ValueError, KeyError):
            raise HTTPException(500)
        """
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK108")) == {Outcome.PASS}
