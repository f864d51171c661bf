"""What the store costs beside its own SQL on bare asyncpg."""

from __future__ import annotations

import statistics
import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
from chatkit.types import AssistantMessageContent, AssistantMessageItem, ThreadMetadata
from pydantic import SecretStr

from app.chatkit_store import PostgresStore, RequestContext, StoreConfig, paging

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CONTEXT = RequestContext(user_id="bench", request_id="-", access_token="-")  # noqa: S106 - no token at all
SELECT_THREAD = "SELECT data FROM taskflow_chat.threads WHERE user_id = $1 AND id = $2"


async def report(database_url: str, rounds: int) -> None:
    """Print the rows about the store: operations per second, one after the other on one connection."""
    store = PostgresStore(StoreConfig(database_url=SecretStr(database_url)))
    await _fill(store)
    as_it_comes = await asyncpg.create_pool(store.config.asyncpg_dsn, min_size=1, max_size=1)
    stripped = await asyncpg.create_pool(store.config.asyncpg_dsn, min_size=1, max_size=1, reset=_no_reset)

    async def page() -> object:
        return await store.load_thread_items("thr_bench", None, 20, "desc", CONTEXT)

    async def thread() -> object:
        return await store.load_thread("thr_bench", CONTEXT)

    print(f"\n{'':<38}{'store':>13} {'raw asyncpg':>13}")
    for pool, kind in ((as_it_comes, "pool.fetch"), (stripped, "pool.fetch, no reset")):
        raw_page = partial(pool.fetch, paging.ITEMS_NEWEST_FIRST, "bench", "thr_bench", None, 21)
        raw_thread = partial(pool.fetchrow, SELECT_THREAD, "bench", "thr_bench")
        for what, ours, raw in (("page of 20 items", page, raw_page), ("one thread", thread, raw_thread)):
            mine, other = await _compared(ours, raw, rounds)
            label = f"{what} ({kind})"
            print(f"{label:<38}{mine:>8.0f} op/s {other:>8.0f} op/s {mine / other:>9.0%}")
        await pool.close()
    await store.close()


async def _compared(
    ours: Callable[[], Awaitable[object]], raw: Callable[[], Awaitable[object]], rounds: int
) -> tuple[float, float]:
    """Operations per second of both, from the median of interleaved batches."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for operation, taken in ((ours, times[0]), (raw, times[1])):
            started = time.perf_counter()
            for _ in range(50):
                await operation()
            taken.append((time.perf_counter() - started) / 50)
    return 1 / statistics.median(times[0]), 1 / statistics.median(times[1])


async def _fill(store: PostgresStore) -> None:
    now = datetime(2026, 11, 21)  # noqa: DTZ001 - naive, as ChatKit's own timestamps are
    await store.save_thread(ThreadMetadata(id="thr_bench", created_at=now), CONTEXT)
    for number in range(200):
        content = [AssistantMessageContent(text=f"Answer {number}: " + "some forty words of text " * 10)]
        item = AssistantMessageItem(id=f"msg_{number}", thread_id="thr_bench", created_at=now, content=content)
        await store.add_thread_item("thr_bench", item, CONTEXT)


async def _no_reset(_connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """As the store's own pool: nobody pays for resetting a session that nobody changed."""
