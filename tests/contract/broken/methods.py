"""Methods that lack, cannot be called, or answer wrongly for what is not there."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from chatkit.store import NotFoundError
from chatkit.types import Page, ThreadItem
from tests.contract.broken.registry import BROKEN, breaks, replaced
from tests.contract.memory import MemoryStore

from chatkit_validate.contract.clause import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable


def without(method: str) -> type:
    """A store that lacks `method` and does not know the library's base class."""
    return type("Lacking", (), {name: value for name, value in vars(MemoryStore).items() if name != method})


async def _of_another_age(self: Any, document: str) -> None: ...


def _plain(*_: object, **__: object) -> None:
    return None


async def _stub(*_: object, **__: object) -> None:
    return None


for _method in METHODS:
    BROKEN[f"present/{_method}"] = without(_method)
    BROKEN[f"signature/{_method}"] = replaced(_method, _of_another_age)
    BROKEN[f"async/{_method}"] = replaced(_method, _plain)
    BROKEN[f"works/{_method}"] = replaced(_method, _stub)


def _raising(method: str, error: Callable[[], Exception], *, ill_formed_only: bool) -> type[MemoryStore]:
    @wraps(getattr(MemoryStore, method))
    async def broken(self: MemoryStore, *arguments: Any) -> Any:
        wanted = arguments[1] if method in {"load_item", "delete_thread_item"} else arguments[0]
        well_formed = wanted.startswith(("thr_", "msg_", "atc_"))
        try:
            answer = await getattr(MemoryStore, method)(self, *arguments)
        except NotFoundError as missing:
            if well_formed and ill_formed_only:
                raise
            raise error() from missing
        if method == "delete_thread_item" and not (well_formed and ill_formed_only):
            raise error()
        return answer

    return replaced(method, broken)


for _method in (
    "load_thread",
    "load_item",
    "load_attachment",
    "load_thread_items",
    "delete_thread",
    "delete_thread_item",
    "delete_attachment",
):
    BROKEN[f"not-found/{_method}-unknown"] = _raising(_method, lambda: KeyError("unknown"), ill_formed_only=False)
    BROKEN[f"not-found/{_method}-ill-formed"] = _raising(_method, lambda: ValueError("no UUID"), ill_formed_only=True)


@breaks("not-found/load_item-unknown-thread", "not-found/load_item-other-thread")
class ItemsByIdAlone(MemoryStore):
    async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
        del thread_id
        found = [row for key, row in self.items.rows.items() if (key[0], key[2]) == (context.user_id, item_id)]
        if not found:
            raise NotFoundError(item_id)
        return found[0]


@breaks("not-found/load_thread_items-only-this-thread")
class ItemsOfAllThreads(MemoryStore):
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        del thread_id, after, order
        mine = [row for key, row in self.items.rows.items() if key[0] == context.user_id]
        return Page(data=mine[:limit])
