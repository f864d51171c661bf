from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

CALL = "        await store.initialize_schema()\n"


@pytest.mark.parametrize("name", ["initialize_schema", "connect", "init_db", "create_tables", "ensure_schema", "setup"])
def test_a_preparation_that_nothing_calls_fails(verdicts: Verdicts, name: str) -> None:
    tree = app(None, ("app/main.py", CALL, ""), ("app/store.py", "async def initialize_schema", f"async def {name}"))
    (failure,) = failed(verdicts(tree, "CK304"))
    assert failure.where.path == "app/store.py"


@pytest.mark.parametrize(
    "edit",
    [
        ("app/main.py", CALL, CALL),
        ("app/main.py", CALL, "        await prepare(store)\n"),
        (
            "app/store.py",
            "        self.pool = pool\n",
            "        self.pool = pool\n        self.ready = self.initialize_schema()\n",
        ),
    ],
)
def test_a_call_at_start_or_by_the_store_itself_passes(verdicts: Verdicts, edit: tuple[str, str, str]) -> None:
    tree = app(None, edit)
    tree["app/main.py"] += "\n\nasync def prepare(what):\n    await what.initialize_schema()\n"
    assert outcomes(verdicts(tree, "CK304")) == {Outcome.PASS}


def test_a_store_without_preparation_passes(verdicts: Verdicts) -> None:
    tree = app(None, ("app/main.py", CALL, ""))
    start = tree["app/store.py"].index("    async def initialize_schema")
    end = tree["app/store.py"].index("    async def load_thread(")
    tree["app/store.py"] = tree["app/store.py"][:start] + tree["app/store.py"][end:]
    assert outcomes(verdicts(tree, "CK304")) == {Outcome.PASS}


@pytest.mark.parametrize("line", ["        store.initialize_schema\n", "        store.initialize_schema()\n"])
def test_naming_it_or_dropping_its_coroutine_prepares_nothing(verdicts: Verdicts, line: str) -> None:
    assert outcomes(verdicts(app(None, ("app/main.py", CALL, line)), "CK304")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "line", ["        await Rows().initialize_schema()\n", "        await pool.initialize_schema()\n"]
)
def test_a_call_on_another_object_prepares_nothing(verdicts: Verdicts, line: str) -> None:
    tree = app(None, ("app/main.py", CALL, line))
    tree["app/main.py"] += "\n\nclass Rows:\n    async def initialize_schema(self):\n        pass\n"
    assert outcomes(verdicts(tree, "CK304")) == {Outcome.FAIL}
