"""A user of the store under test: the library's methods with the context filled in, recorded and bounded in time."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from chatkit_validate.contract.clause import (
    CrashedError,
    MissingError,
    NotImplementedByStoreError,
    UnusableError,
)
from chatkit_validate.contract.journal import copied, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatkit_validate.contract.journal import Journal

PATIENCE = 5.0
"""Seconds within which every call must have ended."""


class User:
    """Calls a store as one user.

    Every method raises `MissingError` where the store raises `NotFoundError`, `CrashedError` where it raises anything
    else or takes longer than `PATIENCE`, and `UnusableError` where an earlier clause has disqualified the method.

    Attributes:
        name: `alice` or `bob`.
        user_id: Whom the context stands for, e.g. `alice-1a2b3c4d`.
        context: What the store is given for this user.
        store: The store.
    """

    def __init__(
        self, name: str, context: object, store: Any, journal: Journal, unusable: Mapping[str, str] | None = None
    ) -> None:
        self.name, _, _ = name.partition("-")
        self.user_id = name
        self.context = context
        self.store = store
        self._journal = journal
        self._unusable = unusable or {}

    async def load_thread(self, thread_id: str) -> Any:
        """A thread's metadata."""
        return await self.call("load_thread", thread_id)

    async def save_thread(self, thread: object) -> None:
        """Saves a thread's metadata."""
        await self.call("save_thread", thread)

    async def load_threads(self, limit: int, after: str | None, order: str) -> Any:
        """One page of threads."""
        return _page("load_threads", await self.call("load_threads", limit, after, order))

    async def delete_thread(self, thread_id: str) -> None:
        """Deletes a thread."""
        await self.call("delete_thread", thread_id)

    async def load_thread_items(self, thread_id: str, after: str | None, limit: int, order: str) -> Any:
        """One page of items."""
        return _page("load_thread_items", await self.call("load_thread_items", thread_id, after, limit, order))

    async def add_thread_item(self, thread_id: str, item: object) -> None:
        """Adds an item."""
        await self.call("add_thread_item", thread_id, item)

    async def save_item(self, thread_id: str, item: object) -> None:
        """Saves an item."""
        await self.call("save_item", thread_id, item)

    async def load_item(self, thread_id: str, item_id: str) -> Any:
        """One item."""
        return await self.call("load_item", thread_id, item_id)

    async def delete_thread_item(self, thread_id: str, item_id: str) -> None:
        """Deletes an item."""
        await self.call("delete_thread_item", thread_id, item_id)

    async def save_attachment(self, attachment: object) -> None:
        """Saves an attachment."""
        await self.call("save_attachment", attachment)

    async def load_attachment(self, attachment_id: str) -> Any:
        """One attachment."""
        return await self.call("load_attachment", attachment_id)

    async def delete_attachment(self, attachment_id: str) -> None:
        """Deletes an attachment."""
        await self.call("delete_attachment", attachment_id)

    async def call(self, method: str, *arguments: Any) -> Any:
        """Calls `method` with copies of `arguments` and the user's context, and awaits its answer."""
        from chatkit.store import NotFoundError

        if reason := self._unusable.get(method):
            raise UnusableError(method, f"is not usable: {reason}")
        noted = self._journal.begin(self.name, method, arguments)
        patience = asyncio.timeout(PATIENCE)
        try:
            async with patience:
                answer = await self._begun(method, arguments)
        except NotFoundError as error:
            noted.ended = "raised NotFoundError"
            raise MissingError(method, noted.ended) from error
        except NotImplementedError as error:
            noted.ended = "raised NotImplementedError"
            raise NotImplementedByStoreError(method, noted.ended) from error
        except Exception as error:
            noted.ended = f"raised {described(error)}"
            if isinstance(error, TimeoutError) and patience.expired():
                noted.ended = f"did not return within {PATIENCE:g} s"
            raise CrashedError(method, noted.ended) from error
        except asyncio.CancelledError:
            noted.ended = "was cancelled"
            raise
        noted.ended = f"returned {short(answer)}"
        return answer

    async def _begun(self, method: str, arguments: tuple[Any, ...]) -> Any:
        pending = getattr(self.store, method)(*map(copied, arguments), self.context)
        return await pending if inspect.isawaitable(pending) else pending


def described(error: BaseException) -> str:
    """An exception's type and first line, cut to a line."""
    first = (str(error).strip().splitlines() or [""])[0]
    told = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return told if len(told) <= 200 else f"{told[:200]}…"


def _page(method: str, answer: Any) -> Any:
    if not (isinstance(getattr(answer, "data", None), list) and hasattr(answer, "has_more")):
        raise CrashedError(method, f"returned {short(answer)}, which is no Page")
    return answer
