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
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


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


def signed(claims: dict[str, Any], key: str, *, algorithm: str = "HS256", kid: str | None = None) -> str:
    """A JWT for `claims`, signed with `key`: a shared secret, or a private key in PEM for an asymmetric algorithm.

    Args:
        claims: The payload.
        key: What to sign with.
        algorithm: A name of RFC 7518, section 3.1, or EdDSA.
        kid: Which of its keys the issuer is to take this for (RFC 7515, 4.1.4).

    Raises:
        ValueError: The algorithm is unknown, or the key is none for it.
    """
    header = {"alg": algorithm, "typ": "JWT"} | ({"kid": kid} if kid else {})
    if algorithm not in _HASHES:
        return _with_private_key(claims, key, header)
    text = f"{_part(header)}.{_part(claims)}"
    mac = hmac.new(key.encode(), text.encode(), _HASHES[algorithm]).digest()
    return f"{text}.{_encoded(mac)}"


def algorithm_of(key: str) -> str:
    """What a key is for where nobody says: HS256 for a secret, RS256, ES256 to ES512 or EdDSA for a private key.

    Raises:
        ValueError: It is written like a private key and cannot be read, or its kind signs no tokens.
    """
    if not key.lstrip().startswith("-----BEGIN "):
        return "HS256"
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        read = load_pem_private_key(key.strip().encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the private key cannot be read: {error}") from error
    if isinstance(read, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(read, ec.EllipticCurvePrivateKey) and read.curve.name in _CURVES:
        return _CURVES[read.curve.name]
    if isinstance(read, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    raise ValueError(f"a {type(read).__name__} signs no tokens")


def _with_private_key(claims: dict[str, Any], key: str, header: dict[str, str]) -> str:
    import jwt

    try:
        return jwt.encode(claims, key, algorithm=header["alg"], headers=header)
    except (NotImplementedError, TypeError, ValueError, jwt.PyJWTError) as error:
        raise ValueError(f"{header['alg']} tokens cannot be signed with this key: {error}") from error


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
