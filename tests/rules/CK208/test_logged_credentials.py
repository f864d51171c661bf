from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

BODY = "    body = await request.body()\n    try:\n        await refuse"


def logging(statement: str) -> dict[str, str]:
    lines = "".join(f"    {line}\n" for line in statement.split("\n"))
    return app(None, ("app/main.py", BODY, lines + BODY))


@pytest.mark.parametrize(
    "statement",
    [
        "print(request.headers)",
        'logger.info("headers %s", dict(request.headers))',
        'logging.debug(f"{request.headers.items()}")',
        "for name, value in request.headers.items():\n    print(name, value)",
        'logger.warning("auth: " + request.headers.get("authorization"))',
        'logger.info("token %s", request.headers["Authorization"].split(" ")[1])',
        'token = request.headers.get("Authorization", "")[7:]\nlogger.info("token %s...", token[:20])',
        'logger.info("cookies %s", request.cookies)',
        'logger.info("caller %s", caller.token)',
        'message = f"{caller.token}"\nlogger.info(message)',
        'with open("debug.log", "a") as out:\n    out.write(f"{dict(request.headers)}")',
        'import os\nprint(os.getenv("OPENAI_API_KEY"))',
        'from loguru import logger as other\nother.info({"authorization": request.headers.get("authorization")})',
        "from app.settings import settings as s\nprint(s)",
    ],
)
def test_what_shows_a_credential_fails(verdicts: Verdicts, statement: str) -> None:
    tree = logging(statement)
    tree["app/settings.py"] = tree["app/settings.py"].replace(
        "    jwt_public_key", '    jwt_secret: str = ""\n    jwt_public_key'
    )
    failures = failed(verdicts(tree, "CK208"))
    assert failures
    assert all(failure.where.path == "app/main.py" and failure.level is Level.WARNING for failure in failures)


@pytest.mark.parametrize(
    "statement",
    [
        'logger.info("auth there: %s", "authorization" in request.headers)',
        'logger.info("agent %s", request.headers.get("user-agent"))',
        "print(len(caller.token), bool(caller.token), caller.token is not None)",
        'import hashlib\nlogger.info("%s", hashlib.sha256(caller.token.encode()).hexdigest())',
        'logger.info("user %s", caller.user_id)',
        'logger.info("names %s", list(request.headers.keys()))',
        'token_count = 3\nlogger.info("used %s of %s", token_count, 5)',
        "for token in ['a', 'b']:\n    print(token)",
        'logger.info("masked %s", mask(caller.token))',
        'results.write(f"{caller.token}")',
    ],
)
def test_what_says_nothing_of_a_credential_passes(verdicts: Verdicts, statement: str) -> None:
    assert outcomes(verdicts(logging(statement), "CK208")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "statement", ["print(await request.body())", 'payload = await request.json()\nlogger.debug("%s", payload)']
)
def test_a_body_is_advice(verdicts: Verdicts, statement: str) -> None:
    (failure,) = failed(verdicts(logging(statement), "CK208"))
    assert failure.level is Level.ADVICE


def test_a_middleware_of_another_module_counts_and_a_script_does_not(verdicts: Verdicts) -> None:
    files = {
        "app/seen.py": "import logging\n\n\nasync def seen(request, call_next):\n"
        "    logging.info(request.headers)\n    return await call_next(request)\n",
        "scripts/tool.py": "import sys\nprint(sys.argv, token)\n",
    }
    tree = app(files, ("app/main.py", "app.add_middleware(", 'app.middleware("http")(seen)\napp.add_middleware('))
    tree["app/main.py"] = tree["app/main.py"].replace("import logging\n", "import logging\nfrom app.seen import seen\n")
    assert {failure.where.path for failure in failed(verdicts(tree, "CK208"))} == {"app/seen.py"}
