from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.endpoints import endpoint

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

HEAD = """
import jwt
from dataclasses import dataclass
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer

from app.settings import settings

SESSIONS: dict = {}


@dataclass(frozen=True)
class Caller:
    user_id: str
    token: str = ""


def decode(token):
    try:
        return jwt.decode(token, settings.jwt_public_key, algorithms=["RS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None


"""
OPEN = {"app/auth.py": HEAD + "async def current_caller() -> Caller:\n    return Caller(user_id='demo')\n"}


def auth(body: str, parameters: str = "") -> dict[str, str]:
    text = indent(body.strip("\n"), "    ")
    signature = f"async def current_caller(request: Request, {parameters}) -> Caller:"
    return endpoint() | {"app/auth.py": f'{HEAD}{signature}\n{text}\n    return Caller(user_id=claims["sub"])\n'}


def router_dependency() -> dict[str, str]:
    tree = endpoint() | OPEN
    main = tree["app/main.py"]
    guard = (
        "async def guard(request: Request):\n    if 's' not in request.cookies:\n        raise HTTPException(401)\n\n\n"
    )
    tree["app/main.py"] = main.replace(
        '@app.post("/chatkit")', guard + '@app.post("/chatkit", dependencies=[Depends(guard)])'
    )
    return tree


def middleware() -> dict[str, str]:
    guard = """
    @app.middleware("http")
    async def guard(request: Request, call_next):
        if request.headers.get("X-Api-Key") != "k":
            return Response(status_code=401)
        return await call_next(request)
    """
    return endpoint(above=guard) | OPEN


FAILS = {
    "capital-only": auth("""
header = request.headers.get("Authorization", "")
if not header.startswith("Bearer "):
    raise HTTPException(401)
claims = jwt.decode(header[7:], settings.jwt_public_key, algorithms=["RS256"])
"""),
    "replaced": auth("""
token = request.headers.get("Authorization", "").replace("Bearer ", "")
if not token:
    raise HTTPException(401)
claims = decode(token)
"""),
    "removed-prefix": auth("""
token = request.headers.get("Authorization", "").removeprefix("Bearer ")
if not token:
    raise HTTPException(401)
claims = decode(token)
"""),
    "split": auth("""
parts = request.headers.get("Authorization", "").split("Bearer ")
if len(parts) != 2:
    raise HTTPException(401)
token = parts[1]
claims = decode(token)
"""),
    "nobody-refused": auth("""
token = request.headers.get("X-Token")
claims = {"sub": token}
"""),
    "falls-back": auth("""
token = request.headers.get("Authorization", "")
try:
    if not token:
        raise HTTPException(401)
    claims = decode(token)
except Exception:
    claims = {"sub": "guest"}
"""),
    "refused-with-400": auth("""
token = request.headers.get("X-Token")
if not token:
    raise HTTPException(400)
claims = {"sub": token}
"""),
    "bad-token-is-500": auth("""
token = request.cookies.get("token")
if not token:
    raise HTTPException(401)
claims = jwt.decode(token, settings.jwt_public_key, algorithms=["RS256"])
"""),
    "lenient-scheme": auth(
        'claims = {"sub": given.credentials if given else "guest"}', "given=Depends(HTTPBearer(auto_error=False))"
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_fails(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(FAILS[case], "CK202")) == {Outcome.FAIL}


PASSES = {
    "as-written": endpoint(),
    "folded": auth("""
header = request.headers.get("Authorization", "")
if not header.lower().startswith("bearer "):
    raise HTTPException(401)
claims = decode(header[7:])
"""),
    "http-bearer": auth("claims = decode(given.credentials)", "given=Depends(HTTPBearer())"),
    "lenient-scheme-refused": auth(
        "if given is None:\n    raise HTTPException(401)\nclaims = decode(given.credentials)",
        "given=Depends(HTTPBearer(auto_error=False))",
    ),
    "cookie": auth("""
token = request.cookies.get("session")
if token not in SESSIONS:
    raise HTTPException(status_code=401)
claims = SESSIONS[token]
"""),
    "forbidden": auth("""
token = request.headers.get("Authorization")
if token is None:
    raise HTTPException(403)
claims = decode(token)
"""),
    "router-dependency": router_dependency(),
    "middleware": middleware(),
}


@pytest.mark.parametrize("case", PASSES)
def test_passes(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(PASSES[case], "CK202")) == {Outcome.PASS}


DOES_NOT_APPLY = {
    "nothing-authenticates": endpoint(process="result = await server.process(await request.body(), {})") | OPEN,
}


@pytest.mark.parametrize("case", DOES_NOT_APPLY)
def test_does_not_apply(case: str, verdicts: Callable[..., list[Verdict]]) -> None:
    assert outcomes(verdicts(DOES_NOT_APPLY[case], "CK202")) == {Outcome.NOT_APPLICABLE}
