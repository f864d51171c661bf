from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

GOOD = 'return Caller(user_id=claims["sub"], token=token)'


def calling(user: str, above: str = "") -> dict[str, str]:
    lines = "".join(f"    {line}\n" for line in above.split("\n") if line)
    return app(None, ("app/auth.py", f"    {GOOD}", f"{lines}    return Caller(user_id={user}, token=token)"))


@pytest.mark.parametrize(
    "user",
    [
        'request.headers["X-User-ID"]',
        'request.headers.get("x-user-id") or claims["sub"]',
        'request.query_params.get("user_id")',
        'request.query_params["user"]',
        'request.cookies["username"]',
        'request.cookies.get("user_id", "")',
        '(await request.json())["user_id"]',
        'request.path_params["user_id"]',
        'request.headers.get("X-Client-Id").strip()',
    ],
)
def test_what_a_client_chooses_fails(verdicts: Verdicts, user: str) -> None:
    (failure,) = failed(verdicts(calling(user), "CK203"))
    assert [note.message for note in failure.evidence] == ["chosen by the client", "becomes part of the context here"]


@pytest.mark.parametrize(
    "check",
    [
        'user = request.headers["X-User-ID"]\nif user != claims["sub"]:\n    raise HTTPException(403)',
        'user = request.headers.get("X-User-ID")\nif not user == claims["sub"]:\n    raise HTTPException(403)',
    ],
)
def test_a_claim_that_must_agree_with_the_token_passes(verdicts: Verdicts, check: str) -> None:
    assert outcomes(verdicts(calling("user", check), "CK203")) == {Outcome.PASS}


def test_a_look_at_its_form_is_no_comparison(verdicts: Verdicts) -> None:
    check = 'user = request.headers["X-User-ID"]\nif user == "":\n    raise HTTPException(400)'
    assert outcomes(verdicts(calling("user", check), "CK203")) == {Outcome.FAIL}


@pytest.mark.parametrize("user", ['claims["sub"]', 'str(claims.get("sub"))', 'f"user-{claims["sub"]}"'])
def test_the_verified_subject_passes(verdicts: Verdicts, user: str) -> None:
    assert outcomes(verdicts(calling(user.replace('"sub"', "'sub'")), "CK203")) == {Outcome.PASS}


def test_a_header_parameter_of_a_dependency_counts(verdicts: Verdicts) -> None:
    tree = calling("x_user_id")
    tree["app/auth.py"] = (
        tree["app/auth.py"]
        .replace("(request: Request)", "(request: Request, x_user_id: str = Header(...))")
        .replace("import HTTPException", "import Header, HTTPException")
    )
    assert outcomes(verdicts(tree, "CK203")) == {Outcome.FAIL}


@pytest.mark.parametrize("other", ['request.headers.get("accept-language")', 'request.headers.get("user-agent")'])
def test_other_headers_name_nobody(verdicts: Verdicts, other: str) -> None:
    tree = app(None, ("app/auth.py", GOOD, f'return Caller(user_id=claims["sub"], token=token + {other})'))
    assert outcomes(verdicts(tree, "CK203")) == {Outcome.PASS}


def test_rows_looked_for_with_the_claim_check_nothing(verdicts: Verdicts) -> None:
    above = (
        "from sqlalchemy import column, select\n"
        'user = request.headers["X-User-ID"]\n'
        'await request.app.state.database.execute(select(column("id")).where(column("user_id") == user))'
    )
    assert failed(verdicts(calling("user", above), "CK203"))
