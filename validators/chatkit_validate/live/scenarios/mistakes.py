"""What clients get wrong: malformed requests, unknown ids, things the server does not do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.live import requests
from chatkit_validate.live.check import Check, Group, Need, Scenario
from chatkit_validate.live.exchange import Ending
from chatkit_validate.live.stage import CannotGoOnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.stage import Stage

BROKEN_JSON = Check(
    "errors/broken-json",
    "CK103",
    "a body that is no JSON is answered 400 or 422",
    "Map pydantic's ValidationError to 400 (`json_invalid`) or 422, in the handler or in an app-level handler.",
)
FOREIGN_REQUEST = Check(
    "errors/foreign-requests",
    "CK103",
    "JSON that is no ChatKit request is answered 400 or 422",
    "Map pydantic's ValidationError to 422, in the handler or in an app-level handler.",
)
METADATA = Check(
    "errors/optional-parts",
    "CK103",
    "a valid request with metadata, and a message with fields that the protocol does not know, are served",
    "Read metadata from the parsed request; expect nothing at `params.input.metadata`.",
)
UNKNOWN_THREAD = Check(
    "errors/unknown-thread",
    "CK110",
    "threads.get_by_id and threads.update of a thread that does not exist are answered 404",
    "Map chatkit.store.NotFoundError to 404, in the handler or in an app-level handler.",
)
UNKNOWN_ITEMS = Check(
    "errors/items-of-unknown-thread",
    "CK110",
    "items.list of a thread that does not exist is answered 404 or with an empty page",
    "Raise NotFoundError in load_thread_items for a thread that the user does not have, and map it to 404.",
)
UNKNOWN_IN_STREAM = Check(
    "errors/unknown-thread-in-stream",
    "CK114",
    "a streaming request for what does not exist is answered 4xx, or with an error event and a clean end",
    "Load the thread, item or attachment before streaming and answer 404: process() looks it up inside the stream.",
)
UNKNOWN_RETRY = Check(
    "errors/retry-after-unknown-item",
    "CK110",
    "threads.retry_after_item of an unknown item is answered 4xx or with an error event",
    "Load the item before streaming and answer 404: process() answers an unknown one with an empty stream.",
)
ORPHAN = Check(
    "errors/orphan-thread",
    "CK709",
    "threads.create that names an unknown attachment leaves no thread behind",
    "Load the attachments before `process()`, which saves the thread first.",
)
UNSUPPORTED = Check(
    "errors/unsupported-requests",
    "CK710",
    "what the server does not do (actions, speech, attachments) is refused with 4xx or 501, or answered",
    "Refuse the request types that the server does not implement before `process()`, with 501.",
)
STATUS_KEPT = Check(
    "errors/http-exception-kept",
    "CK108",
    "no refusal (4xx) that was raised inside comes out as a 500",
    "Write `except HTTPException: raise` before the broad except, or narrow that.",
)
COLD = Check(
    "errors/before-start",
    "CK102",
    "while the server is not initialised (the lifespan has not run), requests are answered 503",
    "Answer 503 where `getattr(request.app.state, ..., None)` is None.",
)

NO_SUCH: Final = "thr_chatkit_validate_no_such_thread"
NO_SUCH_ITEM: Final = "msg_chatkit_validate_no_such_item"
NO_SUCH_ATTACHMENT: Final = "atc_chatkit_validate_no_such_attachment"

_NOT_JSON: Final = (b"", b"{", b"not json", b'{"type": "threads.list", "params": {}', b'{"type": "\xff\xfe"}')
_FOREIGN: Final[tuple[Any, ...]] = (
    {},
    [],
    "threads.list",
    None,
    {"message": "hello", "thread_id": "x"},
    {"jsonrpc": "2.0", "id": 1, "method": "threads.runs.submitMessage", "params": {"threadId": "x", "input": {}}},
    {"type": "threads.no_such_operation", "params": {}},
    {"type": "threads.create"},
    {"type": "threads.create", "params": None},
    {"type": "threads.create", "params": {"input": None}},
    {"type": "threads.create", "params": {"input": {"content": "hello", "attachments": [], "inference_options": {}}}},
    {"type": "threads.create", "params": {"input": {"content": [], "attachments": []}}},
    {"type": "threads.list", "params": {"limit": "many"}},
    {"type": "threads.list", "params": {}, "metadata": None},
    {"type": "items.list", "params": {"thread_id": ["x"]}},
)


async def malformed(stage: Stage) -> None:
    """Sends what is no ChatKit request."""
    broken = [await stage.ask(stage.a, body) for body in _NOT_JSON]
    stage.judge(BROKEN_JSON, _not_refused(broken), f"all {len(broken)} are refused", *_worst(broken))
    foreign = [await stage.ask(stage.a, json.dumps(body).encode()) for body in _FOREIGN]
    stage.judge(FOREIGN_REQUEST, _not_refused(foreign), f"all {len(foreign)} are refused", *_worst(foreign))
    odd = [
        {**requests.threads_list(limit=1), "metadata": {"page": "probe", "nested": {"list": [1, None]}}},
        {**requests.threads_list(limit=1), "unknown_field": True},
    ]
    answers = [await stage.ask(stage.a, body) for body in odd]
    faults = [f"{answer.sent.body.decode()} gives {answer.described()}" for answer in answers if not answer.ok]
    stage.judge(METADATA, faults, "both are served", *answers)


async def unknown_ids(stage: Stage) -> None:
    """Names what does not exist, in every request that names something."""
    plain = [
        await stage.ask(stage.a, requests.thread_get(NO_SUCH)),
        await stage.ask(stage.a, requests.thread_update(NO_SUCH, "x")),
    ]
    faults = [f"{one.sent.kind} gives {one.described()}" for one in plain if one.status != 404]
    stage.judge(UNKNOWN_THREAD, faults, "both are answered 404", *plain)
    listed = await stage.ask(stage.a, requests.items_list(NO_SUCH))
    empty = listed.ok and isinstance(listed.json, dict) and listed.json.get("data") == []
    stage.expect(UNKNOWN_ITEMS, holds=listed.status == 404 or empty, got=listed.described(), proof=[listed])
    streams = [
        requests.message("hello", thread=NO_SUCH),
        requests.retry_after(NO_SUCH, NO_SUCH_ITEM),
        requests.client_tool_output(NO_SUCH),
        requests.structured_input(NO_SUCH, NO_SUCH_ITEM),
        requests.custom_action(NO_SUCH, None, streaming=True),
    ]
    answers = [await stage.ask(stage.a, body) for body in streams]
    turn = await stage.started(stage.a)
    thread = turn.thread or ""
    retried = await stage.ask(stage.a, requests.retry_after(thread, NO_SUCH_ITEM))
    unasked = await stage.ask(stage.a, requests.client_tool_output(thread))
    with_bad_file = await stage.ask(stage.a, requests.message("hi", thread=thread, attachments=(NO_SUCH_ATTACHMENT,)))
    answers += [unasked, with_bad_file]
    stage.judge(UNKNOWN_IN_STREAM, _not_told(answers), f"all {len(answers)} are refused", *_worst(answers))
    stage.judge(UNKNOWN_RETRY, _not_told([retried]), retried.described(), retried)


async def orphan(stage: Stage) -> None:
    """Starts a thread with an attachment that does not exist."""
    before = await stage.ask(stage.a, requests.threads_list(limit=20))
    tried = await stage.ask(stage.a, requests.message("hello", attachments=(NO_SUCH_ATTACHMENT,)))
    after = await stage.ask(stage.a, requests.threads_list(limit=20))
    if not (before.ok and after.ok):
        stage.unknown(ORPHAN, f"threads.list gave {(after if before.ok else before).described()}", before, after)
        return
    known = {thread["id"] for thread in before.json["data"]}
    new = [thread["id"] for thread in after.json["data"] if thread["id"] not in known]
    if tried.ok and not any(event.type == "error" for event in tried.events):
        stage.not_applicable(ORPHAN, "the unknown attachment is ignored, and the message answered", tried)
        return
    for thread in new:
        stage.ledger.thread(thread, stage.a)
    faults = [f"{tried.described()}, and the thread {thread} is in threads.list" for thread in new]
    stage.judge(ORPHAN, faults, f"{tried.described()}, and threads.list is as before", tried, after)


async def unsupported(stage: Stage) -> None:
    """Asks for what many servers leave out: actions, speech, attachments; and for too large a file."""
    turn = await stage.started(stage.a)
    thread = turn.thread or ""
    huge = await stage.ask(stage.a, requests.attachment_create("huge.bin", 10**13, "application/x-chatkit-validate"))
    answers = [
        await stage.ask(stage.a, requests.custom_action(thread, None, streaming=True)),
        await stage.ask(stage.a, requests.custom_action(thread, None, streaming=False)),
        await stage.ask(stage.a, requests.transcribe()),
        await stage.ask(stage.a, requests.attachment_create("note.txt", 5, "text/plain")),
        await stage.ask(stage.a, requests.attachment_delete(NO_SUCH_ATTACHMENT)),
        huge,
    ]
    faults = [f"{one.sent.kind} gives {one.described()}" for one in answers if not _answered(one)]
    stage.judge(UNSUPPORTED, faults, "each is answered or refused", *_worst(answers))
    failed = [one for one in stage.wire.log if one.status is not None and one.status >= 500]
    swallowed = [one for one in failed if re.search(r"\b4\d\d: ", one.text)]
    if swallowed:
        got = [f"{one.sent.kind} gives {one.described()}" for one in swallowed]
        stage.judge(STATUS_KEPT, got, "", *swallowed[:1])
    elif any(one.refused for one in stage.wire.log):
        stage.judge(STATUS_KEPT, (), "refusals come out as 4xx, and no 500 speaks of one")
    else:
        stage.not_applicable(STATUS_KEPT, "the app refuses nothing with a status of its own, so it swallows none")


async def cold_start(stage: Stage) -> None:
    """Asks the app whose lifespan has not run."""
    app = stage.cast.app
    if app is None or app.cold is None:
        raise CannotGoOnError("the app starts threads while it is imported, so it cannot be had without its lifespan")
    answer = await stage.wire.ask(stage.a, requests.threads_list(limit=1), url=app.cold)
    if answer.ok:
        stage.not_applicable(COLD, "the server works without the lifespan: it is built at import", answer)
    else:
        stage.expect(COLD, holds=answer.status == 503, got=answer.described(), proof=[answer])


def _not_refused(answers: list[Exchange]) -> Iterator[str]:
    for answer in answers:
        if answer.status is None or not 400 <= answer.status < 500:
            yield f"{answer.sent.body.decode('utf-8', 'replace')[:90]!r} gives {answer.described()}"


def _not_told(answers: list[Exchange]) -> Iterator[str]:
    for answer in answers:
        told = any(event.type == "error" for event in answer.events) and answer.ending is Ending.CLEAN
        if not (answer.refused or told):
            yield f"{answer.sent.kind} gives {answer.described()}"


def _answered(answer: Exchange) -> bool:
    return answer.refused or answer.ok


def _worst(answers: list[Exchange]) -> list[Exchange]:
    """The answer to show: the first that is no refusal, else the first."""
    return [next((one for one in answers if not one.refused), answers[0])]


SCENARIOS = (
    Scenario("errors/malformed", Group.ERRORS, (BROKEN_JSON, FOREIGN_REQUEST, METADATA), malformed),
    Scenario(
        "errors/unknown-ids",
        Group.ERRORS,
        (UNKNOWN_THREAD, UNKNOWN_ITEMS, UNKNOWN_IN_STREAM, UNKNOWN_RETRY),
        unknown_ids,
    ),
    Scenario("errors/orphan", Group.ERRORS, (ORPHAN,), orphan),
    Scenario("errors/unsupported", Group.ERRORS, (UNSUPPORTED, STATUS_KEPT), unsupported),
    Scenario("errors/cold-start", Group.ERRORS, (COLD,), cold_start, needs=(Need.APP,)),
)
