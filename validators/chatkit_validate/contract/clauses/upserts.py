"""Saving again updates, and adding again adds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.contract.bench import given
from chatkit_validate.contract.clause import BrokenError, Need, clause

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_UPSERT: Final = "Write an upsert: `INSERT … ON CONFLICT (user_id, id) DO UPDATE …`, with the owner in the key."


@clause(
    "upserts/save_thread",
    "CK416",
    "save_thread",
    expected="saving a thread again changes it and leaves one of it",
    way_out=_UPSERT,
)
async def save_thread(bench: Bench) -> str:
    """A title is given after the first save."""
    thread = bench.samples.thread(bench.new_id("thr"))
    await given(bench.alice.save_thread(thread))
    await bench.alice.save_thread(thread.model_copy(update={"title": "a title"}))
    title = (await given(bench.alice.load_thread(thread.id))).title
    if title != "a title":
        raise BrokenError(f"the title of the second save is not there; load_thread answers {title!r}")
    listed = [row.title for row in (await given(bench.alice.load_threads(20, None, "asc"))).data]
    if listed != ["a title"]:
        raise BrokenError(f"load_threads then lists the titles {listed}")
    return "one thread, with the new title"


@clause(
    "upserts/save_thread-with-items",
    "CK416",
    "save_thread",
    expected="after a save with a `Thread`, which carries items, load_thread answers plain ThreadMetadata",
    way_out="Store `thread.model_dump_json(exclude={'items'})`: ChatKit saves a `Thread` when respond() has set a "
    "title on a new thread.",
    judges=("load_thread",),
)
async def save_thread_with_items(bench: Bench) -> str:
    """The second save of a titled first turn, and the `threads.get_by_id` after it."""
    thread = bench.samples.thread(bench.new_id("thr"))
    await given(bench.alice.save_thread(thread))
    item = bench.samples.message(bench.new_id("msg"), thread.id)
    titled = thread.model_copy(update={"title": "a title"})
    await bench.alice.save_thread(bench.samples.with_items(titled, item))
    loaded = await bench.alice.load_thread(thread.id)
    try:
        bench.samples.response(loaded)
    except TypeError as error:
        raise BrokenError(
            f"of the {type(loaded).__name__} that load_thread answers, threads.get_by_id cannot build a Thread: {error}"
        ) from error
    if loaded.title != "a title":
        raise BrokenError(f"the title is {loaded.title!r}")
    return "plain metadata with the new title"


@clause(
    "upserts/save_thread-keeps-items",
    "CK416",
    "save_thread",
    expected="saving a thread again leaves its items where they are",
    way_out="Update the row; deleting and inserting it takes what refers to it along.",
)
async def save_thread_keeps_items(bench: Bench) -> str:
    """A title is given when the thread has items."""
    thread = bench.samples.thread(bench.new_id("thr"))
    await given(bench.alice.save_thread(thread))
    ids = await given(bench.messages(thread.id, 2))
    await bench.alice.save_thread(thread.model_copy(update={"title": "a title"}))
    kept = [row.id for row in (await given(bench.alice.load_thread_items(thread.id, None, 20, "asc"))).data]
    if sorted(kept) != sorted(ids):
        raise BrokenError(f"of 2 items, {len(kept)} are left after the second save")
    return "both items are still there"


@clause(
    "upserts/add_thread_item",
    "CK416",
    "add_thread_item",
    expected="adding the same item twice leaves one of it",
    way_out="Write an upsert on the item's id: ChatKit adds a workflow at its end and again when the run is done.",
)
async def add_thread_item(bench: Bench) -> str:
    """A workflow, added twice as ChatKit does."""
    thread_id = await given(bench.thread())
    item = bench.samples.item("workflow", bench.new_id("wf"), thread_id)
    await given(bench.alice.add_thread_item(thread_id, item))
    await bench.alice.add_thread_item(thread_id, item)
    ids = [row.id for row in (await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data]
    if ids != [item.id]:
        raise BrokenError(f"the thread then holds {len(ids)} items: {ids}")
    return "one item"


@clause(
    "upserts/save_item-new",
    "CK416",
    "save_item",
    expected="saving an item that was never added adds it",
    way_out="Write an upsert: ChatKit saves what `thread.item.replaced` carries, added before or not.",
)
async def save_item_new(bench: Bench) -> str:
    """An item that a replacing event brings."""
    thread_id = await given(bench.thread())
    item = bench.samples.message(bench.new_id("msg"), thread_id)
    await bench.alice.save_item(thread_id, item)
    ids = [row.id for row in (await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data]
    if ids != [item.id]:
        raise BrokenError(f"the thread then holds {ids}")
    return "the item is there"


@clause(
    "upserts/save_item-in-place",
    "CK416",
    "save_item",
    expected="saving an item again leaves it once and where it stands",
    way_out="Update the row where it is; do not delete and insert it.",
)
async def save_item_in_place(bench: Bench) -> str:
    """The first of three items is saved again."""
    thread_id = await given(bench.thread())
    first, *_ = await given(bench.messages(thread_id, 3))
    ids = [row.id for row in (await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data]
    await bench.alice.save_item(thread_id, bench.samples.message(first, thread_id, "new text"))
    after = [row.id for row in (await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data]
    if after != ids:
        raise BrokenError(f"the order was {ids} and is {after}")
    return "three items in the same order"


@clause(
    "upserts/save_attachment",
    "CK416",
    "save_attachment",
    expected="saving an attachment again changes it",
    way_out="Write an upsert: since 1.6.0 ChatKit saves an attachment again when it belongs to a thread.",
    needs=(Need.ATTACHMENTS,),
)
async def save_attachment(bench: Bench) -> str:
    """The attachment is sent in a thread."""
    thread_id = await given(bench.thread())
    attachment = bench.samples.attachment(bench.new_id("atc"))
    await given(bench.alice.save_attachment(attachment))
    await bench.alice.save_attachment(attachment.model_copy(update={"thread_id": thread_id}))
    saved = (await given(bench.alice.load_attachment(attachment.id))).thread_id
    if saved != thread_id:
        raise BrokenError(f"its thread_id is {saved!r} after the second save")
    return "the second save is there"
