from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import edited, endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

FAILS = {
    "empty": endpoint(process="""result = await server.process(await request.body(), {})"""),
    "none": endpoint(process="""result = await server.process(await request.body(), None)"""),
    "request-only": endpoint(process="""result = await server.process(await request.body(), {"request": request})"""),
    "constant": endpoint(process="""result = await server.process(await request.body(), {"user_id": "demo"})"""),
    "constant-by-name": endpoint(
        process="""
        user_id = "default_user"
        result = await server.process(await request.body(), {"user_id": user_id})
        """
    ),
    "module-constant": endpoint(
        process="""result = await server.process(await request.body(), context={"user_id": DEMO_USER})""",
        above="""DEMO_USER = 'demo'""",
    ),
    "unrelated-header": endpoint(
        process="""
        locale = request.headers.get("Accept-Language")
        result = await server.process(await request.body(), {"locale": locale})
        """
    ),
    "constant-dependency": endpoint(
        process="""result = await server.process(await request.body(), {"user": anybody()})""",
        above="""
        def anybody():
            return "anonymous"
        """,
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK201")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "header": endpoint(
        process="""result = await server.process(await request.body(), {"user_id": request.headers.get("X-User-ID")})"""
    ),
    "header-item": endpoint(
        process="""result = await server.process(await request.body(), {"user_id": request.headers["x-user-id"]})"""
    ),
    "cookie": endpoint(
        process="""result = await server.process(await request.body(), {"user": request.cookies.get("session")})"""
    ),
    "session": endpoint(
        process="""result = await server.process(await request.body(), {"user": request.session["user_id"]})"""
    ),
    "state": endpoint(process="""result = await server.process(await request.body(), {"user": request.state.user})"""),
    "body": endpoint(
        process="""
        data = await request.json()
        result = await server.process(await request.body(), {"user": data["metadata"]["user"]})
        """
    ),
    "whole-dependency": endpoint(
        process="""result = await server.process(await request.body(), {"request": request, "caller": caller})"""
    ),
    "looked-up-session": endpoint(
        process="""
        session = SESSIONS.get(request.cookies.get("token"))
        result = await server.process(await request.body(), {"user": session["user"] if session else None})
        """,
        above="""SESSIONS: dict = {}""",
    ),
    "read-from-the-request-later": edited(
        "app/server.py", "page = await", 'user = context["request"].headers["X-User"]; page = await'
    )
    | {
        "app/main.py": endpoint(process='result = await server.process(await request.body(), {"request": request})')[
            "app/main.py"
        ]
    },
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK201")) == {Outcome.PASS}
