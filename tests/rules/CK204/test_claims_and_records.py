from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, outcomes
from tests.rules.endpoints import endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

COOKIE = """
from dataclasses import dataclass

from fastapi import Request


@dataclass
class Caller:
    user_id: str | None
    token: str = ""


async def current_caller(request: Request) -> Caller:
    return Caller(request.headers.get("x-user-id") or request.cookies.get("{name}"))
"""
CHECKED = "    return Caller(user_id="
KEPT = "    await request.app.state.pool.execute('INSERT INTO visits (token) VALUES ($1)', token)\n"


def test_a_cookie_that_states_a_user_is_no_token(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(app({"app/auth.py": COOKIE.format(name="user_id")}), "CK204")) == {Outcome.NOT_APPLICABLE}
    assert outcomes(verdicts(app({"app/auth.py": COOKIE.format(name="sid")}), "CK204")) == {Outcome.FAIL}


def test_the_signature_is_named_before_what_only_looks_the_token_up(verdicts: Verdicts) -> None:
    looked_up = "    await request.app.state.pool.fetchrow('SELECT 1 FROM seen WHERE token = $1', token)\n"
    tree = app(None, ("app/auth.py", "    try:\n", f"{looked_up}    try:\n"))
    (found,) = verdicts(tree, "CK204")
    assert found.message == "`jwt.decode` verifies the signature"


def test_writing_a_token_down_verifies_nothing(verdicts: Verdicts) -> None:
    tree = app()
    text = tree["app/auth.py"]
    start, end = text.index("    try:\n"), text.index("    return Caller(")
    tree["app/auth.py"] = text[:start] + KEPT + "    return Caller(user_id=token, token=token)\n"
    assert end > start
    assert outcomes(verdicts(tree, "CK204")) == {Outcome.FAIL}


def test_handing_the_caller_to_chatkit_verifies_nothing(verdicts: Verdicts) -> None:
    tree = endpoint(
        above="from elsewhere import find",
        server="server = find()",
        process="result = await server.process(await request.body(), caller)",
    )
    assert outcomes(verdicts(tree | {"app/auth.py": COOKIE.format(name="sid")}, "CK204")) == {Outcome.FAIL}
