"""How many streams one worker holds at once, and what memory each takes."""

from __future__ import annotations

import asyncio
import time

import psutil

from driver import ChatClient
from driver.client import message
from services.scripted_model import Script, ScriptedModel


async def report(url: str, pid: int, token: str, model: ScriptedModel, count: int) -> None:
    """Open `count` streams at once, hold them all in the middle of their answers, let them finish."""
    model.on("hold", Script(hold_after=2, say="one two three four"))
    worker = _worker(pid)
    before = worker.memory_info().rss
    held = asyncio.Semaphore(0)
    errors: list[str] = []
    async with ChatClient(url, token) as client:
        client.http.timeout = 300

        async def one() -> None:
            texts = 0
            async with client.open("threads.create", None, **message("hold")) as events:
                async for event in events:
                    texts += event.type == "thread.item.updated"
                    if texts == 2:
                        held.release()
                    if event.type == "error":
                        errors.append(str(event.message))
                        held.release()

        started = time.perf_counter()
        turns = [asyncio.create_task(one()) for _ in range(count)]
        for _ in range(count):
            await held.acquire()
        opened = time.perf_counter() - started
        memory = (worker.memory_info().rss - before) / count / 1024
        model.release()
        failed = [outcome for outcome in await asyncio.gather(*turns, return_exceptions=True) if outcome is not None]
    print(f"{'streams held at once on one worker':<38}{count:>9}    all sent at once, all open after {opened:.1f} s")
    print(f"{'  errors':<38}{len(failed) + len(errors):>9}")
    for error in sorted({*errors, *map(repr, failed)}):
        print(f"    {error[:100]}")
    print(f"{'  memory per stream':<38}{memory:>9.0f} kB")


def _worker(pid: int) -> psutil.Process:
    process = psutil.Process(pid)
    children = [child for child in process.children() if "spawn_main" in " ".join(child.cmdline())]
    return children[0] if children else process
