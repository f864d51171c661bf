from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

CALL = "asyncpg.create_pool(settings.taskflow_chatkit_database_url, timeout=5)"
LONG = "postgresql+asyncpg://chat@db/chat"


def opening(call: str, above: str = "", **files: str) -> dict[str, str]:
    tree = app(files, ("app/main.py", CALL, call))
    tree["app/main.py"] = tree["app/main.py"].replace("import logging\n", f"import logging\nimport os\n{above}\n", 1)
    return tree


@pytest.mark.parametrize(
    ("call", "above"),
    [
        (f'asyncpg.create_pool("{LONG}")', ""),
        ("asyncpg.create_pool(dsn=URL)", f'URL = "{LONG}"'),
        (f'asyncpg.connect(os.getenv("DATABASE_URL", "{LONG}"))', ""),
        ("asyncpg.create_pool(url())", f'def url():\n    return "{LONG}"'),
        ("asyncpg.create_pool(URL.replace('postgresql://', 'postgresql+asyncpg://'))", 'URL = os.environ["ROWS"]'),
        ("asyncpg.create_pool(URL.replace('postgresql', 'postgresql+asyncpg://'))", 'URL = "postgresql"'),
        ('asyncpg.create_pool(f"postgresql+asyncpg://{os.environ["HOST"]}/x")'.replace('["HOST"]', "['HOST']"), ""),
    ],
)
def test_a_sqlalchemy_url_fails(verdicts: Verdicts, call: str, above: str) -> None:
    assert outcomes(verdicts(opening(call, above), "CK307")) == {Outcome.FAIL}


def test_the_example_file_counts(verdicts: Verdicts) -> None:
    tree = app({".env.example": f"TASKFLOW_CHATKIT_DATABASE_URL={LONG}\n"})
    (failure,) = failed(verdicts(tree, "CK307"))
    assert failure.evidence[0].where.path == ".env.example"


@pytest.mark.parametrize(
    ("call", "above"),
    [
        ('asyncpg.create_pool("postgresql://chat@db/chat")', ""),
        ('asyncpg.create_pool(URL.replace("+asyncpg", ""))', f'URL = "{LONG}"'),
        ('asyncpg.create_pool(os.environ["DATABASE_URL"])', ""),
        ('asyncpg.create_pool(os.environ["ROWS"].replace("postgresql+asyncpg://", "postgresql://"))', ""),
        ('asyncpg.create_pool(URL.removeprefix("postgresql+asyncpg"))', f'URL = "{LONG}"'),
    ],
)
def test_a_plain_url_and_a_stripped_one_pass(verdicts: Verdicts, call: str, above: str) -> None:
    assert outcomes(verdicts(opening(call, above), "CK307")) == {Outcome.PASS}


def test_without_asyncpg_it_does_not_apply(verdicts: Verdicts) -> None:
    call = f'create_async_engine("{LONG}")'
    tree = opening(call, "from sqlalchemy.ext.asyncio import create_async_engine")
    tree["app/main.py"] = tree["app/main.py"].replace(f"await {call}", call)
    assert outcomes(verdicts(tree, "CK307")) == {Outcome.NOT_APPLICABLE}
