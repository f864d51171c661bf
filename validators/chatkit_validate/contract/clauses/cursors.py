"""A cursor that names nothing is an error or the end, never the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, Clause, Need, add
from chatkit_validate.contract.clauses.not_found import ILL_FORMED
from chatkit_validate.contract.journal import short
from chatkit_validate.contract.listing import LISTINGS, Listing

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_WAY_OUT = "Raise NotFoundError for a cursor that names no row in this scope, or return an empty page."


def _stops(listing: Listing) -> Clause:
    async def trial(bench: Bench) -> str:
        scope, _ids = await given(listing.fill(bench, 3))
        for order in ("asc", "desc"):
            answer = await attempt(listing.load(bench.alice, scope, bench.new_id(listing.prefix), 2, order))
            if answer.value is not None and (answer.value.data or answer.value.has_more):
                told = f"{len(answer.value.data)} of 3 rows and has_more {answer.value.has_more}"
                raise BrokenError(f"after an id that names nothing ({order}) it returned {told}")
        return "nothing came back"

    return Clause(
        f"cursors/{listing.name}-unknown",
        "CK406",
        listing.method,
        expected="after an unknown id nothing follows",
        way_out=_WAY_OUT + " A client that meets the first page again never stops.",
        trial=trial,
    )


def _says_so(listing: Listing) -> Clause:
    async def trial(bench: Bench) -> str:
        scope, _ids = await given(listing.fill(bench, 1))
        for cursor in (bench.new_id(listing.prefix), *filter(None, ILL_FORMED)):
            answer = await attempt(listing.load(bench.alice, scope, cursor, 2, "asc"))
            if answer.error and not answer.missing:
                raise BrokenError(f"for after={short(cursor)} it {answer.error.told}")
        return "it raised NotFoundError or returned a page"

    return Clause(
        f"cursors/{listing.name}-ill-formed",
        "CK405",
        listing.method,
        expected="for any unknown cursor it raises NotFoundError or returns a page, nothing else",
        way_out=_WAY_OUT,
        trial=trial,
    )


def _foreign(listing: Listing) -> Clause:
    async def trial(bench: Bench) -> str:
        scope, _ids = await given(listing.fill(bench, 3))
        foreign = await given(bench.thread(bench.bob))
        if listing.name == "items":
            foreign = await given(bench.message(foreign, bench.bob))
        answer = await attempt(listing.load(bench.alice, scope, foreign, 5, "asc"))
        if answer.value is not None and answer.value.data:
            raise BrokenError(f"after an id of another user it returned {len(answer.value.data)} rows")
        return "nothing came back"

    return Clause(
        f"cursors/{listing.name}-of-another-user",
        "CK406",
        listing.method,
        expected="after an id of another user nothing follows",
        way_out="Look the cursor up within the same user (and thread) as the page.",
        trial=trial,
        needs=(Need.TWO_USERS,),
    )


for _listing in LISTINGS:
    for _make in (_stops, _says_so, _foreign):
        add(_make(_listing))
