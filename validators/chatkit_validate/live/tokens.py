"""Tokens that no identity provider would hand out: tampered, unsigned, expired."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from chatkit_validate.live.identity import jwt_part

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def tampered(token: str) -> str:
    """`token` with another signature, or another ending where it is no JWT."""
    head, dot, signature = token.rpartition(".")
    flipped = "".join("A" if one != "A" else "B" for one in signature[:8]) + signature[8:]
    return f"{head}{dot}{flipped}"


def with_claims(token: str, **changes: object) -> str | None:
    """`token` with other claims and its old signature; None where it is no JWT."""
    claims = jwt_part(token, 1)
    if claims is None:
        return None
    head, _, signature = token.split(".")
    return f"{head}.{_part({**claims, **changes})}.{signature}"


def unsigned(token: str) -> str | None:
    """The claims of `token` under the algorithm `none`; None where it is no JWT."""
    claims = jwt_part(token, 1)
    return None if claims is None else f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def signed(claims: dict[str, Any], key: str, *, algorithm: str = "HS256") -> str:
    """A JWT for `claims`, signed with the shared secret `key`.

    Raises:
        ValueError: The algorithm is none that a shared secret serves.
    """
    if algorithm not in _HASHES:
        raise ValueError(f"{algorithm} tokens cannot be signed here; there are {', '.join(_HASHES)}")
    text = f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(claims)}"
    mac = hmac.new(key.encode(), text.encode(), _HASHES[algorithm]).digest()
    return f"{text}.{_encoded(mac)}"


def expired(claims: dict[str, Any]) -> dict[str, Any]:
    """`claims` as of a day ago, for one hour."""
    then = int(time.time()) - 86_400
    return {**claims, "iat": then, "exp": then + 3600}


def fresh(claims: dict[str, Any]) -> dict[str, Any]:
    """`claims`, valid from now for one hour."""
    now = int(time.time())
    return {**claims, "iat": now, "exp": now + 3600}


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
