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

FAILS = {
    "returns-an-empty-response": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception:
            return Response()
        """
    ),
    "returns-an-empty-object": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception:
            return Response(content=b"{}", media_type="application/json")
        """
    ),
    "falls-through": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception:
            logger.exception("failed")
            result = None
        """
    ),
    "returns-none": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            return None
        """
    ),
    "returns-bare": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            logger.error("x")
            return
        """
    ),
    "empty-dict-200": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            return None if error else None
        """
    ),
    "respond-logs": edited(
        "app/server.py", CLEAN_UP, '            except Exception:\n                log.exception("failed")\n'
    ),
    "respond-returns": edited("app/server.py", CLEAN_UP, "            except Exception:\n                return\n"),
    "respond-bare-pass": edited("app/server.py", CLEAN_UP, "            except:\n                pass\n"),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK111")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "raises": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            raise HTTPException(500)
        """
    ),
    "answers-500": endpoint(
        process="""
        try:
            result = await server.process(await request.body(), caller)
        except Exception as error:
            return Response(status_code=500)
        """
    ),
    "respond-raises": edited(
        "app/server.py",
        CLEAN_UP,
        '            except Exception:\n                log.exception("failed")\n                raise\n',
    ),
    "respond-tells": edited(
        "app/server.py", CLEAN_UP, '            except Exception:\n                yield ErrorEvent(message="failed")\n'
    ),
    "narrow": edited("app/server.py", CLEAN_UP, "            except TimeoutError:\n                pass\n"),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK111")) == {Outcome.PASS}
