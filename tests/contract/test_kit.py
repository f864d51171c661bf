"""The pytest class, on a correct and on a broken store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.chatkit_store import PostgresStore, StoreConfig
from chatkit_validate.contract.kit import StoreContract

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytest_plugins = ["pytester"]


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
