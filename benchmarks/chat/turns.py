"""What a turn costs in the app and in the baseline, taken in turns so that both see the same machine."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driver.client import message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chatkit.types import ThreadStreamEvent

    from driver import ChatClient

WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Timing:
    """One turn, in milliseconds: to the first event, to the first text, to the end; and how many events."""

    first_event: float
    first_text: float
    whole: float
    events: int


async def timed(client: ChatClient, text: str) -> Timing:
    """Run one turn in a new thread."""
    started = time.perf_counter()
    first_event = first_text = 0.0
    count = 0
    async with client.open("threads.create", None, **message(text)) as events:
        stream: AsyncIterator[ThreadStreamEvent] = events
        async for event in stream:
            now = (time.perf_counter() - started) * 1000
            count += 1
            first_event = first_event or now
            if event.type == "error":
                raise RuntimeError(f"the turn failed: {event.message}")
            if event.type == "thread.item.updated":
                first_text = first_text or now
    return Timing(first_event, first_text, (time.perf_counter() - started) * 1000, count)


async def interleaved(app: ChatClient, bare: ChatClient, text: str, rounds: int) -> tuple[list[Timing], list[Timing]]:
    """The same turn in both, one after the other, the first of each pair alternating."""
    for _ in range(WARM_UP):
        await timed(app, text)
        await timed(bare, text)
    ours: list[Timing] = []
    theirs: list[Timing] = []
    for number in range(rounds):
        for client, timings in ((app, ours), (bare, theirs))[:: 1 if number % 2 else -1]:
            timings.append(await timed(client, text))
    return ours, theirs


def median_difference(ours: list[float], theirs: list[float]) -> float:
    """The median of the pairwise differences: what one turn costs more, whatever the machine did meanwhile."""
    return statistics.median(mine - other for mine, other in zip(ours, theirs, strict=True))


async def report(app: ChatClient, bare: ChatClient, rounds: int) -> None:
    """Print the rows about turns."""
    short, bare_short = await interleaved(app, bare, "count to 5", rounds)
    for label, field in (("first event", "first_event"), ("first text", "first_text"), ("whole turn", "whole")):
        mine = [getattr(timing, field) for timing in short]
        other = [getattr(timing, field) for timing in bare_short]
        difference = median_difference(mine, other)
        print(
            f"{label:<38}{statistics.median(mine):>9.1f} ms {statistics.median(other):>9.1f} ms {difference:>+9.1f} ms"
        )
    long, bare_long = await interleaved(app, bare, "count to 1000", max(5, rounds // 10))
    extra = median_difference([timing.whole for timing in long], [timing.whole for timing in bare_long])
    fixed = median_difference([timing.whole for timing in short], [timing.whole for timing in bare_short])
    per_event = (extra - fixed) / (long[0].events - short[0].events) * 1000
    print(f"{'per event of a long answer':<38}{'':>12} {'':>12} {per_event:>+9.1f} µs")
