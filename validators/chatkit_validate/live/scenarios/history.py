"""A longer conversation: what is saved, what the model gets to read of it, what it is called."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from chatkit_validate.live import requests
from chatkit_validate.live.check import Check, Group, Scenario
from chatkit_validate.live.stage import CannotGoOnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.live.stage import Stage
    from chatkit_validate.live.turn import Turn

SAVED = Check(
    "persistence/saved-as-streamed",
    "CK712",
    "items.list has exactly the items that were done, in their order, and threads.get_by_id begins with them",
    "Save nothing but what is streamed, and everything that is: `process()` does so on every thread.item.done.",
)
ONCE = Check(
    "persistence/saved-once",
    "CK504",
    "no item is in the store twice",
    "Don't save in respond() what its events already save; write items by id, so that a second write replaces.",
)
TITLE = Check(
    "persistence/title",
    "CK713",
    "the title that a stream or threads.update told is the one in threads.get_by_id and threads.list",
    "Set `thread.title` on the thread that respond() got; save the whole row in save_thread, also the second time.",
)
HISTORY = Check(
    "persistence/history-reaches-model",
    "CK501",
    "the model reads the earlier turns of the thread",
    "Give the model the thread's items (`store.load_thread_items`), converted by ThreadItemConverter.",
)
NEWEST = Check(
    "persistence/newest-history",
    "CK502",
    "in a thread of more than twenty items the model still reads the user's last message",
    'Load the newest items (`order="desc"`) and reverse them.',
)
TWICE = Check(
    "persistence/message-once-in-prompt",
    "CK503",
    "the model reads the user's last message once",
    "Don't append the message to the history that was loaded from the store: it is saved before respond() is called.",
)

LONG = 12
"""Turns of a long conversation: with its answers more than the twenty items that a page has by default."""
_SHORT = 3


async def conversation(stage: Stage) -> None:
    """Holds a conversation and compares what was said, what is stored and what the model read."""
    marks = [
        f"mark-{number}-{id(stage) % 10_000:04d}" for number in range(1, (LONG if stage.cast.model else _SHORT) + 1)
    ]
    first = await stage.started(stage.a, f"Remember {marks[0]}")
    thread = first.thread or ""
    turns = [first]
    for mark in marks[1:]:
        turn = await stage.say(stage.a, f"Remember {mark}", thread=thread)
        if not turn.exchange.ok or turn.error is not None:
            raise CannotGoOnError(f"turn {len(turns) + 1} gave {turn.exchange.described()}")
        turns.append(turn)
    stored = await stage.items(stage.a, thread)
    read = await stage.ask(stage.a, requests.thread_get(thread))
    listing = stage.wire.log[-2]
    proof = (turns[-1].exchange, listing, read)
    stage.judge(SAVED, _differences(turns, stored, read.json), f"all {len(stored)} items, in order", *proof)
    stage.judge(ONCE, _repeated(turns, stored), f"{len(stored)} items, each once", *proof)
    await _title(stage, thread, first)
    _prompt(stage, marks, turns[-1])


def _differences(turns: list[Turn], stored: list[Any], thread: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    told = [(item.type, item.id) for turn in turns for item in turn.done]
    kept = [(item.get("type"), item.get("id")) for item in stored]
    ids = {name for _, name in told}
    said = {_said(item) for item in stored if item.get("id") in ids}  # again under another id: CK504 speaks of it
    if missing := [one for one in told if one not in kept]:
        yield f"{len(missing)} of {len(told)} streamed items are not in items.list, the first a {missing[0][0]}"
    elif extra := [one for one in stored if one.get("id") not in ids and _said(one) not in said]:
        yield f"items.list has {len(extra)} that were never streamed, the first a {extra[0].get('type')}"
    elif kept != told and sorted(kept) == sorted(told):
        yield "items.list (asc) has the items in another order than they were streamed"
    if isinstance(thread, dict):
        page = thread.get("items") or {}
        shown = [(item.get("type"), item.get("id")) for item in page.get("data") or []]
        if shown != kept[: len(shown)] or (len(shown) < len(kept) and not page.get("has_more")):
            yield f"the {len(shown)} items in threads.get_by_id are not the first of the {len(kept)} in items.list"


def _repeated(turns: list[Turn], stored: list[Any]) -> Iterator[str]:
    ids = Counter(item.get("id") for item in stored)
    yield from (f"items.list has {name} {count} times" for name, count in ids.items() if count > 1)
    told = {item.id for turn in turns for item in turn.done}
    known = {_said(item) for item in stored if item.get("id") in told}
    for item in stored:
        if item.get("id") not in told and _said(item) in known:
            yield f"the {item.get('type')} {item.get('id')} was never streamed, and says what another item says"


def _said(item: dict[str, Any]) -> tuple[Any, str]:
    parts = item.get("content")
    text = "".join(str(part.get("text")) for part in parts if isinstance(part, dict)) if isinstance(parts, list) else ""
    return item.get("type"), text


async def _title(stage: Stage, thread: str, first: Turn) -> None:
    faults = []
    told = [first.title] if first.title is not None else []
    for title in (*told, "renamed by chatkit-validate"):
        if title not in told:
            await stage.ask(stage.a, requests.thread_update(thread, title))
        read = await stage.ask(stage.a, requests.thread_get(thread))
        listed = await stage.ask(stage.a, requests.threads_list(limit=50))
        rows = (listed.json or {}).get("data") if isinstance(listed.json, dict) else None
        row: Any = next((one for one in rows or [] if one.get("id") == thread), {})
        if not (read.ok and listed.ok):
            stage.unknown(TITLE, f"it cannot be read: {(listed if read.ok else read).described()}", read, listed)
            return
        for where, found in (("threads.get_by_id", read.json), ("threads.list", row)):
            have = found.get("title") if isinstance(found, dict) else None
            if have != title:
                faults.append(f"{where} has the title {have!r}, told was {title!r}")
    stage.judge(TITLE, faults, "both have it", *stage.wire.log[-3:])


def _prompt(stage: Stage, marks: list[str], last: Turn) -> None:
    if stage.cast.model is None:
        for check in (HISTORY, NEWEST, TWICE):
            stage.unknown(check, "what the model reads cannot be seen: give --model-stub")
        return
    # Streamed ones only: a title is asked for as a whole.
    asked = [request for request in stage.model.requests if request.body.get("stream")]
    about = [request for request in asked if any(mark in request.text for mark in marks)]
    if not about:
        for check in (HISTORY, NEWEST, TWICE):
            stage.not_applicable(check, "no turn asked the scripted model: the app has none, or another one")
        return
    prompt = about[-1].text
    count = prompt.count(marks[-1])
    proof = last.exchange
    lost = [mark for mark in marks[-4:-1] if mark not in prompt]
    stage.expect(HISTORY, holds=len(lost) == 0, got=f"{3 - len(lost)} of the 3 turns before are read", proof=[proof])
    stage.expect(NEWEST, holds=count > 0, got=f"the last message is read {count} times", proof=[proof])
    stage.expect(TWICE, holds=count <= 1, got=f"the last message is read {count} times", proof=[proof])


SCENARIOS = (
    Scenario(
        "persistence/conversation",
        Group.PERSISTENCE,
        (SAVED, ONCE, TITLE, HISTORY, NEWEST, TWICE),
        conversation,
    ),
)
