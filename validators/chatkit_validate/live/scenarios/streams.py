"""What must hold for every stream and every answer of a run; judged from the log when the rest is done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatkit.types import ErrorEvent

from chatkit_validate.live import turn as turns
from chatkit_validate.live.check import Check, Group, Scenario
from chatkit_validate.live.exchange import Ending, Exchange
from chatkit_validate.live.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chatkit_validate.live.stage import Stage

VALID = Check(
    "protocol/valid-events",
    "CK115",
    "every frame of every stream is one `data:` line with a ThreadStreamEvent",
    "Stream `process()`'s result as it is; write no frames by hand.",
)
ORDER = Check(
    "protocol/event-order",
    "CK702",
    "[thread.created], the user's message, stream_options once, the answer; an error last",
    "Leave the order to `process()`; yield only your own events from respond().",
)
ITEMS = Check(
    "protocol/item-events",
    "CK703",
    "an item is updated only between its thread.item.added and its end",
    "Yield thread.item.added before an item's updates, and nothing about it after thread.item.done.",
)
DONE = Check(
    "protocol/items-done",
    "CK505",
    "every item that was added is done, removed or replaced in a turn that ends well",
    "Yield ThreadItemDoneEvent for every item: only then is it saved.",
)
TEXT = Check(
    "protocol/text-equals-deltas",
    "CK704",
    "the pieces of a message, its closed parts and the finished item say the same",
    "Build thread.item.done from the text that was streamed.",
)
THREAD = Check(
    "protocol/thread-ids",
    "CK705",
    "every item names the thread it is in",
    "Give items `thread_id=thread.id` of the thread that respond() got.",
)
UNIQUE = Check(
    "protocol/unique-item-ids",
    "CK512",
    "every message has an id of its own",
    "Give messages ids of the store (`store.generate_item_id`): models behind chat completions all say `__fake_id__`.",
)
HIDDEN = Check(
    "protocol/hidden-items",
    "CK706",
    "no hidden context item is on the wire, neither in streams nor in pages",
    "Save hidden items with `store.add_thread_item`, and leave pages to `process()`, which filters them.",
)
CLEAN = Check(
    "protocol/clean-end",
    "CK707",
    "every stream ends after a complete frame and closes in order",
    "Raise nothing outside respond() once the stream has begun; turn what can fail into an error event.",
)
INTERNALS = Check(
    "leaks/internals",
    "CK109",
    "no answer and no error event tells how the app is built",
    "Answer errors with words of your own; log the exception instead.",
)
TOKENS = Check(
    "leaks/tokens",
    "CK708",
    "no answer repeats the credentials it was sent with",
    "Keep tokens out of items, titles and error messages.",
)

_TELLTALES: Final[tuple[tuple[str, str], ...]] = (
    (r"Traceback \(most recent call last\)", "a traceback"),
    (r'File "[^"]+", line \d+', "a traceback"),
    (r"site-packages|dist-packages", "a path of the server"),
    (r"validation errors? for ", "a pydantic error"),
    (r"errors\.pydantic\.dev", "a pydantic error"),
    (r"tagged-union\[|union_tag_(?:not_found|invalid)", "a pydantic error"),
    (r"'NoneType' object|object has no attribute|object is not (?:iterable|subscriptable|callable)", "a Python error"),
    (
        r"\b(?:asyncpg|psycopg2?|sqlalchemy|sqlite3|pymongo|openai|httpx|agents)\.[A-Za-z_.]*(?:Error|Exception)",
        "a class",
    ),
    (r"(?i)\bsyntax error at or near\b|relation \"\w+\" does not exist|no such table", "an SQL error"),
    (r"\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis)(?:\+\w+)?://[^\s\"]+:[^\s\"@]+@", "a database URL"),
    (r"(?i)must be overridden to|is not configured\. Provide a", "an exception of the library"),
)


async def every_stream(stage: Stage) -> None:
    """Judges all streams of the run."""
    streams = [exchange for exchange in stage.wire.log if exchange.is_stream and exchange.frames]
    checks = (VALID, ORDER, ITEMS, DONE, TEXT, THREAD, UNIQUE, HIDDEN, CLEAN)
    if not streams:
        for check in checks:
            stage.unknown(check, "the run saw no stream")
        return
    _each(stage, VALID, streams, _invalid_frames)
    whole = [exchange for exchange in streams if exchange.ending is Ending.CLEAN]
    # What breaks before respond() is asked was asked wrongly: CK114 speaks of that.
    answering = [one for one in streams if any(event.type == "stream_options" for event in one.events)]
    _each(stage, CLEAN, [one for one in answering if one.ending is not Ending.LEFT], _unclean)
    _each(stage, ORDER, whole, lambda one: turns.order_faults(Turn(one)))
    _each(stage, ITEMS, streams, lambda one: turns.item_faults(Turn(one)))
    _each(stage, DONE, whole, lambda one: turns.unfinished_faults(Turn(one)))
    _each(stage, TEXT, streams, lambda one: turns.text_faults(Turn(one)))
    _each(stage, THREAD, streams, lambda one: turns.thread_faults(Turn(one), _thread_asked(one)))
    _each(stage, HIDDEN, [one for one in stage.wire.log if one.status == 200], _hidden)
    stage.judge(
        UNIQUE, turns.repeated_ids(map(Turn, streams)), f"all ids of {len(streams)} streams differ", *streams[-2:]
    )


async def every_answer(stage: Stage) -> None:
    """Looks for internals and credentials in all that came back."""
    _each(stage, INTERNALS, stage.wire.log, _internals)
    secrets = [one.token for one in (stage.cast.a, stage.cast.b) if one is not None and one.token]
    if not secrets:
        stage.not_applicable(TOKENS, "no token was sent")
        return

    def repeated(exchange: Exchange) -> Iterator[str]:
        if any(secret in exchange.text for secret in secrets):
            yield f"the answer to {exchange.sent.kind} holds the token it was sent with"

    _each(stage, TOKENS, stage.wire.log, repeated)


def _each(
    stage: Stage, check: Check, exchanges: Iterable[Exchange], faults: Callable[[Exchange], Iterable[str]]
) -> None:
    count = 0
    for exchange in exchanges:
        count += 1
        found = list(faults(exchange))
        if found:
            stage.judge(check, [f"{exchange.sent.kind} (request {exchange.number}): {found[0]}"], "", exchange)
            return
    if count:
        stage.judge(check, (), f"holds for all {count}")
    else:
        stage.unknown(check, "the run saw none that could be judged")


def _invalid_frames(exchange: Exchange) -> Iterator[str]:
    for received in exchange.frames:
        if received.event is None:
            yield f"a frame {received.problem}"


def _unclean(exchange: Exchange) -> Iterator[str]:
    if exchange.ending is not Ending.CLEAN:
        last = exchange.events[-1].type if exchange.events else "no event"
        yield f"{exchange.ending.value} after {last}: {exchange.trouble}"
    elif exchange.rest:
        yield f"ends in the middle of a frame: {exchange.rest[:60]!r}"


def _thread_asked(exchange: Exchange) -> str | None:
    asked = exchange.sent.params.get("thread_id")
    return asked if isinstance(asked, str) else Turn(exchange).thread


def _hidden(exchange: Exchange) -> Iterator[str]:
    for item in turns.items_of(exchange.events):
        if item.type in turns.HIDDEN:
            yield f"a {item.type} is streamed"
    decoded = exchange.json
    if not isinstance(decoded, dict) or exchange.is_stream:
        return
    page = decoded.get("items") if isinstance(decoded.get("items"), dict) else decoded
    for one in page.get("data") or () if isinstance(page, dict) else ():
        if isinstance(one, dict) and one.get("type") in turns.HIDDEN:
            yield f"a {one['type']} is among the items"


def _internals(exchange: Exchange) -> Iterator[str]:
    if exchange.is_stream:
        text = " ".join(event.message or "" for event in exchange.events if isinstance(event, ErrorEvent))
    elif exchange.status is not None and exchange.status >= 400:
        text = exchange.text
    else:
        return
    for pattern, what in _TELLTALES:
        if match := re.search(pattern, text):
            yield f"the answer holds {what}: {text[max(0, match.start() - 30) : match.end() + 50]!r}"


SCENARIOS = (
    Scenario(
        "protocol/every-stream",
        Group.PROTOCOL,
        (VALID, ORDER, ITEMS, DONE, TEXT, THREAD, UNIQUE, HIDDEN, CLEAN),
        every_stream,
        last=True,
    ),
    Scenario("leaks/every-answer", Group.LEAKS, (INTERNALS, TOKENS), every_answer, last=True),
)
