"""Pages of items and threads, in both orders; deleting; answering anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from chatkit_validate.live import requests
from chatkit_validate.live.check import Check, Group, Scenario
from chatkit_validate.live.stage import CannotGoOnError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.stage import Stage

CURSOR = Check(
    "persistence/cursor",
    "CK406",
    "pages joined by `after` hold everything once; an unknown cursor is not the first page again",
    "Start after the row that `after` names; answer an unknown cursor with an empty page or NotFoundError.",
)
ORDER = Check(
    "persistence/order",
    "CK408",
    "`asc` is the order in which items came about, `desc` its reverse",
    "Sort by the time of creation in the direction of `order`, with a unique tie-breaker, and turn the cursor's "
    "comparison with it.",
)
LIMIT = Check(
    "persistence/limit",
    "CK409",
    "a page holds `limit` rows while there are more; limits of 0, -1 and 100 million are served or refused, never 500",
    "Fetch `limit + 1` rows to know whether there are more, and clamp what clients ask for, e.g. to 1..100.",
)
DELETED = Check(
    "persistence/deleted",
    "CK714",
    "after threads.delete the thread and its items are gone, and it takes no messages",
    "Delete the thread's items and the thread in one transaction.",
)
RETRY = Check(
    "persistence/retry",
    "CK715",
    "threads.retry_after_item leaves the messages up to the user's, and one new answer",
    "Let delete_thread_item delete; let load_thread_items page to its end, which `process()` relies on here.",
)

_MOST_PAGES = 60
_TURNS = 4


@dataclass(slots=True)
class _Paged:
    """All pages of one walk."""

    rows: list[Any]
    pages: list[Exchange]
    fault: str = ""


async def pages(stage: Stage) -> None:
    """Walks through items and threads with several limits, in both orders."""
    turn = await stage.started(stage.a, "First of several")
    thread = turn.thread or ""
    told = [item.id for item in turn.done]
    for number in range(2, _TURNS + 1):
        told += [item.id for item in (await stage.say(stage.a, f"Message {number}", thread=thread)).done]
    for size in (1, 3, len(told)):
        up = await _walk(stage, partial(_page_of, thread, size, "asc"))
        down = await _walk(stage, partial(_page_of, thread, size, "desc"))
        _judge_walks(stage, told, up, down, size)
    await _threads(stage)
    await _unknown_cursor(stage, thread, told)
    await _odd_limits(stage, thread)


def _page_of(thread: str, size: int, order: requests.Order, after: str | None) -> requests.Body:
    return requests.items_list(thread, limit=size, order=order, after=after)


async def _walk(stage: Stage, body: Callable[[str | None], requests.Body]) -> _Paged:
    walked = _Paged([], [])
    after: str | None = None
    while len(walked.pages) < _MOST_PAGES:
        answer = await stage.ask(stage.a, body(after))
        walked.pages.append(answer)
        page = answer.json if answer.ok else None
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise CannotGoOnError(f"{answer.sent.kind} gave {answer.described()}")
        walked.rows += [row.get("id") for row in page["data"]]
        after = page.get("after")
        if not page.get("has_more"):
            return walked
        if after is None:
            walked.fault = "a page says has_more and gives no `after`"
            return walked
        if len(walked.rows) != len(set(walked.rows)):
            walked.fault = "a row comes again on a later page"
            return walked
    walked.fault = f"there is no end after {_MOST_PAGES} pages"
    return walked


def _judge_walks(stage: Stage, told: list[str], up: _Paged, down: _Paged, size: int) -> None:
    for name, walked in (("asc", up), ("desc", down)):
        faults = [walked.fault] if walked.fault else []
        if not walked.fault and sorted(walked.rows) != sorted(told):
            faults = [f"{len(walked.rows)} of {len(told)} items come"]
        said = [f"with limit {size}, {name}: {fault}" for fault in faults]
        stage.judge(CURSOR, said, "everything comes once, with limits 1, 3 and all", *walked.pages[:2])
        short = [page for page in walked.pages[:-1] if len(page.json["data"]) != size]
        long = [page for page in walked.pages if len(page.json["data"]) > size]
        got = [f"a page has {len(page.json['data'])} rows with limit {size}" for page in (*long, *short)]
        stage.judge(LIMIT, got, "pages are as long as asked for", *(*long, *short, walked.pages[0])[:1])
    if sorted(up.rows) == sorted(told):
        stage.expect(ORDER, holds=up.rows == told, got=_order("asc", up.rows == told), proof=up.pages[:1])
    if sorted(down.rows) == sorted(told):
        right = down.rows == told[::-1]
        stage.expect(ORDER, holds=right, got=_order("desc", right), proof=down.pages[:1])


def _order(name: str, right: bool) -> str:  # noqa: FBT001 - a phrase for either
    return f"`{name}` is {'as it should be' if right else 'not the order in which the items came about'}"


async def _threads(stage: Stage) -> None:
    """Compares one long page of threads with short ones: the user may have many, and more may come meanwhile."""
    for text in ("One more", "And another"):
        await stage.started(stage.a, text)
    for order in ("desc", "asc"):
        whole = await stage.ask(stage.a, requests.threads_list(limit=6, order=order))
        rows = [row.get("id") for row in (whole.json or {}).get("data", [])] if whole.ok else []
        short: list[Any] = []
        after: str | None = None
        while len(short) < len(rows):
            page = await stage.ask(stage.a, requests.threads_list(limit=2, order=order, after=after))
            found = page.json if page.ok else {}
            short += [row.get("id") for row in found.get("data", [])]
            after = found.get("after")
            if not found.get("has_more") or after is None:
                break
        same = short[: len(rows)] == rows
        got = f"threads.list ({order}): pages of 2 {'give' if same else 'do not give'} what a page of 6 has"
        stage.expect(CURSOR, holds=same, got=got, proof=[whole])
    newest = await stage.ask(stage.a, requests.threads_list(limit=2, order="desc"))
    times = [row.get("created_at", "") for row in (newest.json or {}).get("data", [])] if newest.ok else []
    sinking = times == sorted(times, reverse=True)
    got = f"threads.list (desc) {'begins' if sinking else 'does not begin'} with the newest"
    stage.expect(ORDER, holds=sinking, got=got, proof=[newest])


async def _unknown_cursor(stage: Stage, thread: str, told: list[str]) -> None:
    answer = await stage.ask(stage.a, requests.items_list(thread, limit=2, order="asc", after="no_such_cursor"))
    rows = [row.get("id") for row in answer.json.get("data", [])] if answer.ok else []
    got = f"an unknown cursor gives {'the first page again' if rows == told[:2] else answer.described()}"
    fine = not rows and (answer.ok or answer.refused)
    stage.expect(CURSOR, holds=fine, got=got, proof=[answer])


async def _odd_limits(stage: Stage, thread: str) -> None:
    answers = [await stage.ask(stage.a, requests.items_list(thread, limit=limit)) for limit in (0, -1, 100_000_000)]
    answers += [await stage.ask(stage.a, requests.threads_list(limit=limit)) for limit in (-1, 100_000_000)]
    faults = [
        f"{one.sent.kind} with limit {one.sent.params['limit']} gives {one.described()}"
        for one in answers
        if not (one.ok or one.refused)
    ]
    stage.judge(LIMIT, faults, "all limits are served or refused", *answers)


async def deleting(stage: Stage) -> None:
    """Deletes a thread and looks for what is left of it."""
    turn = await stage.started(stage.a)
    thread = turn.thread or ""
    gone = await stage.ask(stage.a, requests.thread_delete(thread))
    read = await stage.ask(stage.a, requests.thread_get(thread))
    items = await stage.ask(stage.a, requests.items_list(thread))
    listed = await stage.ask(stage.a, requests.threads_list(limit=50))
    written = await stage.ask(stage.a, requests.message("still there?", thread=thread))
    stage.judge(DELETED, _remains(thread, gone, read, items, listed, written), "nothing is left", gone, read, items)


def _remains(thread: str, *answers: Exchange) -> Iterator[str]:
    gone, read, items, listed, written = answers
    if not gone.ok:
        yield f"threads.delete gives {gone.described()}"
    if read.ok:
        yield f"threads.get_by_id still gives {read.described()}"
    if items.ok and isinstance(items.json, dict) and items.json.get("data"):
        yield f"items.list still gives {len(items.json['data'])} items"
    if listed.ok and thread in listed.text:
        yield "threads.list still shows it"
    if any(event.type == "thread.item.added" for event in written.events):
        yield f"it takes a message: {written.described()}"


async def retrying(stage: Stage) -> None:
    """Asks for a new answer to the first of two messages."""
    first = await stage.started(stage.a, "Answer this twice")
    thread, message = first.thread or "", first.user_message
    if message is None or not first.answers:
        raise CannotGoOnError(f"the first turn has no answer: {first.exchange.described()}")
    await stage.say(stage.a, "Something else", thread=thread)
    retried = await stage.ask(stage.a, requests.retry_after(thread, message.id))
    stored = await stage.items(stage.a, thread)
    kinds = [item.get("type") for item in stored if item.get("type") in ("user_message", "assistant_message")]
    faults = []
    if not retried.ok or not any(event.type == "thread.item.done" for event in retried.events):
        faults.append(f"it gives {retried.described()}")
    elif kinds != ["user_message", "assistant_message"]:
        faults.append(f"afterwards the thread has {', '.join(map(str, kinds)) or 'nothing'}")
    elif stored[0].get("id") != message.id or first.answers[0].id in [item.get("id") for item in stored]:
        faults.append("the old answer is still there")
    stage.judge(RETRY, faults, "the message and one new answer", retried, stage.wire.log[-1])


SCENARIOS = (
    Scenario("persistence/pages", Group.PERSISTENCE, (CURSOR, ORDER, LIMIT), pages),
    Scenario("persistence/deleting", Group.PERSISTENCE, (DELETED,), deleting),
    Scenario("persistence/retrying", Group.PERSISTENCE, (RETRY,), retrying),
)
