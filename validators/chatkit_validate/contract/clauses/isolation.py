"""What one user saved, another can neither read nor delete: every id-bearing method by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, Clause, Need, UntriedError, add
from chatkit_validate.contract.journal import short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.user import User

_SCOPE: Final = "Name the owner in every statement: `WHERE user_id = $1 AND id = $2`, with the user from the context."


@dataclass(frozen=True, slots=True)
class Belongings:
    """What alice has: ids of a thread, an item in it and an attachment."""

    thread: str
    item: str
    attachment: str


async def belongings(bench: Bench, *, attachment: bool) -> Belongings:
    """Saves a thread, an item and, if asked for, an attachment for alice.

    Raises:
        UntriedError: They could not be saved.
    """
    thread_id = await given(bench.thread(title="alice's"))
    item_id = await given(bench.message(thread_id, text="alice's"))
    attachment_id = ""
    if attachment:
        attachment_id = bench.new_id("atc")
        await given(bench.alice.save_attachment(bench.samples.attachment(attachment_id, name="alice's")))
    return Belongings(thread_id, item_id, attachment_id)


async def _thread_items(user: User, has: Belongings) -> Any:
    return (await user.load_thread_items(has.thread, None, 20, "asc")).data


async def _threads(user: User, has: Belongings) -> Any:
    return [row for row in (await user.load_threads(50, None, "desc")).data if row.id == has.thread]


_READS: Final[dict[str, Callable[[User, Belongings], Awaitable[Any]]]] = {
    "load_thread": lambda user, has: user.load_thread(has.thread),
    "load_threads": _threads,
    "load_thread_items": _thread_items,
    "load_item": lambda user, has: user.load_item(has.thread, has.item),
    "load_attachment": lambda user, has: user.load_attachment(has.attachment),
}
_DELETES: Final[dict[str, tuple[Callable[[User, Belongings], Awaitable[Any]], str]]] = {
    "delete_thread": (lambda user, has: user.delete_thread(has.thread), "load_thread"),
    "delete_thread_item": (lambda user, has: user.delete_thread_item(has.thread, has.item), "load_item"),
    "delete_attachment": (lambda user, has: user.delete_attachment(has.attachment), "load_attachment"),
}


def needs(method: str) -> tuple[Need, ...]:
    """What a clause about `method` and two users presupposes."""
    return (Need.TWO_USERS, Need.ATTACHMENTS) if "attachment" in method else (Need.TWO_USERS,)


def _read(method: str, load: Callable[[User, Belongings], Awaitable[Any]]) -> Clause:
    async def trial(bench: Bench) -> str:
        has = await belongings(bench, attachment=method == "load_attachment")
        if not await given(load(bench.alice, has)):
            raise UntriedError(f"{method} does not show alice's own row to her")
        answer = await attempt(load(bench.bob, has))
        if answer.value and "alice's" in repr(answer.value):
            raise BrokenError(f"asked for alice's, bob got {short(answer.value)}")
        return f"bob's call {answer.error.told}" if answer.error else "bob's call returned nothing of alice's"

    return Clause(
        f"isolation/{method}",
        "CK404",
        method,
        expected=f"`{method}` shows a user nothing of another's",
        way_out=_SCOPE,
        trial=trial,
        needs=needs(method),
    )


def _delete(method: str, delete: Callable[[User, Belongings], Awaitable[Any]], load: str) -> Clause:
    async def trial(bench: Bench) -> str:
        has = await belongings(bench, attachment=method == "delete_attachment")
        await given(_READS[load](bench.alice, has))
        answer = await attempt(delete(bench.bob, has))
        if (await attempt(_READS[load](bench.alice, has))).value is None:
            raise BrokenError(f"bob deleted what is alice's: her {load} then finds nothing")
        if method == "delete_thread" and not await given(_thread_items(bench.alice, has)):
            raise BrokenError("bob's delete took the items of alice's thread")
        return f"bob's call {answer.error.told if answer.error else 'returned'}, and alice's is still there"

    return Clause(
        f"isolation/{method}",
        "CK404",
        method,
        expected=f"`{method}` leaves alone what is another user's",
        way_out=_SCOPE,
        trial=trial,
        needs=needs(method),
    )


for _method, _load in _READS.items():
    add(_read(_method, _load))
for _method, (_call, _proof) in _DELETES.items():
    add(_delete(_method, _call, _proof))
