"""Users who see and change what is not theirs; deletes that take too little or too much."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from tests.contract.broken.registry import BROKEN, breaks
from tests.contract.memory import MemoryStore, copied

if TYPE_CHECKING:
    from chatkit.types import Page, ThreadItem, ThreadMetadata


class Anyone:
    """Whom a store without owners takes everyone for."""

    user_id = "anyone"


def _unscoped(method: str) -> type[MemoryStore]:
    class Unscoped(MemoryStore):
        """Writes with the owner, and does one thing without."""

    @wraps(getattr(MemoryStore, method))
    async def broken(self: Any, *arguments: Any) -> Any:
        *given, context = arguments
        owner = next((key[0] for key in (*self.threads.rows, *self.attachments.rows) if key[-1] in given), "")
        if method == "load_threads":
            owner = next((key[0] for key in self.threads.rows), "")
        return await getattr(MemoryStore, method)(self, *given, type(context)(owner) if owner else context)

    setattr(Unscoped, method, broken)
    return Unscoped


for _method in (
    "load_thread",
    "load_threads",
    "load_thread_items",
    "load_item",
    "load_attachment",
    "delete_thread",
    "delete_thread_item",
    "delete_attachment",
):
    BROKEN[f"isolation/{_method}"] = _unscoped(_method)


@breaks("overwriting/save_thread", "overwriting/save_attachment")
class UpsertsById(MemoryStore):
    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        for key in self.threads.rows:
            if key[1] == thread.id:
                self.threads.rows[key] = copied(thread)
        await super().save_thread(thread, context)

    async def save_attachment(self, attachment: Any, context: Any) -> None:
        for key in self.attachments.rows:
            if key[1] == attachment.id:
                self.attachments.rows[key] = copied(attachment)
        await super().save_attachment(attachment, context)


@breaks("overwriting/save_item", "overwriting/add_thread_item-same-id")
class ItemUpsertsById(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        known = [key for key in self.items.rows if key[2] == item.id]
        for key in known:
            self.items.rows[key] = copied(item)
        if not known:
            await super().add_thread_item(thread_id, item, context)


@breaks("overwriting/add_thread_item-foreign-thread")
class ItemsIntoAnyThread(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        owner = next((key[0] for key in self.threads.rows if key[1] == thread_id), context.user_id)
        await super().add_thread_item(thread_id, item, type(context)(owner))


@breaks("deletes/thread-starts-empty")
class ThreadsWithoutTheirItems(MemoryStore):
    async def delete_thread(self, thread_id: str, context: Any) -> None:
        self.threads.load(context.user_id, thread_id)
        del self.threads.rows[context.user_id, thread_id]


@breaks("deletes/thread-takes-items")
class ItemsOutliveThreads(ThreadsWithoutTheirItems):
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        return self.items.page((context.user_id, thread_id), after, limit, order)


@breaks("deletes/thread-leaves-list")
class AllThreadsDeleted(MemoryStore):
    async def delete_thread(self, thread_id: str, context: Any) -> None:
        self.threads.load(context.user_id, thread_id)
        self.threads.rows.clear()
        self.items.rows.clear()


@breaks("deletes/item-leaves-page")
class LaterItemsDeletedToo(MemoryStore):
    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        keys = [key for key in self.items.rows if key[:2] == (context.user_id, thread_id)]
        for key in keys[keys.index((context.user_id, thread_id, item_id)) :]:
            del self.items.rows[key]


@breaks("deletes/item-of-other-thread")
class ItemsDeletedByIdAlone(MemoryStore):
    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        del thread_id
        for key in [key for key in self.items.rows if (key[0], key[2]) == (context.user_id, item_id)]:
            del self.items.rows[key]
