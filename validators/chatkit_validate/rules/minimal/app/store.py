import asyncpg
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter

from app.auth import Caller

ITEM = TypeAdapter(ThreadItem)
ATTACHMENT = TypeAdapter(Attachment)
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS chat;
CREATE TABLE IF NOT EXISTS chat.records (
    seq bigserial, user_id text, kind text, thread_id text, id text, body text,
    PRIMARY KEY (user_id, kind, id)
);
"""


def possible(id: str) -> str:
    if "\0" in id:  # PostgreSQL refuses it with an error of its own
        raise NotFoundError("No id has a NUL")
    return id


class PostgresStore(Store[Caller]):
    def __init__(self, pool: asyncpg.Pool):
        self.pool = pool

    async def initialize_schema(self) -> None:
        await self.pool.execute(SCHEMA)

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        return ThreadMetadata.model_validate_json(await self._load("thread", thread_id, context))

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        plain = ThreadMetadata(**thread.model_dump(exclude={"items"}))
        await self._save("thread", thread.id, thread.id, plain.model_dump_json(), context)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        bodies, after = await self._page("thread", None, limit, after, order, context)
        return Page(
            data=[ThreadMetadata.model_validate_json(b) for b in bodies], has_more=after is not None, after=after
        )

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        bodies, after = await self._page("item", possible(thread_id), limit, after, order, context)
        return Page(data=[ITEM.validate_json(b) for b in bodies], has_more=after is not None, after=after)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self._save("item", thread_id, item.id, ITEM.dump_json(item).decode(), context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self._save("item", thread_id, item.id, ITEM.dump_json(item).decode(), context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        return ITEM.validate_json(await self._load("item", item_id, context, thread_id))

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await self.pool.execute(
            "DELETE FROM chat.records WHERE user_id = $1 AND thread_id = $2", context.user_id, possible(thread_id)
        )

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self._delete("item", item_id, context, thread_id)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await self._save("attachment", None, attachment.id, ATTACHMENT.dump_json(attachment).decode(), context)

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        return ATTACHMENT.validate_json(await self._load("attachment", attachment_id, context))

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self._delete("attachment", attachment_id, context)

    async def _load(self, kind: str, id: str, context: Caller, thread_id: str | None = None) -> str:
        body = await self.pool.fetchval(
            "SELECT body FROM chat.records WHERE user_id = $1 AND kind = $2 AND id = $3"
            " AND ($4::text IS NULL OR thread_id = $4)",
            context.user_id,
            kind,
            possible(id),
            thread_id,
        )
        if body is None:
            raise NotFoundError(f"No {kind} {id}")
        return body

    async def _save(self, kind: str, thread_id: str | None, id: str, body: str, context: Caller) -> None:
        await self.pool.execute(
            "INSERT INTO chat.records (user_id, kind, thread_id, id, body) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (user_id, kind, id) DO UPDATE SET body = excluded.body",
            context.user_id,
            kind,
            thread_id,
            id,
            body,
        )

    async def _delete(self, kind: str, id: str, context: Caller, thread_id: str | None = None) -> None:
        await self.pool.execute(
            "DELETE FROM chat.records WHERE user_id = $1 AND kind = $2 AND id = $3"
            " AND ($4::text IS NULL OR thread_id = $4)",
            context.user_id,
            kind,
            possible(id),
            thread_id,
        )

    async def _page(self, kind, thread_id, limit, after, order, context):
        descending = order == "desc"
        start = None
        if after is not None:
            start = await self.pool.fetchval(
                "SELECT seq FROM chat.records WHERE user_id = $1 AND kind = $2 AND id = $3",
                context.user_id,
                kind,
                possible(after),
            )
            if start is None:
                raise NotFoundError(f"No {kind} {after}")
        limit = max(1, min(limit, 100))
        rows = await self.pool.fetch(
            "SELECT id, body FROM chat.records WHERE user_id = $1 AND kind = $2"
            " AND ($3::text IS NULL OR thread_id = $3)"
            f" AND ($4::bigint IS NULL OR seq {'<' if descending else '>'} $4)"
            f" ORDER BY seq {'DESC' if descending else 'ASC'} LIMIT $5",
            context.user_id,
            kind,
            thread_id,
            start,
            limit + 1,
        )
        bodies = [row["body"] for row in rows[:limit]]
        return bodies, rows[limit - 1]["id"] if len(rows) > limit else None
