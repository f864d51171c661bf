from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

EVERYBODY = """from dataclasses import dataclass


@dataclass
class Caller:
    user_id: str
    token: str


async def current_caller() -> Caller:
    return Caller("anonymous", "")
"""

OPTIONS = 'options={"require": ["exp", "sub"]},'
START = "        claims = jwt.decode("


def decoding(call: str, above: str = "") -> dict[str, str]:
    tree = app()
    start = tree["app/auth.py"].index(START)
    end = tree["app/auth.py"].index("    except jwt.InvalidTokenError")
    lines = "".join(f"        {line}\n" for line in above.split("\n") if line)
    tree["app/auth.py"] = tree["app/auth.py"][:start] + f"{lines}        claims = {call}\n" + tree["app/auth.py"][end:]
    tree["app/auth.py"] = "import base64, hmac, httpx, json\nfrom jose import jwt as jose\n" + tree["app/auth.py"]
    return tree


@pytest.mark.parametrize(
    ("call", "above"),
    [
        ('jwt.decode(token, options={"verify_signature": False})', ""),
        ("jwt.decode(token, verify=False)", ""),
        ('jwt.decode(token, "k", algorithms=["HS256", "none"])', ""),
        ("jose.get_unverified_claims(token)", ""),
        ("json.loads(base64.urlsafe_b64decode(token.split('.')[1] + '=='))", ""),
        ("jwt.decode(token, options=options)", 'options = {"verify_signature": False}'),
        ("read(token)", "def read(text):\n    return jwt.decode(text, options={'verify_signature': False})"),
    ],
)
def test_what_is_only_read_is_not_believed(verdicts: Verdicts, call: str, above: str) -> None:
    (failure,) = failed(verdicts(decoding(call, above), "CK204"))
    assert failure.evidence[0].message == "the token is read here"


def test_a_bypass_beside_the_verification_fails(verdicts: Verdicts) -> None:
    bypass = (
        'if token.endswith(".dev"):\n    fake = jwt.decode(token, options={"verify_signature": False})\n'
        '    return Caller(user_id=fake["sub"], token=token)'
    )
    call = 'jwt.decode(token, settings.jwt_public_key, algorithms=["RS256"])'
    assert outcomes(verdicts(decoding(call, bypass), "CK204")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    ("call", "above"),
    [
        ('jwt.decode(token, settings.jwt_public_key, algorithms=["RS256"])', ""),
        ('jose.decode(token, "key", algorithms="HS256")', ""),
        ("known[token]", "known = {}\nif token not in known:\n    raise HTTPException(401)"),
        ("answer.json()", 'answer = httpx.get("https://id.example/me", headers={"Authorization": f"Bearer {token}"})'),
        (
            '{"sub": "service"}',
            "if not hmac.compare_digest(token, settings.jwt_audience):\n    raise HTTPException(401)",
        ),
        (
            'jwt.decode(token, keys[kid], algorithms=["RS256"])',
            'keys = {}\nkid = jwt.get_unverified_header(token)["kid"]',
        ),
    ],
)
def test_signatures_lookups_and_questions_verify(verdicts: Verdicts, call: str, above: str) -> None:
    assert outcomes(verdicts(decoding(call, above), "CK204")) == {Outcome.PASS}


def test_a_token_that_is_only_demanded_fails(verdicts: Verdicts) -> None:
    tree = decoding('{"sub": request.headers["X-User-ID"]}')
    assert outcomes(verdicts(tree, "CK204")) == {Outcome.FAIL}


def test_without_a_token_it_does_not_apply(verdicts: Verdicts) -> None:
    tree = app({"app/auth.py": EVERYBODY})
    assert outcomes(verdicts(tree, "CK204")) == {Outcome.NOT_APPLICABLE}
