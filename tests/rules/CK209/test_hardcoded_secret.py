from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

# Made up for this test, and put together here so that no scanner takes it for a leaked one.
KEY = "sk-" + "proj-" + "Zk3vQ9Lm7TxB2cWd8RfYp4HnJs6Ga1"


def written(line: str) -> dict[str, str]:
    return app(
        {"app/keys.py": f"import os\nimport jwt\n\n{line}\n"},
        ("app/server.py", "import anyio\n", "import anyio\nimport app.keys\n"),
    )


@pytest.mark.parametrize(
    "line",
    [
        'JWT_SECRET = "change-me"',
        'SECRET_KEY: str = os.getenv("SECRET_KEY", "dev-secret-key")',
        'SESSION_SECRET = os.environ.get("SESSION_SECRET") or "insecure"',
        f'OPENAI_API_KEY = "{KEY}"',
        f'client = Client("{KEY.replace("-", "")}")',
        f'client = Client(api_key="{KEY}")',
        'def sign(claims, secret_key="fallback-secret"):\n    return jwt.encode(claims, secret_key)',
        'TOKEN = jwt.encode({"sub": "x"}, "a-literal")',
        'DEFAULT_PASSWORD = "demo123"',
        'class Settings:\n    jwt_secret: str = Field(default="not-so-secret")',
    ],
)
def test_a_secret_in_the_code_fails(verdicts: Verdicts, line: str) -> None:
    (failure,) = failed(verdicts(written(line), "CK209"))
    assert failure.where.path == "app/keys.py"


@pytest.mark.parametrize(
    "line",
    [
        'JWT_SECRET = os.environ["JWT_SECRET"]',
        'SECRET_ENV = "JWT_SECRET"\nSECRET_KEY = "JWT_SECRET"',
        'API_KEY = os.getenv("API_KEY", "")',
        'client = Client(api_key="not-needed", base_url="http://localhost:11434")',
        'client = Client(api_key="your-api-key-here")',
        'DOMAIN_KEY = "domain_pk_0123456789abcdef0123456789abcdef"',
        'URL = "postgresql://user:password@localhost/db"',
        'TOKEN_URL = "/auth/token"\ntoken_type = "bearer"',
        'EXAMPLES = {"password": "Passw0rd!23", "access_token": "eyJhbGciOi.abc.def"}',
    ],
)
def test_names_placeholders_and_public_keys_pass(verdicts: Verdicts, line: str) -> None:
    assert outcomes(verdicts(written(line), "CK209")) == {Outcome.PASS}


def test_what_the_application_does_not_import_is_not_judged(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(app({"scripts/seed.py": f'API_KEY = "{KEY}"\n'}), "CK209")) == {Outcome.PASS}
