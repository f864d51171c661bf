"""A write under an id of another user changes nothing of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, Clause, InapplicableError, UntriedError, add
from chatkit_validate.contract.clauses.isolation import Belongings, belongings, needs
from chatkit_validate.contract.journal import short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.user import User

    Write = Callable[[Bench, Belongings], Awaitable[Any]]

_WAY_OUT: Final = (
    "Put the owner into the key of the upsert (`PRIMARY KEY (user_id, id)`, `ON CONFLICT (user_id, id)`), or refuse "
    "with NotFoundError where the row is another user's."
)


async def _save_thread(bench: Bench, has: Belongings) -> None:
    await bench.bob.save_thread(bench.samples.thread(has.thread, title="bob's"))


async def _add_item_same_id(bench: Bench, has: Belongings) -> None:
    own = await given(bench.thread(bench.bob))
    await bench.bob.add_thread_item(own, bench.samples.message(has.item, own, "bob's"))


async def _add_item_to_thread(bench: Bench, has: Belongings) -> None:
    await bench.bob.add_thread_item(has.thread, bench.samples.message(bench.new_id("msg"), has.thread, "bob's"))


async def _save_item(bench: Bench, has: Belongings) -> None:
    await bench.bob.save_item(has.thread, bench.samples.message(has.item, has.thread, "bob's"))


async def _save_attachment(bench: Bench, has: Belongings) -> None:
    await bench.bob.save_attachment(bench.samples.attachment(has.attachment, name="bob's"))


_WRITES: Final[tuple[tuple[str, str, Write, str], ...]] = (
    ("save_thread", "save_thread", _save_thread, "a thread saved under another user's thread id"),
    ("add_thread_item-same-id", "add_thread_item", _add_item_same_id, "an item added under another user's item id"),
    ("add_thread_item-foreign-thread", "add_thread_item", _add_item_to_thread, "an item added to another's thread"),
    ("save_item", "save_item", _save_item, "an item saved under another user's ids"),
    ("save_attachment", "save_attachment", _save_attachment, "an attachment saved under another user's id"),
)


async def _seen(user: User, has: Belongings) -> tuple[object, ...]:
    """What a user sees of alice's belongings."""
    if has.attachment:
        return ((await user.load_attachment(has.attachment)).name,)
    thread = await user.load_thread(has.thread)
    items = await user.load_thread_items(has.thread, None, 20, "asc")
    return thread.title, [(row.id, row.content[0].text) for row in items.data]


def _overwrite(name: str, method: str, write: Write, what: str) -> Clause:
    async def trial(bench: Bench) -> str:
        has = await belongings(bench, attachment=method == "save_attachment")
        before = await given(_seen(bench.alice, has))
        if "alice's" not in before:
            raise UntriedError("alice does not see what she saved")
        if (await attempt(_seen(bench.bob, has))).value == before:
            raise InapplicableError("bob can read what is alice's: the store knows no owners (CK404)")
        answer = await attempt(write(bench, has))
        after = await attempt(_seen(bench.alice, has))
        if after.error:
            raise BrokenError(f"after bob's write alice's {after.error}")
        if after.value != before:
            raise BrokenError(f"before bob's write alice saw {short(before)}, after it {short(after.value)}")
        return f"bob's call {answer.error.told if answer.error else 'returned'}, and alice's is unchanged"

    return Clause(
        f"overwriting/{name}",
        "CK413",
        method,
        expected=f"{what} changes nothing of theirs",
        way_out=_WAY_OUT,
        trial=trial,
        needs=needs(method),
    )


for _row in _WRITES:
    add(_overwrite(*_row))
