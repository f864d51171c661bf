from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

STATED = """
from dataclasses import dataclass

from fastapi import Header, HTTPException


@dataclass
class Caller:
    user_id: str
    token: str = ""


def current_caller(x_user_id: str | None = Header(None)) -> Caller:
    if not x_user_id:
        raise HTTPException(401, "X-User-ID is missing")
    return Caller(x_user_id)
"""
GUARD = """
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from jose import JWTError, jwt

from app.settings import settings


def claims_of(token: str) -> dict:
    try:
        return jwt.decode(token, settings.jwt_public_key, algorithms=["RS256"])
    except JWTError:
        raise HTTPException(status_code={status}, detail="Sign in again")


async def guard(request: Request, call_next):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return JSONResponse({{"detail": "Sign in"}}, status_code=401)
    try:
        request.state.user = claims_of(token)["sub"]
    except HTTPException as refusal:
        return JSONResponse(status_code=refusal.status_code, content={{"detail": "Sign in again"}})
    return await call_next(request)
"""
BARE = """
from dataclasses import dataclass

from fastapi import Request


@dataclass
class Caller:
    user_id: str
    token: str = ""


async def current_caller(request: Request) -> Caller:
    return Caller(request.state.user)
"""
APP = "app = FastAPI(lifespan=lifespan)\n"
REGISTERED = """from app.guard import guard


@app.middleware("http")
async def guarded(request: Request, call_next):
    return await guard(request, call_next)


"""


def guarded(status: int) -> dict[str, str]:
    files = {"app/auth.py": BARE, "app/guard.py": GUARD.format(status=status)}
    return app(files, ("app/main.py", APP, APP + REGISTERED))


def test_asking_for_a_user_id_asks_for_no_credential(verdicts: Verdicts) -> None:
    (found,) = failed(verdicts(app({"app/auth.py": STATED}), "CK202"))
    assert found.where.path == "app/auth.py"
    assert "no credential" in found.message


def test_a_refusal_passed_on_with_its_own_status(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(guarded(401), "CK202")) == {Outcome.PASS}


def test_another_status_passed_on_is_no_refusal(verdicts: Verdicts) -> None:
    (found,) = failed(verdicts(guarded(500), "CK202"))
    assert "500" in found.message
