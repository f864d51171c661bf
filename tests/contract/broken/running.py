"""Many calls at once, cancelled calls, and calls in combination."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.contract.broken.registry import BROKEN, breaks
from tests.contract.memory import MemoryStore, copied

if TYPE_CHECKING:
    from chatkit.types import ThreadItem, ThreadMetadata


@breaks("concurrency/writes", "concurrency/reads")
class OneConnection(MemoryStore):
    busy = False

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if self.busy:
            raise RuntimeError("cannot perform operation: another operation is in progress")
        self.busy = True
        try:
            await super().add_thread_item(thread_id, item, context)
        finally:
            self.busy = False


@breaks("concurrency/users")
class UserOnTheStore(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        self.context = context
        await asyncio.sleep(0)
        await super().add_thread_item(thread_id, item, self.context)


@breaks("concurrency/same-item", "concurrency/same-thread")
class LooksAndInserts(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        known = (context.user_id, thread_id, item.id) in self.items.rows
        await asyncio.sleep(0)
        if not known and (context.user_id, thread_id, item.id) in self.items.rows:
            raise ValueError("duplicate key value violates unique constraint")
        self.items.rows[context.user_id, thread_id, item.id] = copied(item)

    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        known = (context.user_id, thread.id) in self.threads.rows
        await asyncio.sleep(0)
        if not known and (context.user_id, thread.id) in self.threads.rows:
            raise ValueError("duplicate key value violates unique constraint")
        self.threads.rows[context.user_id, thread.id] = copied(thread)


@breaks("concurrency/own-copies")
class HandsOutItsOwn(MemoryStore):
    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        return self.threads.load(context.user_id, thread_id)


BROKEN["processes/shared"] = MemoryStore  # the correct one, which keeps everything in one process


@breaks("cancellation/add_thread_item")
class LeakyPool(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Semaphore(5)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await self.free.acquire()
        await super().add_thread_item(thread_id, item, context)
        self.free.release()


@breaks("cancellation/save_thread")
class DeleteThenInsert(MemoryStore):
    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        self.threads.rows.pop((context.user_id, thread.id), None)
        await super().save_thread(thread, context)


@breaks("cancellation/delete_thread")
class ItemsFirstThenThread(MemoryStore):
    async def delete_thread(self, thread_id: str, context: Any) -> None:
        for key in [key for key in self.items.rows if key[:2] == (context.user_id, thread_id)]:
            del self.items.rows[key]
        await asyncio.sleep(0)
        self.threads.rows.pop((context.user_id, thread_id), None)


@breaks("machine/model")
class RemembersDeletedItems(MemoryStore):
    """An item deleted and added again stands where the first one stood."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[tuple[str, ...], int] = {}

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.places.setdefault((context.user_id, thread_id, item.id), len(self.places))
        self.items.rows = dict(sorted(self.items.rows.items(), key=lambda row: self.places[row[0]]))
