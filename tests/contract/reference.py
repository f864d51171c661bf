"""The reference app's store, as a factory that the contract can open."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.chatkit_store import PostgresStore, StoreConfig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def make_store() -> AsyncIterator[PostgresStore]:
    """Opens the store of TASKFLOW_CHATKIT_DATABASE_URL."""
    store = PostgresStore(StoreConfig())  # type: ignore[call-arg] # from the environment
    await store.initialize_schema()
    try:
        yield store
    finally:
        await store.close()
