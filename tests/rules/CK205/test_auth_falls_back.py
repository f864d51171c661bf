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

REFUSED = """    except jwt.InvalidTokenError:
        raise HTTPException(401, "The token is not valid", {"WWW-Authenticate": "Bearer"}) from None"""
MISSING = '        raise HTTPException(401, "A bearer token is needed", {"WWW-Authenticate": "Bearer"})'


@pytest.mark.parametrize(
    "edits",
    [
        [(REFUSED, '    except jwt.InvalidTokenError:\n        claims = {"sub": "anonymous"}')],
        [(REFUSED, "    except Exception:\n        claims = dict(sub='default_user')")],
        [(MISSING, '        return Caller(user_id="guest", token="")')],
        [
            (MISSING, '        return Caller(user_id=os.getenv("X") or "demo-user", token="")'),
            ("import jwt\n", "import os\nimport jwt\n"),
        ],
        [('user_id=claims["sub"]', 'user_id=claims.get("sub", "anonymous")')],
        [(REFUSED, "    except jwt.InvalidTokenError:\n        return None"), (MISSING, "        return None")],
    ],
)
def test_whoever_goes_on_without_a_verified_token_fails(verdicts: Verdicts, edits: list[tuple[str, str]]) -> None:
    tree = app(None, *(("app/auth.py", old, new) for old, new in edits))
    (failure,) = failed(verdicts(tree, "CK205"))
    assert failure.evidence[-1].message == "ChatKit acts all the same"


def test_a_switch_that_is_off_by_default_fails(verdicts: Verdicts) -> None:
    tree = app(
        None,
        ("app/settings.py", "    jwt_public_key: str\n", "    jwt_public_key: str\n    auth_disabled: bool = True\n"),
        (
            "app/auth.py",
            "    scheme, _",
            '    if settings.auth_disabled:\n        return Caller(settings.jwt_audience, "")\n    scheme, _',
        ),
    )
    assert outcomes(verdicts(tree, "CK205")) == {Outcome.FAIL}
    tree["app/settings.py"] = tree["app/settings.py"].replace(
        "auth_disabled: bool = True", "auth_disabled: bool = False"
    )
    assert outcomes(verdicts(tree, "CK205")) == {Outcome.PASS}


def test_refusal_in_every_branch_passes(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(app(), "CK205")) == {Outcome.PASS}


def test_where_nothing_is_verified_it_does_not_apply(verdicts: Verdicts) -> None:
    tree = app({"app/auth.py": EVERYBODY})
    assert outcomes(verdicts(tree, "CK205")) == {Outcome.NOT_APPLICABLE}
