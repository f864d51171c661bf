"""A first conversation: is there an endpoint, and does it speak the protocol?"""

from __future__ import annotations

from string import hexdigits
from typing import TYPE_CHECKING

from chatkit.types import Page, Thread, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter, ValidationError

from chatkit_validate.live import requests
from chatkit_validate.live.app_log import NEVER_AWAITED, NO_USER_ID, NOT_ENCODED, NOT_PREPARED
from chatkit_validate.live.check import Check, Group, Scenario
from chatkit_validate.live.stage import CannotGoOnError, better_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.stage import Stage

ENDPOINT = Check(
    "protocol/endpoint",
    "CK101",
    "the URL answers POST",
    "Add a POST route at this URL that hands `await request.body()` to `server.process()`.",
)
UNDERSTOOD = Check(
    "protocol/requests-understood",
    "CK115",
    "valid requests of the protocol are not refused as malformed, and streams are made of ThreadStreamEvents",
    "Hand the raw body to `ChatKitServer.process()` and its result to the response; parse and write nothing by hand.",
)
SERVED = Check(
    "protocol/requests-served",
    "CK701",
    "valid requests are answered without a server error",
    "Look into the app's log for the exception; `chatkit-validate check` finds the usual causes.",
)
AWAITED = Check(
    "protocol/process-awaited",
    "CK112",
    "both kinds of requests get the answer that process() made",
    "Write `result = await server.process(...)`.",
)
DETECTED = Check(
    "protocol/stream-detected",
    "CK107",
    "threads.create is answered with a stream of events",
    "Answer `StreamingResponse(result, ...)` where `isinstance(result, StreamingResult)`.",
)
MEDIA_TYPE = Check(
    "protocol/stream-media-type",
    "CK104",
    "the stream's Content-Type is text/event-stream",
    'Give the StreamingResponse `media_type="text/event-stream"`.',
)
HEADERS = Check(
    "protocol/stream-headers",
    "CK105",
    "the stream says `Cache-Control: no-cache` (or no-store) and `X-Accel-Buffering: no`",
    'Give the StreamingResponse `headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}`. Where a proxy '
    "in between strips X-Accel-Buffering, ask for the endpoint without it.",
)
JSON_ANSWERS = Check(
    "protocol/json-answers",
    "CK106",
    "threads.list, items.list, threads.get_by_id and threads.update are answered with the protocol's objects as JSON",
    'Answer `Response(content=result.json, media_type="application/json")`: `json` is bytes, not a method.',
)
PERSISTED = Check(
    "protocol/store-works",
    "CK304",
    "a thread that was just made can be read again",
    "Initialise the store in the app's lifespan, before the first request. Where the log names a table of the app's "
    "own, run the app's migrations on this database first.",
)

_INSIDE = "the cause cannot be seen from outside; --app shows the app's log, which may tell it"


async def first_contact(stage: Stage) -> None:
    """Lists threads, starts one, reads it."""
    listed = await stage.ask(stage.a, requests.threads_list(limit=3))
    stage.judge(ENDPOINT, _no_endpoint(listed), f"POST is answered ({listed.status})", listed)
    if listed.status in (401, 403):
        raise CannotGoOnError(f"the endpoint refuses user A ({listed.described()}): {better_token(stage.a)}")
    if not listed.ok:
        await _refuse_stranger(stage, listed)
    if listed.status in (404, 405):
        raise CannotGoOnError(f"there is no endpoint: {listed.described()}")
    stage.open = listed.ok and not stage.a.credentials
    turn = await stage.say(stage.a, "Hello from chatkit-validate")
    created = turn.exchange
    answers = [listed, created]
    stage.judge(UNDERSTOOD, _not_understood(answers), "valid requests are understood", *answers)
    stage.judge(SERVED, _server_errors(answers), "no server error", *answers)
    _judge_by_log(stage, answers)
    _judge_stream(stage, listed, created)
    if turn.thread is None:
        for check in (JSON_ANSWERS, PERSISTED):
            stage.unknown(check, f"no thread could be started: {created.described()}", created)
        return
    read = await stage.ask(stage.a, requests.thread_get(turn.thread))
    items = await stage.ask(stage.a, requests.items_list(turn.thread))
    titled = await stage.ask(stage.a, requests.thread_update(turn.thread, "chatkit-validate"))
    answers = [listed, read, items, titled]
    if any(answer.ok for answer in answers):
        stage.judge(JSON_ANSWERS, _json_faults(answers), "each is the object the protocol wants", *answers)
    else:
        stage.unknown(JSON_ANSWERS, f"{listed.sent.kind} gives {listed.described()}; {_INSIDE}", *answers)
    stage.judge(SERVED, _server_errors(answers), "no server error", *answers)
    _judge_by_log(stage, answers)
    if read.ok:
        stage.judge(PERSISTED, (), "threads.get_by_id gives the thread", created, read)
    else:
        stage.unknown(PERSISTED, f"threads.get_by_id gave {read.described()}; {_INSIDE}", created, read)


async def _refuse_stranger(stage: Stage, listed: Exchange) -> None:
    """Ends the run where what fails is that the app does not find the user whom a good token names.

    Raises:
        CannotGoOnError: It is so.
    """
    reason = ""
    if listed.status == 404 and not any(_no_endpoint(listed)):
        # Who it takes for nobody it asks for a token: so the endpoint is there, and A is who is not.
        asked = await stage.ask(stage.nobody, requests.threads_list(limit=3))
        reason = listed.described() if asked.status in (401, 403) else ""
    elif stage.cast.app is not None and listed.status == 500 and _is_a_name(stage.a.subject):
        line = stage.cast.app.log.line_with(NO_USER_ID)
        reason = f"{listed.described()}; its log says: {line[:160]}" if line else ""
    if reason:
        raise CannotGoOnError(f"the endpoint does not find user A ({reason}): {better_token(stage.a)}")


