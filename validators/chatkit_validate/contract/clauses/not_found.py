"""An id that names nothing is answered with NotFoundError, however it is formed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, Clause, Need, add, clause
from chatkit_validate.contract.journal import short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from chatkit_validate.contract.bench import Answer, Bench
    from chatkit_validate.contract.user import User

    Load = Callable[[User, str, str], Awaitable[Any]]

ILL_FORMED: Final = ("", "a\x00b", "'; DROP TABLE threads; --", "../../etc/passwd", "\U0001f600", "x" * 5000)
"""What a client may put where an id belongs; each is valid JSON."""

_RAISE: Final = "Raise `chatkit.store.NotFoundError` whenever there is no such row, before or instead of anything else."

_LOADS: Final[dict[str, Load]] = {
    "load_thread": lambda user, _thread_id, wanted: user.load_thread(wanted),
    "load_item": lambda user, thread_id, wanted: user.load_item(thread_id, wanted),
    "load_attachment": lambda user, _thread_id, wanted: user.load_attachment(wanted),
}
_OTHERS: Final[dict[str, Load]] = {
    "load_thread_items": lambda user, _thread_id, wanted: user.load_thread_items(wanted, None, 20, "asc"),
    "delete_thread": lambda user, _thread_id, wanted: user.delete_thread(wanted),
    "delete_thread_item": lambda user, thread_id, wanted: user.delete_thread_item(thread_id, wanted),
    "delete_attachment": lambda user, _thread_id, wanted: user.delete_attachment(wanted),
}


def _prefix(method: str) -> str:
    return "thr" if "thread" in method and "item" not in method[7:] else "atc" if "attachment" in method else "msg"


def _must_raise(method: str, load: Load, name: str, ids: Sequence[str]) -> Clause:
    async def trial(bench: Bench) -> str:
        thread_id = "" if method == "load_attachment" else await given(bench.thread())
        for wanted in ids or [bench.new_id(_prefix(method))]:
            answer = await attempt(load(bench.alice, thread_id, wanted))
            if not answer.missing:
                raise BrokenError(f"for {short(wanted)} it {_ended(answer)}")
        return "it raised NotFoundError"

    return Clause(
        f"not-found/{method}-{name}",
        "CK405",
        method,
        expected=f"`{method}` raises NotFoundError for an {'id that no row has' if not ids else 'ill-formed id'}",
        way_out=_RAISE,
        trial=trial,
        needs=(Need.ATTACHMENTS,) if "attachment" in method else (),
    )


def _must_not_crash(method: str, load: Load, name: str, ids: Sequence[str]) -> Clause:
    async def trial(bench: Bench) -> str:
        thread_id = "" if method == "delete_attachment" else await given(bench.thread())
        seen = set()
        for wanted in ids or [bench.new_id(_prefix(method))]:
            answer = await attempt(load(bench.alice, thread_id, wanted))
            rows = getattr(answer.value, "data", None)
            if not answer.missing and (answer.error or rows):
                raise BrokenError(f"for {short(wanted)} it {_ended(answer)}")
            seen.add("raised NotFoundError" if answer.missing else "returned nothing")
        return f"it {' or '.join(sorted(seen))}"

    return Clause(
        f"not-found/{method}-{name}",
        "CK405",
        method,
        expected=f"`{method}` raises NotFoundError or has nothing to do for an "
        f"{'id that no row has' if not ids else 'ill-formed id'}",
        way_out=_RAISE,
        trial=trial,
        needs=(Need.ATTACHMENTS,) if "attachment" in method else (),
    )


def _ended(answer: Answer) -> str:
    return answer.error.told if answer.error else f"returned {short(answer.value)}"


for _method, _load in _LOADS.items():
    add(_must_raise(_method, _load, "unknown", ()))
    add(_must_raise(_method, _load, "ill-formed", ILL_FORMED))
for _method, _load in _OTHERS.items():
    add(_must_not_crash(_method, _load, "unknown", ()))
    add(_must_not_crash(_method, _load, "ill-formed", ILL_FORMED))


@clause(
    "not-found/load_item-unknown-thread",
    "CK405",
    "load_item",
    expected="`load_item` raises NotFoundError where the thread does not exist",
    way_out=_RAISE,
)
async def item_of_unknown_thread(bench: Bench) -> str:
    """An existing item, asked for in a thread that does not exist."""
    item_id = await given(bench.message(await given(bench.thread())))
    answer = await attempt(bench.alice.load_item(bench.new_id("thr"), item_id))
    if not answer.missing:
        raise BrokenError(f"asked for an item of another thread, it {_ended(answer)}")
    return "it raised NotFoundError"


@clause(
    "not-found/load_item-other-thread",
    "CK405",
    "load_item",
    expected="`load_item` raises NotFoundError for an item of another thread",
    way_out="Find the row by thread id and item id together.",
)
async def item_of_other_thread(bench: Bench) -> str:
    """An existing item, asked for in another thread of the same user."""
    item_id = await given(bench.message(await given(bench.thread())))
    answer = await attempt(bench.alice.load_item(await given(bench.thread()), item_id))
    if not answer.missing:
        raise BrokenError(f"asked in thread 2 for an item of thread 1, it {_ended(answer)}")
    return "it raised NotFoundError"


@clause(
    "not-found/load_thread_items-only-this-thread",
    "CK405",
    "load_thread_items",
    expected="a thread's pages hold the items of that thread only",
    way_out="Filter by thread id.",
)
async def only_this_thread(bench: Bench) -> str:
    """Two threads with an item each."""
    first, second = await given(bench.thread()), await given(bench.thread())
    wanted = await given(bench.message(first))
    await given(bench.message(second))
    ids = [row.id for row in (await bench.alice.load_thread_items(first, None, 20, "asc")).data]
    if ids != [wanted]:
        raise BrokenError(f"thread 1 has one item; its page holds {ids}")
    return "the page holds this thread's item only"
