"""Stores in the shapes that people write them, each sound, to be broken by one edit."""

from __future__ import annotations

from tests.rules.apps import app

HEAD = """
import json
from collections import defaultdict
from datetime import datetime
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter

ITEM = TypeAdapter(ThreadItem)
"""

MEMORY = (
    HEAD
    + """

class PostgresStore(Store[dict]):
    def __init__(self, pool):
        self._threads = {}
        self._items = defaultdict(list)
        self._attachments = {}

    async def initialize_schema(self):
        self._ready = True

    def _user(self, context):
        return context.user_id

    async def load_thread(self, thread_id, context):
        found = self._threads.get((self._user(context), thread_id))
        if found is None:
            raise NotFoundError(thread_id)
        return found.model_copy(deep=True)

    async def save_thread(self, thread, context):
        self._threads[self._user(context), thread.id] = thread.model_copy(deep=True)

    async def load_threads(self, limit, after, order, context):
        mine = [thread for (user, _), thread in self._threads.items() if user == self._user(context)]
        return self._page(mine, after, limit, order)

    async def delete_thread(self, thread_id, context):
        self._threads.pop((self._user(context), thread_id), None)
        self._items.pop((self._user(context), thread_id), None)

    async def load_thread_items(self, thread_id, after, limit, order, context):
        return self._page(self._items.get((self._user(context), thread_id), []), after, limit, order)

    async def add_thread_item(self, thread_id, item, context):
        await self.load_thread(thread_id, context)
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id, item, context):
        items = self._items[self._user(context), thread_id]
        for position, known in enumerate(items):
            if known.id == item.id:
                items[position] = item
                return
        items.append(item)

    async def load_item(self, thread_id, item_id, context):
        for item in self._items.get((self._user(context), thread_id), []):
            if item.id == item_id:
                return item
        raise NotFoundError(item_id)

    async def delete_thread_item(self, thread_id, item_id, context):
        key = (self._user(context), thread_id)
        self._items[key] = [item for item in self._items.get(key, []) if item.id != item_id]

    async def save_attachment(self, attachment, context):
        self._attachments[self._user(context), attachment.id] = attachment

    async def load_attachment(self, attachment_id, context):
        if (self._user(context), attachment_id) not in self._attachments:
            raise NotFoundError(attachment_id)
        return self._attachments[self._user(context), attachment_id]

    async def delete_attachment(self, attachment_id, context):
        self._attachments.pop((self._user(context), attachment_id), None)

    def _page(self, rows, after, limit, order):
        rows = list(reversed(rows)) if order == "desc" else list(rows)
        if after is not None:
            places = {row.id: place for place, row in enumerate(rows)}
            if after not in places:
                raise NotFoundError(after)
            rows = rows[places[after] + 1 :]
        size = max(1, min(limit, 100))
        shown = rows[:size]
        more = len(rows) > size
        return Page(data=shown, has_more=more, after=shown[-1].id if more else None)
"""
)

MODELS = """
from datetime import datetime

from sqlalchemy import BigInteger, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Thread(Base):
    __tablename__ = "threads"
    user_id: Mapped[str] = mapped_column(String, primary_key=True)
    id: Mapped[str] = mapped_column(String, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, autoincrement=True)
    body: Mapped[str]


class Item(Base):
    __tablename__ = "items"
    user_id: Mapped[str] = mapped_column(String, primary_key=True)
    id: Mapped[str] = mapped_column(String, primary_key=True)
    thread_id: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger, autoincrement=True)
    body: Mapped[str]
    created_at: Mapped[datetime]
"""

