"""Workers and restarts: two processes on the same data."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import given
from chatkit_validate.contract.clause import BrokenError, Need, UntriedError, clause

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_NUMBER: Final = 5
_PATIENCE: Final = 30.0  # seconds for the other process, most of which are imports


@clause(
    "processes/shared",
    "CK421",
    "load_thread",
    expected="what one process saves another finds, and both can write to one thread at once",
    way_out="Keep conversations in a database that all workers share; memory ends with the process.",
    judges=("add_thread_item", "load_thread_items", "load_item"),
    needs=(Need.PROCESSES,),
)
async def shared(bench: Bench) -> str:
    """A second process opens the store by the same factory, reads the thread and adds to it."""
    if bench.origin is None:
        raise UntriedError("the other process needs a factory it can import: name one (`factory = 'module:name'`)")
    thread_id = await given(bench.thread())
    await given(bench.message(thread_id))
    theirs = [bench.new_id("msg") for _ in range(_NUMBER)]
    peer = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "chatkit_validate.contract.peer",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    order = {
        "spec": bench.origin.spec,
        "path": bench.origin.path,
        "context": bench.origin.context,
        "user": bench.alice.user_id,
        "thread": thread_id,
        "items": theirs,
    }
    try:
        async with asyncio.timeout(_PATIENCE):
            answered = asyncio.ensure_future(peer.communicate(json.dumps(order).encode()))
            ours = [await bench.message(thread_id) for _ in range(_NUMBER)]
            out, err = await answered
    except TimeoutError as error:
        raise UntriedError(f"the other process did not answer within {_PATIENCE:g} s") from error
    finally:
        if peer.returncode is None:
            peer.kill()
            await peer.wait()
    _judge_peer(out, err)
    page = await bench.alice.load_thread_items(thread_id, None, 50, "asc")
    lost = {*ours, *theirs}.difference(row.id for row in page.data)
    if lost:
        raise BrokenError(f"of {_NUMBER} items written here and {_NUMBER} there, {len(lost)} are not seen here")
    return f"{_NUMBER} items of each process are there"


def _judge_peer(out: bytes, err: bytes) -> None:
    try:
        answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    except (ValueError, IndexError) as error:
        last = (err.decode(errors="replace").strip().splitlines() or ["it printed nothing"])[-1]
        raise UntriedError(f"the other process failed: {last}") from error
    if problem := answer.get("broken"):
        raise BrokenError(f"in the other process, {problem}")
    if problem := answer.get("untried"):
        raise UntriedError(f"in the other process, {problem}")
