"""The methods are there, take what ChatKit passes, and are asynchronous."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract.bench import attempt
from chatkit_validate.contract.clause import METHODS, BrokenError, Clause, UntriedError, add

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench

_BY_KEYWORD: Final = frozenset({"after", "limit", "order", "context"})
"""Parameters that chatkit.server passes by keyword in some calls, by position in others."""


def _present(method: str) -> Clause:
    async def trial(bench: Bench) -> str:
        from chatkit.store import Store

        implementation = getattr(type(bench.alice.store), method, None) or getattr(bench.alice.store, method, None)
        if implementation is None:
            raise BrokenError(f"{type(bench.alice.store).__name__} has no {method}")
        if implementation is getattr(Store, method, None):
            raise BrokenError(f"{type(bench.alice.store).__name__} inherits the abstract {method}, which does nothing")
        if more := Store.__abstractmethods__.difference(METHODS):
            raise UntriedError(f"the installed Store has methods that this version does not know: {sorted(more)}")
        return "implemented"

    return Clause(
        f"present/{method}",
        "CK401",
        method,
        expected=f"`{method}` is implemented",
        way_out=f"Implement `{method}` as `chatkit.store.Store` declares it.",
        trial=trial,
        disqualifies=True,
    )


def _signature(method: str) -> Clause:
    async def trial(bench: Bench) -> str:
        from chatkit.store import Store

        declared = [name for name in inspect.signature(getattr(Store, method)).parameters if name != "self"]
        actual = inspect.signature(_implemented(bench, method))
        for style in (frozenset[str](), _BY_KEYWORD):
            positional = [name for name in declared if name not in style]
            try:
                actual.bind(*positional, **{name: name for name in declared if name in style})
            except TypeError as error:
                given = ", ".join(f"{name}=…" if name in style else name for name in declared)
                raise BrokenError(f"{method}{actual} cannot be called as {method}({given}): {error}") from error
        order = [name for name in actual.parameters if name in _BY_KEYWORD]
        if order != [name for name in declared if name in _BY_KEYWORD] and len(order) == len(
            _BY_KEYWORD.intersection(declared)
        ):
            raise BrokenError(f"{method}{actual} takes its parameters in another order than {', '.join(declared)}")
        return f"{method}{actual}"

    return Clause(
        f"signature/{method}",
        "CK402",
        method,
        expected=f"`{method}` can be called as ChatKit calls it, by position and by keyword",
        way_out=f"Give `{method}` the parameters of `chatkit.store.Store.{method}`, by name and in order.",
        trial=trial,
        disqualifies=True,
    )


def _asynchronous(method: str) -> Clause:
    async def trial(bench: Bench) -> str:
        implementation = inspect.unwrap(_implemented(bench, method))
        if inspect.isasyncgenfunction(implementation):
            raise BrokenError(f"{method} is an async generator, which cannot be awaited")
        if inspect.iscoroutinefunction(implementation):
            return "a coroutine function"
        pending = _called_with_nothing_there(bench, method)
        if not inspect.isawaitable(pending):
            raise BrokenError(f"{method} is a plain function that returned {pending!r}, which cannot be awaited")
        await attempt(_ended(pending))
        return "a function that returns an awaitable"

    return Clause(
        f"async/{method}",
        "CK403",
        method,
        expected=f"`{method}` can be awaited",
        way_out=f"Write `async def {method}`, and await the database in it (or use `asyncio.to_thread`).",
        trial=trial,
        disqualifies=True,
    )


def _implemented(bench: Bench, method: str) -> Any:
    implementation = getattr(bench.alice.store, method, None)
    if implementation is None:
        raise UntriedError(f"there is no {method}")
    return implementation


def _called_with_nothing_there(bench: Bench, method: str) -> object:
    thread_id, other = bench.new_id("thr"), bench.new_id("msg")
    arguments = {
        "save_thread": (bench.samples.thread(thread_id),),
        "load_threads": (10, None, "asc"),
        "load_thread_items": (thread_id, None, 10, "asc"),
        "add_thread_item": (thread_id, bench.samples.message(other, thread_id)),
        "save_item": (thread_id, bench.samples.message(other, thread_id)),
        "load_item": (thread_id, other),
        "delete_thread_item": (thread_id, other),
        "save_attachment": (bench.samples.attachment(other),),
    }.get(method, (thread_id,))
    try:
        return _implemented(bench, method)(*arguments, bench.alice.context)
    except Exception as error:
        raise BrokenError(f"{method} is a plain function that raised {type(error).__name__} when called") from error


async def _ended(pending: Any) -> None:
    try:
        await pending
    except Exception:  # noqa: BLE001 - what it answers is judged elsewhere
        return


for _method in METHODS:
    for _make in (_present, _signature, _asynchronous):
        add(_make(_method))
