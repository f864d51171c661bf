"""What a store lists page by page: a user's threads, and a thread's items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.clause import UntriedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.user import User


@dataclass(frozen=True, slots=True)
class Listing:
    """One of the two.

    Attributes:
        name: threads or items.
        method: The store's method.
        prefix: Of ids.
        load: One page: user, scope (thread id; unused for threads), after, limit, order.
        add: Adds rows: bench, scope, number, whether all at one time; answers their ids in order.
    """

    name: str
    method: str
    prefix: str
    load: Callable[[User, str, str | None, int, str], Awaitable[Any]]
    add: Callable[[Bench, str, int, bool], Awaitable[list[str]]]

    async def fill(self, bench: Bench, number: int, *, tied: bool = False) -> tuple[str, list[str]]:
        """Makes a scope with `number` rows of alice's and answers it with their ids in order.

        Raises:
            UntriedError: Alice has threads already, so that their pages say nothing.
        """
        if self.name == "items":
            scope = await bench.thread()
        else:
            scope = ""
            if (await bench.alice.load_threads(1, None, "asc")).data:
                raise UntriedError(
                    "the list of a new user is not empty: it shows what is others', or what was deleted, or --context "
                    "names users who have threads"
                )
        return scope, await self.add(bench, scope, number, tied)


async def _items(user: User, scope: str, after: str | None, limit: int, order: str) -> Any:
    return await user.load_thread_items(scope, after, limit, order)


async def _threads(user: User, _scope: str, after: str | None, limit: int, order: str) -> Any:
    return await user.load_threads(limit, after, order)


async def _add_items(bench: Bench, scope: str, number: int, tied: bool) -> list[str]:  # noqa: FBT001 - a field's type
    return await bench.messages(scope, number, tied=tied)


async def _add_threads(bench: Bench, _scope: str, number: int, tied: bool) -> list[str]:  # noqa: FBT001 - same
    times = [bench.samples.moment(0 if tied else second) for second in range(number)]
    ids = zip(bench.thread_ids(number), times, strict=True)
    return [await bench.thread(thread_id=thread_id, at=time) for thread_id, time in ids]


ITEMS: Final = Listing("items", "load_thread_items", "msg", _items, _add_items)
"""A thread's items."""
THREADS: Final = Listing("threads", "load_threads", "thr", _threads, _add_threads)
"""A user's threads."""
LISTINGS: Final = (ITEMS, THREADS)
"""Both."""
