"""How a store lists page by page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.tables import Row
from chatkit_validate.integration.rehearsal.values import Made, Object, Unknown, Value, parts
from chatkit_validate.integration.storage.ownership import given, new_message, new_thread, rows
from chatkit_validate.integration.storage.trial import BrokenError, ForkedError, InapplicableError, UntriedError, tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration.evidence import Evidence
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.bench import Answer, Bench
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault

LISTINGS = frozenset({"load_threads", "load_thread_items"})
_NUMBER = 4
_PAGES = 9
_MARK = "row-"


def _listed(
    bench: Bench, name: str, number: int, *, tied: bool = False, growing: bool = False, own: bool = False
) -> _List:
    """Alice's rows; on a shared bench the same ones for every trial that only looks at them.

    Raises:
        ForkedError: The bench is shared, and the rows can be made in several ways.
    """
    key = (name, number, tied, growing, own)
    known = bench.lists.get(key)
    if isinstance(known, _List):
        return known
    other = bench if not bench.shared and not tied and not growing else bench.another()
    other.machine.still = tied
    other.growing = growing
    found = _List(other, name, number, tied=tied, shared=bench.shared)
    if bench.shared:
        if other.machine.taken:
            raise ForkedError
        bench.lists[key] = found
    return found


class _List:
    """Alice's rows, filled in for trials."""

    def __init__(self, bench: Bench, name: str, number: int, *, tied: bool = False, shared: bool = False) -> None:
        self.bench = bench
        self.shared = shared
        self.name = name
        self.scope: Value = ""
        seconds = [0 if tied else second for second in range(number)]
        if name == "load_threads":
            self.ids = [
                new_thread(bench, "alice", f"alice's {_MARK}{place}", second) for place, second in enumerate(seconds)
            ]
        else:
            self.scope = new_thread(bench, "alice", "alice's")
            self.ids = [
                new_message(bench, "alice", self.scope, f"alice's {_MARK}{place}", second)
                for place, second in enumerate(seconds)
            ]

        self._answers: dict[tuple[Value, int, str], Answer] = {}
        self._rename()

    def _rename(self) -> None:
        """Takes the ids that the store shows, where it keeps rows under others than they were given."""
        found: dict[int, Value] = {}
        for row in rows(self.ask(None, 20, "asc")):
            told = [part for part in parts(row, 9) if isinstance(part, str) and _MARK in part]
            if told:
                found[int(told[0].partition(_MARK)[2][0])] = identity(row)
        if len(found) == len(self.ids) and all(isinstance(each, str) for each in found.values()):
            self.ids = [found[place] for place in sorted(found)]

    def ask(self, after: Value, limit: int, order: str) -> Answer:
        """One page; the same question is asked once."""
        key = (after, limit, order)
        if key not in self._answers:
            given = (limit, after, order) if self.name == "load_threads" else (self.scope, after, limit, order)
            self._answers[key] = self.bench.call("alice", self.name, *given)
            if self.shared and self.bench.machine.taken:
                raise ForkedError
        return self._answers[key]

    def page(self, after: Value, limit: int, order: str) -> tuple[list[Value], bool, Value]:
        """The ids on one page, whether more follow, and the cursor."""
        answer = self.ask(after, limit, order)
        page = given(answer, self.name)
        if not isinstance(page, Made | Object):
            raise UntriedError("what it returns is no page that can be read")
        more = page.fields.get("has_more", False)
        if isinstance(more, Unknown):
            raise UntriedError("whether more follow cannot be followed")
        return [identity(item) for item in rows(answer)], bool(more), page.fields.get("after")

    def whole(self, order: str) -> list[Value]:
        """The ids on a page of all.

        Raises:
            UntriedError: Not all are there.
        """
        ids, _, _ = self.page(None, 20, order)
        if any(isinstance(item, Unknown) for item in ids):
            return ids
        if sorted(map(str, ids)) != sorted(map(str, self.ids)):
            raise UntriedError("a page of all does not show what was saved")
        return ids

    @property
    def opaque(self) -> bool:
        """Whether its rows come from a storage that cannot be followed."""
        ids, _, _ = self.page(None, 20, "asc")
        return any(isinstance(item, Unknown) for item in ids)


def identity(item: Value) -> Value:
    """The id of a row on a page; the row itself where it cannot be looked into."""
    found: Value = None
    match item:
        case Made(fields=fields) | Object(fields=fields):
            found = fields.get("id")
        case dict():
            found = item.get("id")
        case Row():
            found = item.get("id")
        case Unknown():
            return item
    if found is None:
        raise UntriedError("the ids on its pages cannot be followed")
    return found


