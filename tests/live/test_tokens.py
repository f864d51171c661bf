"""Tokens that must be refused are what they claim to be; tokens that are given are never printed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from chatkit_validate.configuration import UsageError
from chatkit_validate.live import tokens
from chatkit_validate.live.credentials import Given, users
from chatkit_validate.live.identity import Identity, jwt_part

if TYPE_CHECKING:
    from pathlib import Path

KEY = "a-key-that-is-long-enough-for-every-algorithm-used-here"


def test_a_signed_token_is_one() -> None:
    made = tokens.signed(tokens.fresh({"sub": "a", "aud": "x"}), KEY)

    assert jwt.decode(made, KEY, algorithms=["HS256"], audience="x")["sub"] == "a"


def test_a_tampered_token_has_another_signature_only() -> None:
    made = tokens.signed({"sub": "a"}, KEY)

    changed = tokens.tampered(made)

    assert jwt_part(changed, 1) == {"sub": "a"}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(changed, KEY, algorithms=["HS256"])


def test_an_unsigned_token_says_none() -> None:
    made = tokens.unsigned(tokens.signed({"sub": "a"}, KEY))

    assert made is not None
    assert jwt.get_unverified_header(made)["alg"] == "none"


def test_an_expired_token_was_valid_once() -> None:
    claims = tokens.expired({"sub": "a"})

    assert claims["iat"] < claims["exp"] < time.time()


@given(st.text(max_size=40))
def test_what_is_no_jwt_stays_none(text: str) -> None:
    if text.count(".") != 2:
        assert tokens.unsigned(text) is None
        assert tokens.with_claims(text, sub="b") is None
        assert Identity("A", text).subject is None


def test_a_signing_key_makes_what_is_missing() -> None:
    found = users(Given(signing_key=KEY, claims='{"aud": "x"}'))

    assert found.b is not None
    assert found.a.subject != found.b.subject
    assert jwt.decode(found.a.token or "", KEY, algorithms=["HS256"], audience="x")
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(found.expired or "", KEY, algorithms=["HS256"], audience="x")


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_a_private_key_signs_with_its_own_algorithm(
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey, algorithm: str, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_text(pem(key))

    found = users(Given(signing_key=f"@{tmp_path / 'key.pem'}", claims='{"aud": "x"}'))

    assert jwt.decode(found.a.token or "", key.public_key(), algorithms=[algorithm], audience="x")
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(found.expired or "", key.public_key(), algorithms=[algorithm], audience="x")


def test_tokens_made_beside_a_given_one_name_its_key_and_algorithm() -> None:
    key = rsa.generate_private_key(65537, 2048)
    own = jwt.encode({"sub": "alice"}, pem(key), algorithm="RS512", headers={"kid": "2026-11"})

    found = users(Given(token=own, signing_key=pem(key)))

    assert found.b is not None
    assert jwt.get_unverified_header(found.b.token or "") == {"alg": "RS512", "typ": "JWT", "kid": "2026-11"}
    assert jwt.decode(found.b.token or "", key.public_key(), algorithms=["RS512"])


def test_a_second_user_is_made_like_the_first() -> None:
    own = jwt.encode({"sub": "alice", "aud": "x", "tenant": 7}, KEY, algorithm="HS384")

    found = users(Given(token=own, signing_key=KEY))

    assert found.b is not None
    assert found.b.claims is not None
    assert found.b.claims["tenant"] == 7
    assert jwt.decode(found.b.token or "", KEY, algorithms=["HS384"], audience="x")


def test_a_command_prints_the_token() -> None:
    assert users(Given(token_command="printf 'hello\\nabc'")).a.token == "abc"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Given(token_command="false"), "`false` failed"),
        (Given(token_command="no-such-command-at-all"), "could not be run"),
        (Given(token_command="true"), "printed no token"),
        (Given(signing_key=KEY, claims="{"), "--claims wants a JSON object"),
        (Given(signing_key="@no-such-file.pem"), "no-such-file.pem cannot be read"),
        (Given(signing_key="-----BEGIN PRIVATE KEY-----\nnonsense"), "private key cannot be read"),
        (Given(signing_key=KEY, token=jwt.encode({"sub": "a"}, "", algorithm="none")), "--signing-key"),
    ],
)
def test_what_cannot_be_had_is_said(given: Given, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        users(given)


def test_users_may_be_known_by_headers() -> None:
    found = users(Given(headers=(("Cookie", "s=1"), ("X-Tenant", "t")), second_headers=(("Cookie", "s=2"),)))

    assert found.b is not None
    assert found.a.credentials == {"Cookie": "s=1", "X-Tenant": "t"}
    assert found.b.credentials == {"Cookie": "s=2", "X-Tenant": "t"}


def test_an_identity_does_not_show_its_token() -> None:
    assert "secret" not in repr(Identity("A", "secret", (("Cookie", "secret"),)))
