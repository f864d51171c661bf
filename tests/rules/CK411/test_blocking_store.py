from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import failed
from tests.rules.stores import memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


READS = "        found = self._threads.get((self._user(context), thread_id))\n"


def reading(lines: str, above: str = "") -> dict[str, str]:
    tree = memory((READS, "".join(f"        {line}\n" for line in lines.splitlines()) + READS))
    tree["app/store.py"] = above + tree["app/store.py"]
    return tree


@pytest.mark.parametrize(
    ("lines", "above"),
    [
        ("time.sleep(0.1)", "import time\n"),
        ('requests.get("https://example.com", timeout=3)', "import requests\n"),
        ('with open("log") as file:\n    file.read()', ""),
        ('sqlite3.connect("chat.db").execute("SELECT 1")', "import sqlite3\n"),
        (
            'with Session(engine) as session:\n    session.execute("SELECT 1")',
            "from sqlalchemy.orm import Session\nfrom app.db import engine\n",
        ),
        ('Path("x").write_text("y")', "from pathlib import Path\n"),
        ("context.db.commit()", ""),
        ("self._slow()", "import time\n"),
    ],
)
def test_a_call_that_waits_on_the_loop_fails_where_it_stands(verdicts: Verdicts, lines: str, above: str) -> None:
    tree = reading(lines, above)
    tree["app/store.py"] += "\n    def _slow(self):\n        import time\n        time.sleep(1)\n"
    failures = failed(verdicts(tree, "CK411"))
    assert {failure.subject.name for failure in failures} == {"PostgresStore.load_thread"}


@pytest.mark.parametrize(
    ("lines", "above"),
    [
        ("await asyncio.to_thread(time.sleep, 0.1)", "import asyncio, time\n"),
        ("await asyncio.to_thread(self._slow)", "import asyncio\n"),
        ("await asyncio.get_running_loop().run_in_executor(None, self._slow)", "import asyncio\n"),
        ("await asyncio.to_thread(lambda: time.sleep(1))", "import asyncio, time\n"),
        ("await context.db.commit()", ""),
        ('async with self.db.execute("SELECT 1") as cursor:\n    await cursor.fetchone()', ""),
        ("async with httpx.AsyncClient() as client:\n    await client.get('https://example.com')", "import httpx\n"),
        ("self.cache.get(thread_id)", ""),
    ],
)
def test_what_is_awaited_or_runs_in_a_thread_passes(verdicts: Verdicts, lines: str, above: str) -> None:
    tree = reading(lines, above)
    tree["app/store.py"] += "\n    def _slow(self):\n        import time\n        time.sleep(1)\n"
    assert not failed(verdicts(tree, "CK411"))