def cursor(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """How a page does not go on after its cursor."""
    return _first(integration, method, _continues, _once, _unknown, _foreign)


def _first(integration: Integration, method: Method, *trials: Callable[..., None]) -> Evidence[Fault] | str:
    from chatkit_validate.integration.evidence import Found, Unresolved

    answers = [tried(integration, method, partial(trial, name=method.method)) for trial in trials]
    for kind in (Found, Unresolved):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return answers[0]


def _continues(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    for order in ("asc", "desc"):
        wanted = listed.whole(order)
        answer = listed.ask(wanted[0], 5, order)
        if answer.error:
            raise BrokenError(f"raises {answer.error.rpartition('.')[2]} for the cursor of its own row", answer.where)
        got = [identity(item) for item in rows(answer)]
        if got == wanted:
            raise BrokenError(f"begins again at its first page, whatever `after` says ({order})")
        if got != wanted[1:]:
            raise BrokenError(f"does not go on behind the row that `after` names ({order})")


def _walked(listed: _List, limit: int, order: str) -> list[Value]:
    ids: list[Value] = []
    after: Value = None
    for _ in range(_PAGES):
        got, more, following = listed.page(after, limit, order)
        ids += got
        if not more:
            return ids
        if following is None:
            raise BrokenError(f"says has_more and not from where ({order})")
        after = following
    raise BrokenError(f"paging with limit {limit} does not end ({order})")


def _once(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    if listed.opaque:
        raise UntriedError("the rows on its pages cannot be followed")
    for order in ("asc", "desc"):
        whole = listed.whole(order)
        for limit in (1, 3):
            got = _walked(listed, limit, order)
            if got != whole:
                lost = len(set(map(str, whole)) - set(map(str, got)))
                again = len(got) - len(set(map(str, got)))
                raise BrokenError(f"loses {lost} and repeats {again} of {len(whole)} rows, paged by {limit} ({order})")


def _cursored(bench: Bench, name: str) -> None:
    """Whether there is a cursor at all.

    Raises:
        InapplicableError: It is not used.
    """
    other = _listed(bench, name, _NUMBER)
    wanted = other.whole("asc")
    answer = other.ask(wanted[0], 5, "asc")
    if not answer.error and [identity(item) for item in rows(answer)] == wanted:
        raise InapplicableError("`after` is not used: CK406 speaks")


def _by_rows(listed: _List, limit: int, order: str) -> list[Value]:
    ids: list[Value] = []
    for _ in range(_PAGES):
        got, _, _ = listed.page(ids[-1] if ids else None, limit, order)
        ids += got
        if not got or len(got) < limit:
            return ids
    raise BrokenError(f"paging with limit {limit} does not end ({order})")


def _unknown(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    bench = listed.bench
    for order in ("asc", "desc"):
        fresh = bench.item_id("alice", listed.scope) if name == "load_thread_items" else bench.thread_id("alice")
        bench.machine.absent = {str(fresh)}
        answer = listed.ask(fresh, 2, order)
        if not answer.error and rows(answer):
            raise BrokenError(f"begins again at its first page after a cursor that names nothing ({order})")


def _foreign(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER, own=True)
    bench = listed.bench
    foreign = new_thread(bench, "bob", "bob's", 1)
    if name == "load_thread_items":
        foreign = new_message(bench, "bob", foreign, "bob's", 1)
    elif foreign in listed.page(None, 21, "asc")[0]:
        return  # Who lists everybody's threads has no cursors of others: CK404 speaks.
    for order in ("asc", "desc"):
        answer = listed.ask(foreign, 5, order)
        if not answer.error and rows(answer):
            raise BrokenError(f"goes on after a cursor that is another user's ({order})")


def ties(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """Which rows of one time are lost or repeated; a text where paging fails for another reason."""
    return tried(integration, method, lambda bench: _ties(bench, method.method))


def _ties(bench: Bench, name: str) -> None:
    _cursored(bench, name)
    spoken = 0
    for order in ("asc", "desc"):
        told = _lost(bench, name, order, tied=True)
        if not told:
            spoken += 1
        elif not _lost(bench, name, order) or not _lost(bench, name, order, growing=True):
            # With times or ids that sort like the rows it works: the cursor is no unique key of that order.
            raise BrokenError(told)
    if not spoken and _one_way(_listed(bench, name, _NUMBER)):
        raise BrokenError("compares its cursor with another key than that of its order")
    if not spoken:
        raise InapplicableError("Paging fails for another reason: CK406 speaks")


def _lost(bench: Bench, name: str, order: str, *, tied: bool = False, growing: bool = False) -> str:
    """Which rows are lost or repeated where each page begins behind the last row shown; empty where none is."""
    listed = _listed(bench, name, _NUMBER, tied=tied, growing=growing)
    if listed.opaque:
        raise UntriedError("the rows on its pages cannot be followed")
    whole = listed.whole(order)
    for limit in (1, 3):
        try:
            got = _by_rows(listed, limit, order)
        except BrokenError as error:
            return error.told
        missing = len(set(map(str, whole)) - set(map(str, got)))
        again = len(got) - len(set(map(str, got)))
        if missing or again:
            return f"loses {missing} and repeats {again} of {len(whole)} rows of one time, paged by {limit} ({order})"
    return ""


def position(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """How a page does not say from where the next one goes on."""
    return tried(integration, method, lambda bench: _position(bench, method.method))


def _position(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    listed.whole("asc")
    for order in ("asc", "desc"):
        _, more, after = listed.page(None, 1, order)
        if more and after is None:
            raise BrokenError("says has_more and has no after")


def direction(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """How a page does not follow the order asked for."""
    return tried(integration, method, lambda bench: _direction(bench, method.method))


def _direction(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    ids = listed.ids
    asc, desc = listed.whole("asc"), listed.whole("desc")
    if asc == desc:
        raise BrokenError("gives the same order for `asc` and `desc`")
    if listed.opaque:
        raise UntriedError("the rows on its pages cannot be followed")
    if asc == ids[::-1] and desc == ids:
        raise BrokenError("gives the newest first for `asc`, and the oldest for `desc`")
    if asc != ids or desc != ids[::-1]:
        raise BrokenError("orders by something other than the time of creation")
    for order, wanted in (("asc", ids), ("desc", ids[::-1])):
        got, _, _ = listed.page(None, 1, order)
        if got and got[0] != wanted[0]:
            raise BrokenError(f"takes the page from the wrong end ({order})")
    if _one_way(listed):
        raise BrokenError("compares with its cursor in the same direction for `asc` and `desc`")


def _one_way(listed: _List) -> bool:
    """Whether the same rows follow any cursor in both orders."""
    after = [(_after(listed, cursor, "asc"), _after(listed, cursor, "desc")) for cursor in listed.ids]
    same = all(one is not None and one == other for one, other in after)
    return same and any(len(one or ()) < len(listed.ids) for one, _ in after)


def _after(listed: _List, cursor: Value, order: str) -> list[str] | None:
    """What follows a row, in any order; None where asking for it raises."""
    answer = listed.ask(cursor, 5, order)
    return None if answer.error else sorted(str(identity(item)) for item in rows(answer))


def length(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """How a page is not as long as asked for, or does not say whether rows are left."""
    return _first(integration, method, _length, _more, _empty, _extreme)


def _length(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    if listed.opaque:
        if listed.page(None, 1, "asc") == listed.page(None, 3, "asc"):
            raise BrokenError("gives the same page for any limit")
        raise UntriedError("the rows on its pages cannot be followed")
    there = _there(listed)
    for limit in (1, 3, _NUMBER, _NUMBER + 1):
        answer = listed.ask(None, limit, "asc")
        if answer.error:
            raise BrokenError(f"raises {answer.error.rpartition('.')[2]} for a limit of {limit}", answer.where)
        got, _, _ = listed.page(None, limit, "asc")
        if len(got) != min(limit, there):
            raise BrokenError(f"gives {len(got)} of {there} rows for a limit of {limit}")


def _there(listed: _List) -> int:
    """How many rows a page of all shows: some stores keep one thread for each user."""
    ids, _, _ = listed.page(None, 20, "asc")
    if not ids:
        raise UntriedError("a page of all does not show what was saved")
    return len(ids)


def _more(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    if listed.opaque:
        raise UntriedError("the rows on its pages cannot be followed")
    there = _there(listed)
    for limit in (1, 3, _NUMBER, _NUMBER + 1):
        got, more, _ = listed.page(None, limit, "asc")
        if more is not (len(got) < there):
            raise BrokenError(f"says has_more={more} on a page of {len(got)} of {there} rows")


def _empty(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, 0)
    got, more, _ = listed.page(None, 5, "asc")
    if got or more:
        raise BrokenError("says that rows are left where there are none")


def _extreme(bench: Bench, name: str) -> None:
    listed = _listed(bench, name, _NUMBER)
    if listed.opaque:
        raise UntriedError("the rows on its pages cannot be followed")
    there = len(rows(listed.ask(None, 20, "asc")))
    for limit in (0, -1, 10**8, 2**63):
        answer = listed.ask(None, limit, "asc")
        if answer.error:
            raise BrokenError(f"raises {answer.error.rpartition('.')[2]} for a limit of {limit}", answer.where)
        if limit > 0 and len(rows(answer)) != there:
            raise BrokenError(f"gives {len(rows(answer))} of {there} rows for a limit of {limit}")
