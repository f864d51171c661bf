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
    "plain": endpoint(process="""result = server.process(await request.body(), caller)"""),
    "in-a-name": endpoint(
        process="""
        pending = server.process(await request.body(), caller)
        result = pending
        """
    ),
    "helper": endpoint(
        process="""result = answer(server, await request.body(), caller)""",
        above="""
        def answer(server: ChatServer, body, caller):
            return server.process(body, caller)
        """,
    ),
    "in-a-try": endpoint(
        process="""
        try:
            result = server.process(await request.body(), caller)
        except NotFoundError:
            raise HTTPException(404)
        """
    ),
    "argument-awaited-only": endpoint(
        process="""result = server.process(await request.body(), context=await load(caller))""",
        above="""
        async def load(caller):
            return caller
        """,
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK112")) == {Outcome.FAIL}


PASSES = {
    "plain": endpoint(process="""result = await server.process(await request.body(), caller)"""),
    "later": endpoint(
        process="""
        pending = server.process(await request.body(), caller)
        result = await pending
        """
    ),
    "wait-for": endpoint(
        process="""
        import asyncio
        result = await asyncio.wait_for(server.process(await request.body(), caller), 30)
        """
    ),
    "helper": endpoint(
        process="""result = await answer(server, await request.body(), caller)""",
        above="""
        def answer(server: ChatServer, body, caller):
            return server.process(body, caller)
        """,
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK112")) == {Outcome.PASS}
