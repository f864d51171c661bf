"""A store that keeps to the whole contract, in memory: what the broken ones are made from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    user_id: str


class Rows(Generic[T]):
    """Rows by key, in the order in which they were first written."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], T] = {}

    def load(self, *key: str) -> T:
        if key not in self.rows:
            raise NotFoundError(f"nothing under {key}")
        return self.rows[key]

    def page(self, scope: tuple[str, ...], after: str | None, limit: int, order: str) -> Page[Any]:
        ids = [key[-1] for key in self.rows if key[:-1] == scope]
        if order == "desc":
            ids.reverse()
        if after is not None:
            if after not in ids:
                raise NotFoundError(f"no {after}")
            ids = ids[ids.index(after) + 1 :]
        shown = ids[: max(1, min(limit, 100))]
        more = len(shown) < len(ids)
        data = [copied(self.rows[(*scope, one)]) for one in shown]
        return Page(data=data, has_more=more, after=shown[-1] if more else None)


def copied(value: Any) -> Any:
    return value.model_copy(deep=True)


class MemoryStore(Store[Caller]):
    """Lets the loop go on in the middle of every call, as one that talks to a database does."""

    def __init__(self) -> None:
        self.threads: Rows[ThreadMetadata] = Rows()
        self.items: Rows[ThreadItem] = Rows()
        self.attachments: Rows[Attachment] = Rows()

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        await asyncio.sleep(0)
        return copied(self.threads.load(context.user_id, thread_id))  # type: ignore[no-any-return]

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await asyncio.sleep(0)
        self.threads.rows[context.user_id, thread.id] = ThreadMetadata(**thread.model_dump(exclude={"items"}))

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        await asyncio.sleep(0)
        return self.threads.page((context.user_id,), after, limit, order)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await asyncio.sleep(0)
        self.threads.load(context.user_id, thread_id)
        for key in [key for key in self.items.rows if key[:2] == (context.user_id, thread_id)]:
            del self.items.rows[key]
        del self.threads.rows[context.user_id, thread_id]

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await asyncio.sleep(0)
        self.threads.load(context.user_id, thread_id)
        return self.items.page((context.user_id, thread_id), after, limit, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await asyncio.sleep(0)
        self.threads.load(context.user_id, thread_id)
        self.items.rows[context.user_id, thread_id, item.id] = copied(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        await asyncio.sleep(0)
        return copied(self.items.load(context.user_id, thread_id, item_id))  # type: ignore[no-any-return]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await asyncio.sleep(0)
        self.items.rows.pop((context.user_id, thread_id, item_id), None)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await asyncio.sleep(0)
        self.attachments.rows[context.user_id, attachment.id] = copied(attachment)

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        await asyncio.sleep(0)
        return copied(self.attachments.load(context.user_id, attachment_id))  # type: ignore[no-any-return]

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await asyncio.sleep(0)
        self.attachments.load(context.user_id, attachment_id)
        del self.attachments.rows[context.user_id, attachment_id]