ORM = (
    HEAD
    + """
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.models import Item, Thread


def possible(id):
    if "\\0" in id:
        raise NotFoundError("no id has a NUL")
    return id


class PostgresStore(Store[dict]):
    def __init__(self, pool):
        self.sessions = async_sessionmaker(pool, expire_on_commit=False)

    async def initialize_schema(self):
        self._ready = True

    async def _thread(self, session, thread_id, context):
        row = await session.get(Thread, (context.user_id, possible(thread_id)))
        if row is None:
            raise NotFoundError(thread_id)
        return row

    async def load_thread(self, thread_id, context):
        async with self.sessions() as session:
            row = await self._thread(session, thread_id, context)
            return ThreadMetadata.model_validate(json.loads(row.body))

    async def save_thread(self, thread, context):
        async with self.sessions() as session, session.begin():
            row = await session.get(Thread, (context.user_id, thread.id))
            if row is None:
                session.add(Thread(user_id=context.user_id, id=thread.id, body=thread.model_dump_json()))
            else:
                row.body = thread.model_dump_json()

    async def load_threads(self, limit, after, order, context):
        query = select(Thread).where(Thread.user_id == context.user_id)
        async with self.sessions() as session:
            rows = await self._rows(session, Thread, query, after, limit, order, context)
        return self._page([ThreadMetadata.model_validate_json(row.body) for row in rows], limit)

    async def delete_thread(self, thread_id, context):
        async with self.sessions() as session, session.begin():
            items = delete(Item).where(Item.user_id == context.user_id, Item.thread_id == possible(thread_id))
            await session.execute(items)
            await session.execute(delete(Thread).where(Thread.user_id == context.user_id, Thread.id == thread_id))

    async def load_thread_items(self, thread_id, after, limit, order, context):
        async with self.sessions() as session:
            await self._thread(session, thread_id, context)
            query = select(Item).where(Item.user_id == context.user_id, Item.thread_id == thread_id)
            rows = await self._rows(session, Item, query, after, limit, order, context)
        return self._page([ITEM.validate_json(row.body) for row in rows], limit)

    async def add_thread_item(self, thread_id, item, context):
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id, item, context):
        async with self.sessions() as session, session.begin():
            await self._thread(session, thread_id, context)
            found = await session.execute(
                select(Item).where(Item.user_id == context.user_id, Item.id == item.id)
            )
            row = found.scalar_one_or_none()
            body = item.model_dump_json()
            if row is None:
                session.add(
                    Item(
                        user_id=context.user_id, id=item.id, thread_id=thread_id, body=body,
                        created_at=item.created_at,
                    )
                )
            else:
                row.body = body

    async def load_item(self, thread_id, item_id, context):
        async with self.sessions() as session:
            row = await session.scalar(
                select(Item).where(
                    Item.user_id == context.user_id, Item.thread_id == possible(thread_id), Item.id == possible(item_id)
                )
            )
        if row is None:
            raise NotFoundError(item_id)
        return ITEM.validate_json(row.body)

    async def delete_thread_item(self, thread_id, item_id, context):
        async with self.sessions() as session, session.begin():
            await session.execute(
                delete(Item).where(
                    Item.user_id == context.user_id, Item.thread_id == possible(thread_id), Item.id == possible(item_id)
                )
            )

    async def save_attachment(self, attachment, context):
        raise NotImplementedError

    async def load_attachment(self, attachment_id, context):
        raise NotImplementedError

    async def delete_attachment(self, attachment_id, context):
        raise NotImplementedError

    async def _rows(self, session, model, query, after, limit, order, context):
        if after is not None:
            start = await session.scalar(
                select(model.seq).where(model.user_id == context.user_id, model.id == possible(after))
            )
            if start is None:
                raise NotFoundError(after)
            query = query.where(model.seq < start if order == "desc" else model.seq > start)
        query = query.order_by(model.seq.desc() if order == "desc" else model.seq.asc())
        found = await session.execute(query.limit(max(1, min(limit, 100)) + 1))
        return list(found.scalars().all())

    def _page(self, rows, limit):
        size = max(1, min(limit, 100))
        more = len(rows) > size
        return Page(data=rows[:size], has_more=more, after=rows[size - 1].id if more else None)
"""
)


def memory(*edits: tuple[str, str]) -> dict[str, str]:
    """The minimal app over a store in memory, with edits of it."""
    return app({"app/store.py": MEMORY}, *(("app/store.py", old, new) for old, new in edits))


def orm(*edits: tuple[str, str]) -> dict[str, str]:
    """The minimal app over a store of SQLAlchemy's ORM, with edits of it."""
    files = {"app/store.py": ORM, "app/models.py": MODELS}
    return app(files, *(("app/store.py", old, new) for old, new in edits))
