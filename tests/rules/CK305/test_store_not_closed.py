from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

CLOSE = "    finally:\n        await pool.close()"


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("from sqlalchemy.ext.asyncio import create_async_engine\nengine = create_async_engine('x')", Level.ADVICE),
        ("from sqlmodel import create_engine\nengine = create_engine('x')", Level.ADVICE),
        (
            "import asyncpg\npool = None\nasync def get():\n    global pool\n    pool = await asyncpg.create_pool()",
            Level.WARNING,
        ),
        (
            "import asyncpg as pg\nclass Db:\n    async def open(self):\n        self.pool = await pg.create_pool()",
            Level.WARNING,
        ),
        (
            "from functools import cache\nimport redis.asyncio as r\n@cache\ndef get():\n    return r.from_url('x')",
            Level.WARNING,
        ),
    ],
)
def test_what_is_kept_and_never_closed_fails(verdicts: Verdicts, line: str, level: Level) -> None:
    tree = app({"app/db.py": line + "\n"}, ("app/server.py", "import anyio\n", "import anyio\nimport app.db\n"))
    (failure,) = failed(verdicts(tree, "CK305"))
    assert (failure.where.path, failure.level) == ("app/db.py", level)


def test_the_pool_of_the_lifespan_must_be_closed(verdicts: Verdicts) -> None:
    tree = app(None, ("app/main.py", CLOSE, "    finally:\n        logger.info('stopped')"))
    assert outcomes(verdicts(tree, "CK305")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "files",
    [
        {"app/db.py": "from sqlalchemy import NullPool, create_engine as e\nengine = e('x', poolclass=NullPool)\n"},
        {"app/db.py": "import asyncpg\nasync def one():\n    c = await asyncpg.connect('x')\n    await c.close()\n"},
        {"app/db.py": "import aiosqlite as a\nasync def one():\n    async with a.connect('x'):\n        pass\n"},
    ],
)
def test_what_keeps_nothing_open_is_not_judged(verdicts: Verdicts, files: dict[str, str]) -> None:
    tree = app(files, ("app/server.py", "import anyio\n", "import anyio\nimport app.db\n"))
    assert outcomes(verdicts(tree, "CK305")) == {Outcome.PASS}


@pytest.mark.parametrize("how", ["await db.engine.dispose()", "await db.stop()", "await engine.dispose()"])
def test_a_dispose_in_the_lifespan_counts_wherever_it_is_written(verdicts: Verdicts, how: str) -> None:
    files = {
        "app/db.py": "from sqlalchemy.ext.asyncio import create_async_engine\nengine = create_async_engine('x')\n\n\n"
        "async def stop():\n    await engine.dispose()\n"
    }
    tree = app(files, ("app/main.py", "        await pool.close()", f"        await pool.close()\n        {how}"))
    tree["app/main.py"] = "import app.db as db\nfrom app.db import engine\n" + tree["app/main.py"]
    assert outcomes(verdicts(tree, "CK305")) == {Outcome.PASS}


def test_a_shutdown_handler_counts(verdicts: Verdicts) -> None:
    files = {"app/db.py": "from sqlmodel import create_engine\nengine = create_engine('x')\n"}
    tree = app(files)
    tree["app/main.py"] = "from app.db import engine\n" + tree["app/main.py"]
    tree["app/main.py"] += '\n\n@app.on_event("shutdown")\ndef stop():\n    engine.dispose()\n'
    assert outcomes(verdicts(tree, "CK305")) == {Outcome.PASS}
