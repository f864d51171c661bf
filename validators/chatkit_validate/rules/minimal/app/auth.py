from dataclasses import dataclass, field

import jwt
from fastapi import HTTPException, Request

from app.settings import settings


@dataclass(frozen=True)
class Caller:
    user_id: str
    token: str = field(repr=False)


async def current_caller(request: Request) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401, "A bearer token is needed", {"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(
            token,
            settings.jwt_public_key,
            algorithms=["RS256"],
            audience=settings.jwt_audience,
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401, "The token is not valid", {"WWW-Authenticate": "Bearer"}) from None
    return Caller(user_id=claims["sub"], token=token)
