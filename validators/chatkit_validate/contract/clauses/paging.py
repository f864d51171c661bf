"""Pages: limits, orders, ties, and has_more with after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import MAX_PAGES, attempt, given
from chatkit_validate.contract.clause import BrokenError, Clause, add
from chatkit_validate.contract.listing import ITEMS, LISTINGS, Listing
from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.contract.bench import Bench

    Try = Callable[[Bench, Listing], Awaitable[str]]

_NUMBER: Final = 5
_CURSOR: Final = (
    "Order by a unique column that grows with every row (a sequence), and continue after that column's value in the "
    "cursor's row: `seq > (SELECT seq … WHERE id = $after)`."
)


async def _walked(listing: Listing, bench: Bench, scope: str, *, limit: int, order: str) -> list[str]:
    """The ids of all pages, one after the other.

    Raises:
        BrokenError: The pages do not end, or one of them says that more follow and not from where.
    """
    ids: list[str] = []
    after = None
    for _ in range(MAX_PAGES):
        page = await listing.load(bench.alice, scope, after, limit, order)
        ids += [row.id for row in page.data]
        if not page.has_more:
            return ids
        if page.after is None:
            raise BrokenError(f"with limit {limit}, {order}, a page says has_more and has no after")
        after = page.after
    raise BrokenError(
        f"with limit {limit}, {order}, paging through {_NUMBER} rows has not ended after {MAX_PAGES} pages"
    )


async def _in_order(bench: Bench, listing: Listing) -> str:
    """A second apart; ids that sort the other way round."""
    scope, ids = await given(listing.fill(bench, _NUMBER))
    for order, wanted in (("asc", ids), ("desc", ids[::-1])):
        page = await listing.load(bench.alice, scope, None, 20, order)
        got = [row.id for row in page.data]
        if got != wanted:
            raise BrokenError(f"created as {ids}, order {order!r} gives {got}")
    return "both orders follow the times of creation"


async def _tied_order(bench: Bench, listing: Listing) -> str:
    """All at one time."""
    scope, ids = await given(listing.fill(bench, _NUMBER, tied=True))
    for order, wanted in (("asc", ids), ("desc", ids[::-1])):
        got = [row.id for row in (await listing.load(bench.alice, scope, None, 20, order)).data]
        if got != wanted:
            raise BrokenError(f"added as {ids} with equal created_at, order {order!r} gives {got}")
    return "rows with equal times stand in the order in which they were added"


async def _limit(bench: Bench, listing: Listing) -> str:
    """Every limit up to more than there are rows."""
    scope, _ids = await given(listing.fill(bench, _NUMBER))
    for limit in range(1, _NUMBER + 2):
        page = await listing.load(bench.alice, scope, None, limit, "asc")
        if len(page.data) != min(limit, _NUMBER):
            raise BrokenError(f"of {_NUMBER} rows, limit {limit} gives {len(page.data)}")
    return f"limits 1 to {_NUMBER + 1} were kept to"


async def _has_more(bench: Bench, listing: Listing) -> str:
    """Every limit up to more than there are rows."""
    scope, _ids = await given(listing.fill(bench, _NUMBER))
    for limit in range(1, _NUMBER + 2):
        page = await listing.load(bench.alice, scope, None, limit, "asc")
        if page.has_more is not (len(page.data) < _NUMBER):
            raise BrokenError(f"a page with {len(page.data)} of {_NUMBER} rows (limit {limit}) says {page.has_more}")
    return "has_more was true exactly where rows were left"


async def _extreme_limits(bench: Bench, listing: Listing) -> str:
    """What ChatKit passes through from a client as it is."""
    scope, _ids = await given(listing.fill(bench, 2))
    for limit in (0, -1, 10**8, 2**63):
        answer = await attempt(listing.load(bench.alice, scope, None, limit, "asc"))
        if answer.error:
            raise BrokenError(f"for limit {limit} it {answer.error.told}")
        if limit > 0 and len(answer.value.data) != 2:
            raise BrokenError(f"for limit {limit} it returned {len(answer.value.data)} of 2 rows")
    return "limits 0, -1, 10^8 and 2^63 gave pages"


async def _after_with_has_more(bench: Bench, listing: Listing) -> str:
    """The first of several pages."""
    scope, ids = await given(listing.fill(bench, 3))
    for order in ("asc", "desc"):
        page = await listing.load(bench.alice, scope, None, 1, order)
        if not page.has_more:
            continue
        if page.after is None:
            raise BrokenError(f"the first page of {len(ids)} ({order}) says has_more and has no after")
    return "a page that says has_more says from where"


async def _after_at_end(bench: Bench, listing: Listing) -> str:
    """The only page."""
    scope, _ids = await given(listing.fill(bench, 2))
    page = await listing.load(bench.alice, scope, None, 5, "asc")
    if page.after is not None and not page.has_more:
        raise BrokenError(f"the last page has after = {page.after!r}")
    return "the last page has no after"


async def _empty(bench: Bench, listing: Listing) -> str:
    """Nothing is there."""
    scope, _ids = await given(listing.fill(bench, 0))
    for order in ("asc", "desc"):
        page = await listing.load(bench.alice, scope, None, 5, order)
        if page.data or page.has_more:
            raise BrokenError(f"with no rows it returned {len(page.data)} and has_more {page.has_more}")
    return "an empty page, and nothing after it"


async def _each_once(bench: Bench, listing: Listing, *, tied: bool = False) -> str:
    scope, ids = await given(listing.fill(bench, _NUMBER, tied=tied))
    for order in ("asc", "desc"):
        whole = await _walked(listing, bench, scope, limit=_NUMBER, order=order)
        for limit in range(1, _NUMBER + 1):
            got = await _walked(listing, bench, scope, limit=limit, order=order)
            if sorted(got) != sorted(ids):
                missing, repeated = set(ids).difference(got), len(got) - len(set(got))
                raise BrokenError(
                    f"paging {order} with limit {limit} through {_NUMBER} rows "
                    f"{'with equal created_at ' if tied else ''}loses {len(missing)} and repeats {repeated}"
                )
            if got != whole:
                raise BrokenError(f"paging {order} with limit {limit} gives another order than one page of all")
    return f"limits 1 to {_NUMBER}, both orders: every row once"


async def _distinct(bench: Bench, listing: Listing) -> str:
    """Times a second apart."""
    return await _each_once(bench, listing)


async def _tied(bench: Bench, listing: Listing) -> str:
    """All at one time."""
    return await _each_once(bench, listing, tied=True)


async def _continues(bench: Bench, listing: Listing) -> str:
    """The second page."""
    scope, _ids = await given(listing.fill(bench, 3))
    for order in ("asc", "desc"):
        wanted = [row.id for row in (await listing.load(bench.alice, scope, None, 5, order)).data]
        page = await listing.load(bench.alice, scope, wanted[0], 5, order)
        got = [row.id for row in page.data]
        if got != wanted[1:]:
            raise BrokenError(f"after the first of {wanted} ({order}) it gives {got}")
    return "after names the last row shown, in both orders"


_CLAUSES: Final[tuple[tuple[str, str, str, str, Try, Level | None], ...]] = (
    ("order", "CK408", "order 'asc' is oldest first and 'desc' newest first", "Follow `order`.", _in_order, None),
    (
        "ties-in-order",
        "CK408",
        "rows with equal times stand in the order in which they were added",
        _CURSOR,
        _tied_order,
        Level.WARNING,
    ),
    ("limit", "CK409", "a page holds as many rows as asked for, if there are", "Pass `limit` on.", _limit, None),
    ("has-more", "CK409", "has_more is true exactly where rows are left", "Fetch one more row.", _has_more, None),
    (
        "extreme-limits",
        "CK409",
        "limits 0, -1 and beyond every integer type give a page",
        "Clamp it in the store (`max(1, min(limit, 100))`): ChatKit passes a client's limit through.",
        _extreme_limits,
        None,
    ),
    (
        "after-with-has-more",
        "CK407",
        "a page that says has_more has an after",
        "Set `after` to the last row's id: ChatKit's own paging otherwise loads the first page again, for ever.",
        _after_with_has_more,
        None,
    ),
    (
        "after-at-end",
        "CK407",
        "the last page has no after",
        "Set `after` where `has_more` is true only.",
        _after_at_end,
        Level.ADVICE,
    ),
    ("empty", "CK409", "where nothing is, the page is empty and the last", "Return `Page()`.", _empty, None),
    ("continues", "CK406", "after an id the rows behind it follow, in both orders", _CURSOR, _continues, None),
    ("each-once", "CK406", "paging shows every row once, at any limit and in both orders", _CURSOR, _distinct, None),
    ("ties-each-once", "CK410", "paging shows every row once where all times are equal", _CURSOR, _tied, None),
)


def _clause(row: tuple[str, str, str, str, Try, Level | None], listing: Listing) -> Clause:
    name, code, expected, way_out, tried, level = row

    async def trial(bench: Bench) -> str:
        return await tried(bench, listing)

    return Clause(f"paging/{listing.name}-{name}", code, listing.method, expected, way_out, trial=trial, level=level)


for _listing in LISTINGS:
    for _row in _CLAUSES:
        add(_clause(_row, _listing))


async def _pending_last(bench: Bench) -> str:
    """The order that `threads.add_client_tool_output` depends on."""
    thread_id = await given(bench.thread())
    now: Any = bench.samples.moment(0)
    await given(bench.message(thread_id, at=now))
    call = bench.samples.item("client_tool_call", bench.new_id("msg"), thread_id, at=now, status="pending")
    await given(bench.alice.add_thread_item(thread_id, call))
    page = await ITEMS.load(bench.alice, thread_id, None, 1, "desc")
    got = [row.id for row in page.data]
    if got != [call.id]:
        raise BrokenError(f"the newest item is {got}, not the tool call {call.id} that was added last")
    return "the call that was added last is the newest item"


add(
    Clause(
        "paging/items-pending-call-last",
        "CK408",
        "load_thread_items",
        "a client tool call added last is the newest item, though a message has the same time",
        _CURSOR,
        trial=_pending_last,
        level=Level.WARNING,
    )
)
