"""When things arrive: a slow answer, a failing model, a client that leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from chatkit.types import ErrorEvent

from chatkit_validate.live import requests
from chatkit_validate.live.check import Check, Group, Need, Scenario
from chatkit_validate.live.exchange import Ending
from chatkit_validate.live.stage import CannotGoOnError
from chatkit_validate.live.turn import Turn, is_delta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.live.exchange import Received
    from chatkit_validate.live.stage import Stage

SPREAD = Check(
    "streaming/incremental",
    "CK113",
    "the text of a slow answer arrives piece by piece, while the model is still writing",
    "Use `Runner.run_streamed` and yield what `stream_agent_response` yields; keep compressing and buffering "
    "middlewares and proxies away from the stream.",
)
FIRST = Check(
    "streaming/first-event",
    "CK717",
    "the first event is there within a second, however slow the model is",
    "Do what takes time (titles, tools, look-ups) after the first event, or send a ProgressUpdateEvent before it.",
)
RESPONSIVE = Check(
    "streaming/responsive",
    "CK509",
    "while an answer is streamed, other requests are answered",
    "Await in respond() and in tools; move what blocks into `asyncio.to_thread`.",
)
TOLD = Check(
    "streaming/failures-told",
    "CK716",
    "a turn whose model fails, before or within the answer, ends with an error event (stream.error or custom)",
    "Let exceptions leave respond(), or turn them into CustomStreamError; swallow none.",
)
ALIVE = Check(
    "streaming/goes-on-after-failure",
    "CK718",
    "after a turn that failed the thread takes the next message",
    "Leave nothing in the thread that the next turn cannot be built from.",
)
PARTIAL = Check(
    "disconnect/partial-answer",
    "CK511",
    "what the user has seen of an answer is kept when they leave in the middle",
    "Shield the saving: `with anyio.CancelScope(shield=True): await super().handle_stream_cancelled(...)`.",
)
STOPPED = Check(
    "disconnect/run-stops",
    "CK510",
    "the model is no longer asked once the client has left",
    "Call `result.cancel()` in a `finally` of respond().",
)
NEXT = Check(
    "disconnect/next-turn",
    "CK718",
    "after a client has left in the middle the thread takes the next message",
    "Leave nothing in the thread that the next turn cannot be built from.",
)

_PAUSE = 0.12  # seconds between the words of a slow answer
_WORDS = 12
_LONG_ANSWER = "Please count from one to sixty in words, one after the other, and say nothing else."
_QUICK = 1.5  # seconds: an answer that took less may well have been written at once
_PATIENCE = 4.0  # seconds for what a server does after its client has left


async def slow_answer(stage: Stage) -> None:
    """Has the model take its time, and asks for something else meanwhile."""
    first = asyncio.Event()

    def begun(received: Received) -> bool:
        if is_delta(received.event):
            first.set()
        return False

    # What a request takes that waits for nothing: a machine that is busy with other things is no fault of the app.
    calm = (await stage.ask(stage.a, requests.threads_list(limit=1))).took
    scripted = stage.cast.model is not None
    text, script = (f"count to {_WORDS}", {"delay": _PAUSE}) if scripted else (_LONG_ANSWER, None)
    speaking = asyncio.ensure_future(stage.say(stage.a, text, script=script, until=begun))
    waiting = asyncio.ensure_future(first.wait())
    await asyncio.wait({speaking, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    meanwhile = None if speaking.done() else await stage.ask(stage.a, requests.threads_list(limit=1))
    turn = await speaking
    exchange = turn.exchange
    if turn.error is not None or not turn.delta_times:
        raise CannotGoOnError(f"the slow turn gave {exchange.described()}")
    _spread(stage, turn, scripted=scripted)
    began = exchange.frames[0].frame.at
    got = f"it came after {began:.2f} s; a page of threads takes {calm:.2f} s"
    stage.expect(FIRST, holds=began < 1.0 + 3 * calm, got=got, proof=[exchange])
    if meanwhile is None:
        stage.unknown(RESPONSIVE, "the text came only when the stream was over, so nothing could be asked meanwhile")
        return
    got = f"threads.list was answered after {meanwhile.took:.2f} s, in the middle of the answer"
    allowed = max(_PAUSE * (_WORDS - 1) / 2, 5 * calm)
    stage.expect(RESPONSIVE, holds=meanwhile.took < allowed, got=got, proof=[meanwhile])


def _spread(stage: Stage, turn: Turn, *, scripted: bool) -> None:
    exchange, times = turn.exchange, turn.delta_times
    span, whole = times[-1] - times[0], _PAUSE * (_WORDS - 1)
    if scripted:
        got = f"{len(times)} pieces over {span:.2f} s; the model wrote for {whole:.2f} s"
        stage.expect(SPREAD, holds=span > whole / 3 and len(times) > 2, got=got, proof=[exchange])
        return
    got = f"{len(times)} pieces over {span:.2f} s of {exchange.took:.2f} s"
    # Even the user's own message, which no model has to write, came with the last word.
    at_once = exchange.took > _QUICK and exchange.frames[0].frame.at > 0.8 * exchange.took
    if at_once or span > whole / 3:
        stage.expect(SPREAD, holds=not at_once, got=got, proof=[exchange])
    else:
        stage.unknown(SPREAD, f"{got}: the model was too quick to tell; give {Need.MODEL_STUB}", exchange)


async def failing_model(stage: Stage) -> None:
    """Has the model refuse, report an error, and break off."""
    turn = await stage.started(stage.a)
    thread = turn.thread or ""
    scripts: list[dict[str, Any]] = [{"status": 400}, {"error_after": 3}, {"cut_after": 3}]
    failed = [await stage.say(stage.a, f"count to {_WORDS}", thread=thread, script=script) for script in scripts]
    stage.judge(TOLD, _silent(failed), "each ends with an error event", *(one.exchange for one in failed))
    after = await stage.say(stage.a, "And now?", thread=thread)
    stage.expect(ALIVE, holds=_worked(after), got=after.exchange.described(), proof=[after.exchange])


def _silent(turns: list[Turn]) -> Iterator[str]:
    for turn, how in zip(turns, ("refuses", "reports an error in its answer", "breaks off"), strict=True):
        events = [event for event in turn.events if event.type != "thread.updated"]
        if not events or not isinstance(events[-1], ErrorEvent):
            yield f"when the model {how}: {turn.exchange.described()}"


def _worked(turn: Turn) -> bool:
    return turn.exchange.ok and turn.error is None and bool(turn.answers)


async def leaving(stage: Stage) -> None:
    """Leaves while the model is writing, and looks at what is left of the answer."""
    started = await stage.started(stage.a)
    thread = started.thread or ""
    seen: list[float] = []

    def enough(received: Received) -> bool:
        seen.extend([received.frame.at] if is_delta(received.event) else [])
        return len(seen) >= 3

    model = stage.cast.model
    asked = len(model.requests) if model else 0
    text, script = ("count to 40", {"hold_after": 6}) if model else (_LONG_ANSWER, None)
    turn = await stage.say(stage.a, text, thread=thread, script=script, until=enough)
    if turn.exchange.ending is not Ending.LEFT:
        # A stream that is only delivered whole cannot be left in its middle: CK113 speaks of it.
        raise CannotGoOnError(f"no three pieces of text came before the end: {turn.exchange.described()}")
    await _stopped(stage, turn, asked)
    kept = await _kept(stage, thread, turn.streamed)
    what = f"{turn.streamed!r} was seen, "
    got = what + (f"{kept!r} is kept" if kept else "no answer is kept")
    stage.expect(PARTIAL, holds=bool(kept), got=got, proof=[turn.exchange, stage.wire.log[-1]])
    after = await stage.say(stage.a, "And now?", thread=thread)
    stage.expect(NEXT, holds=_worked(after), got=after.exchange.described(), proof=[turn.exchange, after.exchange])
    await stage.items(stage.a, thread)  # for the check that no hidden item is on the wire: now there is one


async def _stopped(stage: Stage, turn: Turn, asked: int) -> None:
    if stage.cast.model is None:
        stage.unknown(STOPPED, f"whether the model is still read cannot be seen: give {Need.MODEL_STUB}")
        return
    stopped = await stage.model.wait_until(
        lambda requests: any(one.outcome == "client left" for one in requests[asked:]), _PATIENCE
    )
    got = "the model's connection was closed" if stopped else f"{_PATIENCE:g} s later the model is still being read"
    stage.expect(STOPPED, holds=stopped, got=got, proof=[turn.exchange])


async def _kept(stage: Stage, thread: str, seen: str) -> str:
    """The stored answer that begins with what was seen; the server may take a moment to store it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE
    while True:
        for item in await stage.items(stage.a, thread):
            if item.get("type") == "assistant_message":
                text = "".join(part.get("text", "") for part in item.get("content", []))
                if text.startswith(seen[:4]):
                    return text
        if loop.time() > end:
            return ""
        await asyncio.sleep(0.1)


SCENARIOS = (
    Scenario("streaming/slow-answer", Group.STREAMING, (SPREAD, FIRST, RESPONSIVE), slow_answer),
    Scenario("streaming/failing-model", Group.STREAMING, (TOLD, ALIVE), failing_model, needs=(Need.MODEL_STUB,)),
    Scenario("disconnect/leaving", Group.DISCONNECT, (STOPPED, PARTIAL, NEXT), leaving),
)
