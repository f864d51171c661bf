"""A delete takes what belongs to it and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, clause

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_CASCADE: Final = "Delete the thread's items with it, in one transaction or by a foreign key with ON DELETE CASCADE."


@clause(
    "deletes/thread-takes-items",
    "CK420",
    "delete_thread",
    expected="with a thread its items are gone, by page and by id",
    way_out=_CASCADE,
)
async def takes_items(bench: Bench) -> str:
    """A thread with two items."""
    thread_id = await given(bench.thread())
    ids = await given(bench.messages(thread_id, 2))
    await bench.alice.delete_thread(thread_id)
    page = await attempt(bench.alice.load_thread_items(thread_id, None, 20, "asc"))
    left = [row.id for row in page.value.data] if page.value else []
    if left:
        raise BrokenError(f"load_thread_items still shows {len(left)} of its 2 items")
    if (await attempt(bench.alice.load_item(thread_id, ids[0]))).value is not None:
        raise BrokenError("load_item still shows an item of it")
    return "nothing of it is left"


@clause(
    "deletes/thread-leaves-list",
    "CK420",
    "delete_thread",
    expected="a deleted thread is not listed, and the others are",
    way_out="Delete by user and thread id.",
    judges=("load_threads",),
)
async def leaves_list(bench: Bench) -> str:
    """The middle of three threads."""
    first, middle, last = [await given(bench.thread(at=bench.samples.moment(second))) for second in range(3)]
    kept = await given(bench.message(last))
    await bench.alice.delete_thread(middle)
    listed = [row.id for row in (await bench.alice.load_threads(20, None, "asc")).data]
    if middle in listed or not {first, last}.issubset(listed):
        raise BrokenError(f"of threads 1, 2 and 3, with 2 deleted, the list shows {listed}")
    items = [row.id for row in (await given(bench.alice.load_thread_items(last, None, 20, "asc"))).data]
    if items != [kept]:
        raise BrokenError("the delete took an item of another thread")
    return "the other two are listed, with their items"


@clause(
    "deletes/thread-starts-empty",
    "CK420",
    "save_thread",
    expected="a thread saved under the id of a deleted one has no items",
    way_out=_CASCADE,
)
async def starts_empty(bench: Bench) -> str:
    """What a retry or a restored backup may do."""
    thread_id = await given(bench.thread())
    await given(bench.message(thread_id))
    await given(bench.alice.delete_thread(thread_id))
    await bench.alice.save_thread(bench.samples.thread(thread_id))
    page = await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))
    if page.data:
        raise BrokenError(f"it starts with {len(page.data)} items of the deleted thread")
    return "it starts empty"


@clause(
    "deletes/item-leaves-page",
    "CK420",
    "delete_thread_item",
    expected="a deleted item is in no page, and the others keep their order",
    way_out="Delete by user, thread and item id.",
)
async def item_leaves_page(bench: Bench) -> str:
    """The middle of three items."""
    thread_id = await given(bench.thread())
    await given(bench.messages(thread_id, 3))
    ids = [row.id for row in (await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data]
    await bench.alice.delete_thread_item(thread_id, ids[1])
    left = [row.id for row in (await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data]
    if left != [ids[0], ids[2]]:
        raise BrokenError(f"of {ids}, with the second deleted, the page shows {left}")
    return "the other two, in order"


@clause(
    "deletes/item-of-other-thread",
    "CK420",
    "delete_thread_item",
    expected="deleting an item through another thread leaves it where it is",
    way_out="Find the row by thread id and item id together.",
)
async def item_of_other_thread(bench: Bench) -> str:
    """The item's id with another thread's id."""
    first, second = await given(bench.thread()), await given(bench.thread())
    item_id = await given(bench.message(first))
    await attempt(bench.alice.delete_thread_item(second, item_id))
    left = [row.id for row in (await given(bench.alice.load_thread_items(first, None, 20, "asc"))).data]
    if left != [item_id]:
        raise BrokenError("delete_thread_item(thread 2, item of thread 1) deleted the item of thread 1")
    return "the item is still there"
