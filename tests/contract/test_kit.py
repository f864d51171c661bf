"""The pytest class, on a correct and on a broken store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.chatkit_store import PostgresStore, StoreConfig
from chatkit_validate.contract.kit import StoreContract
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytest_plugins = ["pytester"]

SUITE = """
import pytest
from chatkit_validate.contract.kit import StoreContract
from tests.contract.broken.paging import CursorByTime

class TestMyStore(StoreContract):
    processes = False

    @pytest.fixture
    def store(self):
        return CursorByTime()

class TestItsContext(StoreContract):
    attachments = False
    processes = False

    @staticmethod
    def make_context(user_id):
        raise OSError("no users here")

    @pytest.fixture
    def store(self):
        return CursorByTime()
"""


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(ROOT / "validators"))))


def test_a_broken_store_fails_the_tests_of_the_clauses_it_breaks(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    run = pytester.runpytest_subprocess("-k", "TestMyStore and paging", "-p", "no:cacheprovider", "-rs")
    failed = {"paging/items-ties-each-once", "paging/threads-ties-each-once"}
    run.assert_outcomes(passed=21, failed=len(failed))
    run.stdout.fnmatch_lines(
        [
            "CK410 cursor-loses-ties: load_thread_items (paging/items-ties-each-once)",
            "*expected: paging shows every row once where all times are equal",
            "*got: *paging asc with limit 1 through 5 rows with equal created_at loses 4 and repeats 0",
        ]
    )
    assert "Traceback" not in run.stdout.str()


def test_a_declared_capability_skips_with_its_reason(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    run = pytester.runpytest_subprocess("-k", "TestMyStore and processes", "-p", "no:cacheprovider", "-rs")
    run.assert_outcomes(skipped=1)
    run.stdout.fnmatch_lines(["*the store is declared to live in one process"])


def test_a_context_that_cannot_be_built_fails_with_what_to_do(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    run = pytester.runpytest_subprocess("-k", "TestItsContext and works/load_thread", "-p", "no:cacheprovider")
    assert run.ret == 1
    run.stdout.fnmatch_lines(["*make_context('alice-*: no users here*"])


class TestReferenceStore(StoreContract):
    """The reference app's store keeps to every clause."""

    processes = False

    @pytest_asyncio.fixture
    async def store(self, database_url: str) -> AsyncIterator[PostgresStore]:
        store = PostgresStore(StoreConfig(database_url=SecretStr(database_url)))
        await store.initialize_schema()
        yield store
        await store.close()

    @pytest.fixture(scope="class")
    def database_url(self, new_database) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001 - from the fixtures
        return str(new_database())