def _is_a_name(subject: str | None) -> bool:
    """Whether a column of numbers or UUIDs could not hold `subject`."""
    letters = (subject or "").replace("-", "")
    return bool(letters) and any(letter not in hexdigits for letter in letters)


def _no_endpoint(answer: Exchange) -> Iterator[str]:
    if answer.status == 405 or (answer.status == 404 and not _is_not_found_of_a_thread(answer)):
        yield f"POST {answer.sent.url} is answered {answer.described()}"


def _is_not_found_of_a_thread(answer: Exchange) -> bool:
    # Starlette's own 404, before any route, says just this.
    return answer.text not in ('{"detail":"Not Found"}', "Not Found")


def _not_understood(answers: list[Exchange]) -> Iterator[str]:
    for answer in answers:
        if answer.status in (400, 415, 422):
            yield f"{answer.sent.kind}, a valid request, is refused: {answer.described()}"
        for received in answer.frames:
            if received.event is None:
                yield f"{answer.sent.kind}: a frame {received.problem} ({received.frame.data[:80]!r})"


def _server_errors(answers: list[Exchange]) -> Iterator[str]:
    for answer in answers:
        if answer.status is None or (answer.status >= 500 and answer.status != 501):
            yield f"{answer.sent.kind} gives {answer.described()}"


def _judge_by_log(stage: Stage, answers: list[Exchange]) -> None:
    """Where a request failed in an app that the probe serves, its log may name a cause that no answer tells."""
    failed = [answer for answer in answers if not answer.ok]
    if stage.cast.app is None or not failed:
        return
    for check, pattern in ((AWAITED, NEVER_AWAITED), (JSON_ANSWERS, NOT_ENCODED), (PERSISTED, NOT_PREPARED)):
        if line := stage.cast.app.log.line_with(pattern):
            got = f"{failed[0].sent.kind} gives {failed[0].described()}, and the app's log says: {line[:160]}"
            stage.judge(check, [got], "", *failed)


def _judge_stream(stage: Stage, listed: Exchange, created: Exchange) -> None:
    if created.status is None or not 200 <= created.status < 300:
        reason = f"threads.create gave {created.described()}"
        if listed.ok and created.status == 500:
            stage.judge(DETECTED, [f"threads.list is answered, {reason}"], "", listed, created)
        for check in (DETECTED, MEDIA_TYPE, HEADERS, AWAITED):
            stage.unknown(check, f"{reason}; {_INSIDE}", created)
        return
    said = created.media_type or "none"
    stage.expect(DETECTED, holds=bool(created.frames), got=created.described(), proof=[created])
    if not created.frames:
        for check in (MEDIA_TYPE, HEADERS, AWAITED):
            stage.unknown(check, f"threads.create is no stream: {created.described()}", created)
        return
    right = said == "text/event-stream"
    stage.expect(MEDIA_TYPE, holds=right, got=f"Content-Type: {said}", proof=[created])
    cache, buffering = (created.headers.get(name, "").lower() for name in ("cache-control", "x-accel-buffering"))
    kept = "no-cache" in cache or "no-store" in cache
    got = f"Cache-Control: {cache or 'absent'}; X-Accel-Buffering: {buffering or 'absent'}"
    stage.expect(HEADERS, holds=kept and buffering == "no", got=got, proof=[created])
    if listed.ok:
        stage.judge(AWAITED, (), "threads.list and threads.create are answered", listed, created)
    else:
        stage.unknown(AWAITED, f"threads.list gave {listed.described()}", listed)


_OBJECTS: dict[str, TypeAdapter[object]] = {
    "threads.list": TypeAdapter(Page[Thread]),
    "items.list": TypeAdapter(Page[ThreadItem]),
    "threads.get_by_id": TypeAdapter(Thread),
    "threads.update": TypeAdapter(ThreadMetadata),
}


def _json_faults(answers: list[Exchange]) -> Iterator[str]:
    for answer in answers:
        kind = answer.sent.kind
        if not answer.ok:
            continue  # judged by SERVED
        if answer.media_type != "application/json":
            yield f"{kind} is answered as {answer.media_type or 'no type at all'}"
        decoded = answer.json
        if isinstance(decoded, str):
            yield f"{kind} is a JSON string: the answer was encoded twice"
        elif not isinstance(decoded, dict):
            yield f"{kind} is no JSON object: {answer.described()}"
        else:
            yield from _type_faults(kind, decoded)


def _type_faults(kind: str, decoded: dict[str, object]) -> Iterator[str]:
    if set(decoded) == {"json"}:
        yield f"{kind} is wrapped in an object with the key json"
        return
    try:
        parsed = _OBJECTS[kind].validate_python(decoded)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        yield f"{kind} is not the protocol's object: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        return
    # Every field of a page has a default, so an object of another kind passes for an empty one.
    if isinstance(parsed, BaseModel) and not parsed.model_fields_set:
        yield f"{kind} has none of the fields of the protocol's object"


SCENARIOS = (
    Scenario(
        "protocol/first-contact",
        Group.PROTOCOL,
        (ENDPOINT, UNDERSTOOD, SERVED, AWAITED, DETECTED, MEDIA_TYPE, HEADERS, JSON_ANSWERS, PERSISTED),
        first_contact,
    ),
)
