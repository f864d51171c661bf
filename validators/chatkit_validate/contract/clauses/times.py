"""Times come back as the same instants, wherever the server's clock stands."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, Clause, UntriedError, add
from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from chatkit_validate.contract.bench import Bench

_ZONE: Final = "America/New_York"
_SEQUENCE: Final = "Order by a sequence instead of created_at: ChatKit's times are naive local ones."


@contextmanager
def local_time(zone: str) -> Iterator[None]:
    """Sets this process's local time zone for the duration.

    Raises:
        UntriedError: The platform cannot.
    """
    if not hasattr(time, "tzset"):
        raise UntriedError("this platform has no time.tzset, so the local time zone cannot be changed")
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


async def _same_instant(bench: Bench) -> str:
    thread_id = await given(bench.thread())
    with local_time(_ZONE):
        for sent in (
            datetime(2026, 7, 1, 12, 0, 0, 123456),  # noqa: DTZ001 - as ChatKit writes them
            datetime(2026, 7, 1, 12, 0, 0, 123456, UTC),
            datetime(2026, 1, 1, 12, 0, 0, 123456, timezone(timedelta(hours=9))),
        ):
            item = bench.samples.message(bench.new_id("msg"), thread_id, at=sent)
            await bench.alice.add_thread_item(thread_id, item)
            came = (await bench.alice.load_item(thread_id, item.id)).created_at
            # astimezone() takes a naive time for local time, as ChatKit means it.
            if came.astimezone(UTC) != sent.astimezone(UTC):
                raise BrokenError(
                    f"created_at went as {sent.isoformat()} and came back as {came.isoformat()} ({_ZONE})"
                )
    return f"naive, UTC and +09:00 came back as the same instants in {_ZONE}"


async def _thread_instant(bench: Bench) -> str:
    with local_time(_ZONE):
        for zone in (None, UTC):
            sent = bench.samples.moment(0).replace(tzinfo=zone)
            thread_id = await bench.thread(at=sent)
            came = (await bench.alice.load_thread(thread_id)).created_at
            if came.astimezone(UTC) != sent.astimezone(UTC):
                raise BrokenError(
                    f"created_at went as {sent.isoformat()} and came back as {came.isoformat()} ({_ZONE})"
                )
    return f"naive and UTC came back as the same instants in {_ZONE}"


async def _mixed(bench: Bench) -> str:
    """ChatKit's own items are naive; an application's are often aware."""
    thread_id = await given(bench.thread())
    with local_time(_ZONE):
        start = bench.samples.moment(0)
        times = [start, (start + timedelta(seconds=1)).astimezone(UTC), start + timedelta(seconds=2)]
        ids = [await bench.message(thread_id, at=at) for at in times]
        for order, wanted in (("asc", ids), ("desc", ids[::-1])):
            answer = await attempt(bench.alice.load_thread_items(thread_id, None, 20, order))
            if answer.error:
                raise BrokenError(f"with naive and aware times in one thread, it {answer.error.told}")
            got = [row.id for row in answer.value.data]
            if got != wanted:
                raise BrokenError(
                    f"items of 0 s (naive), 1 s (UTC) and 2 s (naive) come {order} as "
                    f"{', '.join(f'{ids.index(one)} s' for one in got)} ({_ZONE})"
                )
    return "naive and aware times in one thread keep their order"


async def _summer_time_ends(bench: Bench) -> str:
    """The hour that happens twice."""
    thread_id = await given(bench.thread())
    with local_time(_ZONE):
        times = [datetime(2026, 11, 1, 1, 50), datetime(2026, 11, 1, 1, 5, fold=1)]  # noqa: DTZ001 - as ChatKit writes
        ids = [await bench.message(thread_id, at=at) for at in times]
        got = [row.id for row in (await bench.alice.load_thread_items(thread_id, None, 20, "asc")).data]
    if got != ids:
        raise BrokenError("an item of 01:50 and one added 15 minutes later, at 01:05, stand the other way round")
    return "items keep their order when the clock is put back"


_CLAUSES: Final[tuple[tuple[str, str, str, str, Callable[[Bench], Awaitable[str]], Level | None], ...]] = (
    (
        "item-instant",
        "load_item",
        "an item's created_at comes back as the same instant, naive or aware",
        "Store the item as JSON, or the time as timestamptz; never a naive time as if it were UTC.",
        _same_instant,
        None,
    ),
    (
        "thread-instant",
        "load_thread",
        "a thread's created_at comes back as the same instant, naive or aware",
        "Store the thread as JSON, or the time as timestamptz; never a naive time as if it were UTC.",
        _thread_instant,
        None,
    ),
    (
        "mixed",
        "load_thread_items",
        "a thread with naive and aware times can be listed, in order",
        _SEQUENCE,
        _mixed,
        None,
    ),
    (
        "summer-time-ends",
        "load_thread_items",
        "items keep their order in the hour that happens twice",
        _SEQUENCE,
        _summer_time_ends,
        Level.ADVICE,
    ),
)
for _name, _method, _expected, _way_out, _trial, _level in _CLAUSES:
    add(
        Clause(
            f"times/{_name}",
            "CK419",
            _method,
            _expected,
            _way_out,
            trial=_trial,
            judges=("add_thread_item", "save_thread"),
            level=_level,
        )
    )
