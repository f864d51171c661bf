"""Pages that lose, repeat, misorder or never end; times that move."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from chatkit.store import NotFoundError
from chatkit.types import Page, ThreadItem, ThreadMetadata
from tests.contract.broken.registry import breaks
from tests.contract.memory import MemoryStore, copied

if TYPE_CHECKING:
    from collections.abc import Callable


class Paging(MemoryStore):
    """Both listings through one method, to be broken in one place."""

    def paged(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        """A page of `rows`, which stand oldest first."""
        rows = rows[::-1] if order == "desc" else rows
        return self.cut(rows, after, limit, order)

    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        """A page of `rows`, which stand in order."""
        del order
        ids = [row.id for row in rows]
        if after is not None:
            if after not in ids:
                raise NotFoundError(after)
            rows = rows[ids.index(after) + 1 :]
        shown = rows[: max(1, min(limit, 100))]
        more = len(shown) < len(rows)
        return Page(data=[copied(row) for row in shown], has_more=more, after=shown[-1].id if more else None)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Any) -> Page[ThreadMetadata]:
        rows = [row for key, row in self.threads.rows.items() if key[0] == context.user_id]
        return self.paged(rows, after, limit, order)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        self.threads.load(context.user_id, thread_id)
        rows = [row for key, row in self.items.rows.items() if key[:2] == (context.user_id, thread_id)]
        return self.paged(rows, after, limit, order)


def breaks_paging(*names: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """The decorated class breaks these clauses for items and threads."""
    return breaks(*(f"paging/{listing}-{name}" for listing in ("items", "threads") for name in names))


@breaks_paging("order")
class OrderedById(Paging):
    def paged(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().paged(sorted(rows, key=lambda row: row.id), after, limit, order)


@breaks("paging/items-pending-call-last")
@breaks_paging("ties-in-order")
class TiesById(Paging):
    def paged(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().paged(sorted(rows, key=lambda row: (row.created_at, row.id)), after, limit, order)


@breaks_paging("limit")
class WithoutLimit(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().cut(rows, after, max(limit, 100), order)


@breaks_paging("has-more")
class NeverMore(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().cut(rows, after, limit, order).model_copy(update={"has_more": False, "after": None})


@breaks_paging("extreme-limits")
class LimitsAsTheyCome(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if not 0 <= limit < 2**31:
            raise ValueError("LIMIT must not be negative")
        return super().cut(rows, after, limit, order)


@breaks_paging("after-with-has-more")
class MoreFromNowhere(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().cut(rows, after, limit, order).model_copy(update={"after": None})


@breaks_paging("after-at-end")
class AfterAtTheEnd(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        page = super().cut(rows, after, limit, order)
        return page.model_copy(update={"after": page.data[-1].id if page.data else None})


@breaks_paging("empty")
class AlwaysMore(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        page = super().cut(rows, after, limit, order)
        return page if page.data else page.model_copy(update={"has_more": True})


@breaks_paging("continues")
class AfterInclusive(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if after is not None:
            rows = rows[[row.id for row in rows].index(after) :]
        return super().cut(rows, None, limit, order)


@breaks_paging("each-once")
@breaks("cursors/items-unknown", "cursors/threads-unknown")
class WithoutCursor(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        del after
        return super().cut(rows, None, limit, order)


@breaks_paging("ties-each-once")
class CursorByTime(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if after is not None:
            start = next(row.created_at for row in rows if row.id == after)
            rows = [row for row in rows if (row.created_at < start if order == "desc" else row.created_at > start)]
        return super().cut(rows, None, limit, order)


@breaks("cursors/items-ill-formed", "cursors/threads-ill-formed")
class CursorsAsNumbers(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if after is not None and not after.startswith(("thr_", "msg_", "tc_")):
            raise ValueError(f"invalid cursor {after!r}")
        return super().cut(rows, after, limit, order)


@breaks("cursors/items-of-another-user", "cursors/threads-of-another-user")
class CursorsOfAnyone(Paging):
    def cut(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        everyone = {key[-1] for key in (*self.threads.rows, *self.items.rows)}
        if after in everyone and after not in {row.id for row in rows}:
            after = None
        return super().cut(rows, after, limit, order)


@breaks("times/item-instant", "times/thread-instant")
class NaiveTimesAsUtc(MemoryStore):
    async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
        return self.shifted(await super().load_item(thread_id, item_id, context))  # type: ignore[no-any-return]

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        return self.shifted(await super().load_thread(thread_id, context))  # type: ignore[no-any-return]

    @staticmethod
    def shifted(row: Any) -> Any:
        return row.model_copy(update={"created_at": row.created_at.replace(tzinfo=UTC)})


@breaks("times/mixed")
class OrderedByTimeAsItComes(Paging):
    def paged(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().paged(sorted(rows, key=lambda row: row.created_at), after, limit, order)


@breaks("times/summer-time-ends")
class OrderedByLocalTime(Paging):
    def paged(self, rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().paged(sorted(rows, key=lambda row: row.created_at.isoformat()), after, limit, order)
