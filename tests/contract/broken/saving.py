"""What is saved comes back otherwise, or cannot be saved again."""

from __future__ import annotations

from typing import Any

from chatkit.types import AssistantMessageItem, Page, ThreadItem, ThreadMetadata
from tests.contract.broken.registry import BROKEN, breaks
from tests.contract.memory import MemoryStore, copied

from chatkit_validate.contract.clauses.items import TYPES


@breaks("threads/round-trip")
class ThreadsWithoutMetadata(MemoryStore):
    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        return (await super().load_thread(thread_id, context)).model_copy(update={"metadata": {}})


@breaks("threads/list-round-trip")
class ListsWithoutMetadata(MemoryStore):
    async def load_threads(self, limit: int, after: str | None, order: str, context: Any) -> Page[ThreadMetadata]:
        page = await super().load_threads(limit, after, order, context)
        return page.model_copy(update={"data": [ThreadMetadata(id=t.id, created_at=t.created_at) for t in page.data]})


@breaks("threads/nul")
class TitlesAsPostgresText(MemoryStore):
    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        if "\0" in (thread.title or ""):
            raise ValueError("invalid byte sequence for encoding UTF8: 0x00")
        await super().save_thread(thread, context)


@breaks("attachments/round-trip")
class AttachmentsWithoutDescriptor(MemoryStore):
    async def load_attachment(self, attachment_id: str, context: Any) -> Any:
        found = await super().load_attachment(attachment_id, context)
        return found.model_copy(update={"upload_descriptor": None})


def _losing(kind: str) -> type[MemoryStore]:
    class Losing(MemoryStore):
        """Keeps one type as a role and a text."""

        async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
            found = await super().load_item(thread_id, item_id, context)
            if found.type != kind:
                return found
            head = found.model_dump(include={"id", "thread_id", "created_at"})
            if kind == "assistant_message":
                return AssistantMessageItem(**head, content=[])
            return AssistantMessageItem.model_validate({**head, "content": [{"text": "a text"}]})

    return Losing


for _kind in TYPES:
    BROKEN[f"items/{_kind}"] = _losing(_kind)


@breaks("items/nul")
class ItemsAsJsonb(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if "\\u0000" in item.model_dump_json():
            raise ValueError("unsupported Unicode escape sequence: \\u0000 cannot be converted to text")
        await super().add_thread_item(thread_id, item, context)


@breaks("items/long")
class ItemsInAColumnWithALength(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if len(item.model_dump_json()) > 65535:
            raise ValueError("data too long for column 'body'")
        await super().add_thread_item(thread_id, item, context)


@breaks("items/falsy-output")
class OutputsWhereTrue(MemoryStore):
    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if item.type == "client_tool_call":
            item = item.model_copy(update={"output": item.output or None})
        await super().save_item(thread_id, item, context)


@breaks("upserts/save_thread")
class ThreadsInsertedOnly(MemoryStore):
    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        if (context.user_id, thread.id) in self.threads.rows:
            raise ValueError("duplicate key value violates unique constraint")
        await super().save_thread(thread, context)


@breaks("upserts/save_thread-with-items")
class ThreadsAsTheyCome(MemoryStore):
    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        self.threads.rows[context.user_id, thread.id] = copied(thread)


@breaks("upserts/save_thread-keeps-items")
class ThreadsDeletedAndInserted(MemoryStore):
    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        if (context.user_id, thread.id) in self.threads.rows:
            await self.delete_thread(thread.id, context)
        await super().save_thread(thread, context)


@breaks("upserts/add_thread_item")
class ItemsInsertedOnly(MemoryStore):
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if (context.user_id, thread_id, item.id) in self.items.rows:
            raise ValueError("duplicate key value violates unique constraint")
        await super().add_thread_item(thread_id, item, context)


@breaks("upserts/save_item-new")
class ItemsUpdatedOnly(MemoryStore):
    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if (context.user_id, thread_id, item.id) in self.items.rows:
            await super().save_item(thread_id, item, context)


@breaks("upserts/save_item-in-place")
class ItemsDeletedAndInserted(MemoryStore):
    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await self.delete_thread_item(thread_id, item.id, context)
        await super().save_item(thread_id, item, context)


@breaks("upserts/save_attachment")
class AttachmentsInsertedOnly(MemoryStore):
    async def save_attachment(self, attachment: Any, context: Any) -> None:
        if (context.user_id, attachment.id) not in self.attachments.rows:
            await super().save_attachment(attachment, context)
