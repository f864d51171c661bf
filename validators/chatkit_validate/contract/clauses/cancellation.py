"""A client leaves while the store writes: the write happened or it did not, and the store goes on."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, CallError, Need, UntriedError, clause
from chatkit_validate.contract.clauses.items import same

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from chatkit_validate.contract.bench import Bench

_TIMES: Final = 30  # more than the connections of an ordinary pool
_TRANSACTION: Final = (
    "Make each write one statement or one transaction, and give the connection back in `async with`, so that a "
    "cancelled write is rolled back and its connection returned."
)


async def _cancelled(work: Coroutine[Any, Any, None], seconds: float, steps: int) -> bool:
    """Cancels `work` after `seconds` and `steps` rounds of the loop; answers whether it was still under way."""
    task = asyncio.ensure_future(work)
    if seconds:
        await asyncio.sleep(seconds)
    for _ in range(steps):
        await asyncio.sleep(0)
    under_way = not task.done()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return under_way
    except CallError:
        return under_way
    return False


async def _many(begin: Callable[[int], Coroutine[Any, Any, None]], judge: Callable[[int], Awaitable[None]]) -> int:
    """Cancels the work `_TIMES` times at different moments, judging after each; answers how often it was under way."""
    start = time.perf_counter()
    await given(begin(0))
    usual = time.perf_counter() - start
    await judge(0)
    under_way = 0
    for number in range(1, _TIMES):
        # At the first thing awaited, at one of the next, and at a moment of the usual time.
        seconds, steps = ((0.0, 1), (0.0, 1 + number // 3 % 4), (usual * number / _TIMES, 0))[number % 3]
        under_way += await _cancelled(begin(number), seconds, steps)
        await judge(number)
    return under_way


def _told(under_way: int) -> str:
    if not under_way:
        return "no write could be interrupted: the store does not await while it writes"
    return f"{under_way} of {_TIMES - 1} cancelled writes were under way; each was whole or absent"


@clause(
    "cancellation/add_thread_item",
    "CK418",
    "add_thread_item",
    expected="an item whose adding is cancelled is there as a whole or not at all, and the store goes on",
    way_out=_TRANSACTION,
    judges=("load_item", "load_thread_items"),
    needs=(Need.CONCURRENCY,),
)
async def add_thread_item(bench: Bench) -> str:
    """Cancelled at different moments, then read in both ways."""
    thread_id = await given(bench.thread())
    items = [bench.samples.item("user_message", bench.new_id("msg"), thread_id) for _ in range(_TIMES)]

    async def judge(number: int) -> None:
        one = await attempt(bench.alice.load_item(thread_id, items[number].id))
        if one.error and not one.missing:
            raise BrokenError(f"after a cancelled add, load_item {one.error.told}")
        if one.value is not None:
            same(items[number], one.value, "load_item")

    under_way = await _many(lambda number: bench.alice.add_thread_item(thread_id, items[number]), judge)
    page = await bench.alice.load_thread_items(thread_id, None, 100, "asc")
    for row in page.data:
        same(next(item for item in items if item.id == row.id), row, "load_thread_items")
        if (await attempt(bench.alice.load_item(thread_id, row.id))).missing:
            raise BrokenError(f"{row.id}, whose adding was cancelled, stands in the page and load_item finds nothing")
    await bench.message(thread_id)
    await asyncio.gather(*(bench.alice.load_thread_items(thread_id, None, 5, "asc") for _ in range(_TIMES)))
    return _told(under_way)


@clause(
    "cancellation/save_thread",
    "CK418",
    "save_thread",
    expected="a thread whose saving is cancelled keeps its old or has its new title, and its items",
    way_out=_TRANSACTION,
    judges=("load_thread",),
    needs=(Need.CONCURRENCY,),
)
async def save_thread(bench: Bench) -> str:
    """Cancelled at different moments, then loaded."""
    thread = bench.samples.thread(bench.new_id("thr"), title="0")
    await given(bench.alice.save_thread(thread))
    item_id = await given(bench.message(thread.id))

    async def judge(number: int) -> None:
        answer = await attempt(bench.alice.load_thread(thread.id))
        if answer.value is None:
            raise BrokenError(f"after a cancelled save of an existing thread, {answer.error}")
        if not answer.value.title.isdigit() or int(answer.value.title) > number:
            raise BrokenError(f"after a cancelled save the title is {answer.value.title!r}")

    under_way = await _many(
        lambda number: bench.alice.save_thread(thread.model_copy(update={"title": str(number)})), judge
    )
    left = [row.id for row in (await given(bench.alice.load_thread_items(thread.id, None, 5, "asc"))).data]
    if left != [item_id]:
        raise BrokenError("after cancelled saves the thread's item is gone")
    return _told(under_way)


@clause(
    "cancellation/delete_thread",
    "CK418",
    "delete_thread",
    expected="a thread whose deleting is cancelled is gone with its items or there with all of them",
    way_out=_TRANSACTION,
    judges=("load_thread",),
    needs=(Need.CONCURRENCY,),
)
async def delete_thread(bench: Bench) -> str:
    """Cancelled at different moments, then loaded with its items."""
    if (await attempt(bench.alice.load_thread(bench.new_id("thr")))).value is not None:
        raise UntriedError("whether a thread is gone cannot be seen: every id can be loaded")
    threads = [await given(bench.thread()) for _ in range(_TIMES)]
    for thread_id in threads:
        await given(bench.messages(thread_id, 2))

    async def judge(number: int) -> None:
        page = await attempt(bench.alice.load_thread_items(threads[number], None, 5, "asc"))
        left = len(page.value.data) if page.value else 0
        there = not (await attempt(bench.alice.load_thread(threads[number]))).missing
        if left != (2 if there else 0):
            raise BrokenError(
                f"after a cancelled delete the thread is {'there' if there else 'gone'} with {left} of 2 items"
            )

    return _told(await _many(lambda number: bench.alice.delete_thread(threads[number]), judge))
