"""User B and the things of user A: every request that names something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.live import requests
from chatkit_validate.live.check import Check, Group, Need, Scenario
from chatkit_validate.live.stage import CannotGoOnError

if TYPE_CHECKING:
    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.stage import Stage

READS = Check(
    "identity/foreign-reads",
    "CK404",
    "B reads nothing of A's: threads.get_by_id and items.list are answered 404 (or empty), threads.list shows none",
    "Filter by the context's user in load_thread, load_thread_items and load_threads; raise NotFoundError otherwise.",
)
WRITES = Check(
    "identity/foreign-writes",
    "CK404",
    "B changes nothing of A's: title, messages, items, attachments and the thread itself stay as they were",
    "Filter by the context's user in every method of the store, the deleting ones too.",
)
STREAMS = Check(
    "identity/foreign-streams",
    "CK404",
    "B gets no stream on A's thread",
    "Load the thread for the context's user before streaming, and answer 404.",
)
FEEDBACK = Check(
    "identity/foreign-feedback",
    "CK711",
    "feedback on an item of A's is not taken from B",
    "Load the thread for the context's user in add_feedback().",
)


async def foreign_things(stage: Stage) -> None:
    """Has B try everything on a thread of A's, and looks at the thread as A afterwards."""
    turn = await stage.started(stage.a)
    thread, said = turn.thread or "", turn.user_message
    if said is None:
        raise CannotGoOnError(f"threads.create told no user message: {turn.exchange.described()}")
    attachment = await _attachment(stage)
    before = await _state(stage, thread)
    reads = [
        await stage.ask(stage.b, requests.thread_get(thread)),
        await stage.ask(stage.b, requests.items_list(thread)),
        await stage.ask(stage.b, requests.threads_list(limit=100)),
    ]
    faults = [
        f"{one.sent.kind} gives B {one.described()}" for one in reads if thread in one.text or said.id in one.text
    ]
    stage.judge(READS, faults, "B sees none of it", *reads)
    streams = [
        await stage.ask(stage.b, requests.message("mine now", thread=thread)),
        await stage.ask(stage.b, requests.retry_after(thread, said.id)),
        await stage.ask(stage.b, requests.client_tool_output(thread)),
        await stage.ask(stage.b, requests.structured_input(thread, said.id)),
        await stage.ask(stage.b, requests.custom_action(thread, said.id, streaming=True)),
    ]
    faults = [f"{one.sent.kind} gives B {one.described()}" for one in streams if _served(one)]
    stage.judge(STREAMS, faults, "none is served", *streams)
    rated = await stage.ask(stage.b, requests.feedback(thread, said.id))
    stage.expect(FEEDBACK, holds=not rated.ok, got=f"items.feedback gives B {rated.described()}", proof=[rated])
    writes = [
        await stage.ask(stage.b, requests.thread_update(thread, "taken over by B")),
        await stage.ask(stage.b, requests.custom_action(thread, said.id, streaming=False)),
        await stage.ask(stage.b, requests.thread_delete(thread)),
    ]
    if attachment:
        writes.append(await stage.ask(stage.b, requests.attachment_delete(attachment)))
    after = await _state(stage, thread)
    faults = [f"B's requests changed A's thread: {_difference(before, after)}"] if before.json != after.json else []
    if attachment and await _gone(stage, attachment):
        faults.append("B deleted A's attachment")
    stage.judge(WRITES, faults, "A's thread is as before", *streams, *writes, after)


async def _attachment(stage: Stage) -> str:
    made = await stage.ask(stage.a, requests.attachment_create("probe.txt", 5, "text/plain"))
    answer = made.json if made.ok else None
    return str(answer["id"]) if isinstance(answer, dict) and "id" in answer else ""


async def _gone(stage: Stage, attachment: str) -> bool:
    # Deleting it as its owner is the only question the protocol has for it; an idempotent store says nothing then.
    return (await stage.ask(stage.a, requests.attachment_delete(attachment))).status == 404


async def _state(stage: Stage, thread: str) -> Exchange:
    return await stage.ask(stage.a, requests.thread_get(thread))


def _served(answer: Exchange) -> bool:
    return any(event.type not in ("error", "thread.created") for event in answer.events)


def _difference(before: Exchange, after: Exchange) -> str:
    if not after.ok:
        return f"threads.get_by_id gives A {after.described()}"
    old, new = before.json or {}, after.json or {}
    if old.get("title") != new.get("title"):
        return f"its title is {new.get('title')!r}, was {old.get('title')!r}"
    return f"it has {len(new['items']['data'])} items, had {len(old['items']['data'])}"


SCENARIOS = (
    Scenario(
        "identity/foreign-things",
        Group.IDENTITY,
        (READS, STREAMS, FEEDBACK, WRITES),
        foreign_things,
        needs=(Need.SECOND_USER,),
    ),
)
