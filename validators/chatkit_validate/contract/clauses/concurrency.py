"""One store object serves many requests at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from chatkit_validate.contract.bench import given
from chatkit_validate.contract.clause import BrokenError, Need, UntriedError, clause
from chatkit_validate.contract.journal import copied
from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_MANY: Final = 20
_POOL: Final = (
    "Take a connection or session from a pool for each call and keep nothing of a request on the store object."
)
_ALONE: Final = (Need.CONCURRENCY,)
_APART: Final = (Need.CONCURRENCY, Need.TWO_USERS)


@clause(
    "concurrency/writes",
    "CK417",
    "add_thread_item",
    expected=f"{_MANY} items added at once are all there, once each",
    way_out=_POOL,
    needs=_ALONE,
)
async def writes(bench: Bench) -> str:
    """One thread, many items at once, as with parallel tools."""
    thread_id = await given(bench.thread())
    ids = await asyncio.gather(*(bench.message(thread_id) for _ in range(_MANY)))
    page = await given(bench.alice.load_thread_items(thread_id, None, 50, "asc"))
    got = [row.id for row in page.data]
    if sorted(got) != sorted(ids):
        raise BrokenError(f"of {_MANY} items added at once, {len(set(got))} are there, in {len(got)} rows")
    return f"all {_MANY} are there, once each"


@clause(
    "concurrency/reads",
    "CK417",
    "load_thread_items",
    expected="reads during writes return whole pages",
    way_out=_POOL,
    judges=("load_thread", "load_threads", "load_item", "add_thread_item"),
    needs=_ALONE,
)
async def reads(bench: Bench) -> str:
    """A history loads in one tab while another streams."""
    thread_id = await given(bench.thread())
    ids = await given(bench.messages(thread_id, 3))

    async def read() -> None:
        page = await bench.alice.load_thread_items(thread_id, None, 50, "asc")
        await bench.alice.load_thread(thread_id)
        await bench.alice.load_item(thread_id, ids[0])
        await bench.alice.load_threads(20, None, "desc")
        if lost := set(ids).difference(row.id for row in page.data):
            raise BrokenError(f"during writes a page lacked {len(lost)} of {len(ids)} items that were there before")

    later = bench.samples.moment(60)
    await asyncio.gather(*(read() for _ in range(_MANY)), *(bench.message(thread_id, at=later) for _ in range(_MANY)))
    return f"{_MANY} reads during {_MANY} writes were whole"


@clause(
    "concurrency/users",
    "CK417",
    "add_thread_item",
    expected="two users' calls at one time end up with the one they belong to",
    way_out=_POOL,
    judges=("save_thread", "load_thread_items", "load_thread"),
    needs=_APART,
)
async def users(bench: Bench) -> str:
    """Alice and bob, turn about and at once."""

    async def work(number: int) -> None:
        user = (bench.alice, bench.bob)[number % 2]
        text = f"{user.name}'s"
        thread_id = await bench.thread(user, title=text)
        await bench.message(thread_id, user, text=text)
        page = await user.load_thread_items(thread_id, None, 20, "asc")
        seen = {row.content[0].text for row in page.data} | {(await user.load_thread(thread_id)).title}
        if seen != {text}:
            raise BrokenError(f"{user.name} sees {sorted(map(str, seen))}")

    await asyncio.gather(*map(work, range(12)))
    return "each saw their own"


@clause(
    "concurrency/same-item",
    "CK417",
    "add_thread_item",
    expected="one item added five times at once is there once, and no call fails",
    way_out="Let the database decide (`INSERT … ON CONFLICT …`) instead of looking first and inserting then.",
    needs=_ALONE,
)
async def same_item(bench: Bench) -> str:
    """A retried request."""
    thread_id = await given(bench.thread())
    await _once_when_added_twice(bench)
    item = bench.samples.message(bench.new_id("msg"), thread_id)
    await asyncio.gather(*(bench.alice.add_thread_item(thread_id, item) for _ in range(5)))
    number = len((await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data)
    if number != 1:
        raise BrokenError(f"it is there {number} times")
    return "it is there once"


@clause(
    "concurrency/same-thread",
    "CK417",
    "save_thread",
    expected="one new thread saved five times at once is there once, and no call fails",
    way_out="Let the database decide (`INSERT … ON CONFLICT …`) instead of looking first and inserting then.",
    needs=_ALONE,
)
async def same_thread(bench: Bench) -> str:
    """Title and turn, saved at one time."""
    await _once_when_saved_twice(bench)
    thread = bench.samples.thread(bench.new_id("thr"))
    await asyncio.gather(*(bench.alice.save_thread(thread) for _ in range(5)))
    listed = [row.id for row in (await given(bench.alice.load_threads(20, None, "asc"))).data]
    if listed != [thread.id]:
        raise BrokenError(f"the list then shows {listed}")
    return "it is there once"


async def _once_when_added_twice(bench: Bench) -> None:
    thread_id = await given(bench.thread())
    item = bench.samples.message(bench.new_id("msg"), thread_id)
    for _ in range(2):
        await given(bench.alice.add_thread_item(thread_id, item))
    if len((await given(bench.alice.load_thread_items(thread_id, None, 20, "asc"))).data) != 1:
        raise UntriedError("one after the other, two adds leave more than one (upserts/add_thread_item)")
    await given(bench.alice.delete_thread(thread_id))


async def _once_when_saved_twice(bench: Bench) -> None:
    thread = bench.samples.thread(bench.new_id("thr"))
    for _ in range(2):
        await given(bench.alice.save_thread(thread))
    if len((await given(bench.alice.load_threads(20, None, "asc"))).data) != 1:
        raise UntriedError("one after the other, two saves leave more than one (upserts/save_thread)")
    await given(bench.alice.delete_thread(thread.id))


@clause(
    "concurrency/own-copies",
    "CK417",
    "load_thread",
    expected="what one caller changes in a loaded object, another does not see before it is saved",
    way_out="Answer a copy: `model_copy(deep=True)`.",
    judges=("load_item",),
    needs=_ALONE,
    level=Level.WARNING,
)
async def own_copies(bench: Bench) -> str:
    """ChatKit changes loaded objects before it saves them."""
    thread_id = await given(bench.thread(title="before"))
    item_id = await given(bench.message(thread_id, text="before"))
    (await bench.alice.load_thread(thread_id)).title = "changed"
    (await bench.alice.load_item(thread_id, item_id)).content[0].text = "changed"
    seen = (
        (await bench.alice.load_thread(thread_id)).title,
        copied(await bench.alice.load_item(thread_id, item_id)).content[0].text,
    )
    if seen != ("before", "before"):
        raise BrokenError("a change to a loaded object, not saved, shows in the next load")
    return "a change that is not saved is not seen"
