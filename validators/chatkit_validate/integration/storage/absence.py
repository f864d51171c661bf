"""What a store does with ids that name nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.values import Unknown, Value
from chatkit_validate.integration.storage.ownership import new_message, new_thread, rows
from chatkit_validate.integration.storage.trial import BrokenError, UntriedError, tried

if TYPE_CHECKING:
    from chatkit_validate.integration.evidence import Evidence
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.bench import Answer, Bench
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault

NUL = "none PostgreSQL takes (U+0000)"
"""How a fault names an id that holds U+0000."""
CURSOR = "a cursor that"
"""How a fault begins to name one."""
_ILL_FORMED = ("", "a\x00b", "../../etc/passwd", "\U0001f600", "x" * 5000)
_LOADS = frozenset({"load_thread", "load_item", "load_attachment"})
_OTHERS = frozenset({"load_thread_items", "delete_thread", "delete_thread_item", "delete_attachment", "load_threads"})


def unanswered(integration: Integration, method: Method) -> Evidence[Fault] | str | None:
    """How the method ends otherwise than in NotFoundError; None for methods that are given no id."""
    name = method.method
    if name not in _LOADS and name not in _OTHERS:
        return None
    return tried(integration, method, lambda bench: _asked(bench, name))


def _asked(bench: Bench, name: str) -> None:
    thread_id = bench.id("thr")
    item_id = ""
    if "attachment" not in name:
        try:
            thread_id = new_thread(bench, "alice", "alice's")
            item_id = new_message(bench, "alice", thread_id, "alice's") if name == "load_item" else ""
        except UntriedError:
            thread_id = bench.id("thr")
    prefix = "atc" if "attachment" in name else "msg" if "item" in name.removeprefix("load_thread_items") else "thr"
    unknown = _fresh(bench, prefix, thread_id)
    other = _fresh(bench, "thr", thread_id)
    bench.machine.absent = {unknown, other, *filter(None, _ILL_FORMED)}
    if name == "load_item" and item_id:
        _loaded(bench.call("alice", name, other, item_id), "an item of another thread")
    for wanted in (unknown, *_ILL_FORMED):
        told = "an unknown id" if wanted == unknown else "an id that is " + _shape(wanted)
        if name in _LOADS:
            _loaded(bench.call("alice", name, *_arguments(name, thread_id, wanted)), told)
        else:
            _survived(bench.call("alice", name, *_arguments(name, thread_id, wanted)), told, name)
    if name == "load_thread_items":
        for cursor in (bench.id("msg"), *_ILL_FORMED[1:]):
            told = f"{CURSOR} is {_shape(cursor)}" if cursor in _ILL_FORMED else f"{CURSOR} names nothing"
            _ended(bench.call("alice", name, thread_id, cursor, 2, "asc"), told)


def _fresh(bench: Bench, prefix: str, thread_id: Value) -> str:
    """An id that names nothing, as the store makes them."""
    if prefix == "atc":
        return bench.id(prefix)
    return str(bench.thread_id("alice") if prefix == "thr" else bench.item_id("alice", thread_id))


def _shape(wanted: str) -> str:
    if not wanted:
        return "empty"
    if "\x00" in wanted:
        return NUL
    return "5000 characters long" if len(wanted) > 1000 else f"{wanted!r}"


def _arguments(name: str, thread_id: Value, wanted: str) -> tuple[Value, ...]:
    match name:
        case "load_item" | "delete_thread_item":
            return thread_id, wanted
        case "load_thread_items":
            return wanted, None, 20, "asc"
        case "load_threads":
            return 20, wanted or None, "asc"
        case _:
            return (wanted,)


def _loaded(answer: Answer, told: str) -> None:
    if answer.missing:
        return
    if answer.error:
        raise BrokenError(f"raises {_named(answer.error)} for {told}", answer.where)
    if isinstance(answer.value, Unknown):
        raise UntriedError(f"what it answers for {told} is not known: {answer.value.label}")
    shown = "None" if answer.value is None else "something"
    raise BrokenError(f"returns {shown} for {told}")


def _survived(answer: Answer, told: str, name: str) -> None:
    _ended(answer, told)
    if not answer.error and name == "load_thread_items" and rows(answer):
        raise BrokenError(f"returns items for {told}")


def _ended(answer: Answer, told: str) -> None:
    if answer.error and not answer.missing:
        raise BrokenError(f"raises {_named(answer.error)} for {told}", answer.where)


def _named(error: str) -> str:
    return error.rpartition(".")[2]
