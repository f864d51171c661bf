"""Whether every method does its work once, in the simplest case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.values import Made, Object, Value, parts
from chatkit_validate.integration.storage.ownership import HERS, new_message, new_thread, rows
from chatkit_validate.integration.storage.paging import identity
from chatkit_validate.integration.storage.trial import BrokenError, UntriedError, tried

if TYPE_CHECKING:
    from chatkit_validate.integration.evidence import Evidence
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.bench import Answer, Bench
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault

_TEXT = "the text of it"


def idle(integration: Integration, method: Method) -> Evidence[Fault] | str:
    """What the method leaves undone."""
    trial = _TRIALS[method.method]
    return tried(integration, method, trial, every=True)


def _worked(answer: Answer, told: str) -> Value:
    if answer.error:
        raise BrokenError(f"raises {answer.error.rpartition('.')[2]} for {told}", answer.where)
    return answer.value


def _kept(bench: Bench, text: str) -> bool:
    """Whether `text` stands in a table, in the store's own fields, or was given to a library."""
    held = [row.values for table in bench.machine.database.tables for row in table.rows]
    told = [contact.arguments for contact in bench.machine.contacts]
    return any(isinstance(part, str) and text in part for item in (held, bench.store, told) for part in parts(item, 9))


def _save_thread(bench: Bench) -> None:
    thread = bench.thread(bench.thread_id("alice"), HERS)
    _worked(bench.call("alice", "save_thread", thread), "a new thread")
    if bench.call("alice", "load_thread", thread.fields["id"]).missing:
        raise BrokenError("returns, and the thread is not there")


def _load_thread(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    answer = bench.call("alice", "load_thread", thread_id)
    if answer.missing:
        raise UntriedError("save_thread does not keep the thread")
    value = _worked(answer, "a thread that is there")
    if value is None:
        raise BrokenError("returns None for a thread that is there")


def _load_threads(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    answer = bench.call("alice", "load_threads", 20, None, "desc")
    _worked(answer, "a user with one thread")
    _holds(bench, answer, thread_id, "save_thread")


def _holds(bench: Bench, answer: Answer, wanted: Value, saves: str) -> None:
    if not isinstance(answer.value, Made | Object):
        raise BrokenError("returns no page")
    found = [identity(item) for item in rows(answer)]
    if found == [wanted] or (found and not isinstance(found[0], str)):
        return
    if not found and not bench.machine.database.tables and bench.machine.contacts:
        raise UntriedError("what the storage holds cannot be followed")
    if not found and bench.machine.doubts:
        raise UntriedError(f"it cannot be followed {bench.machine.doubts[0]}")
    if not found and not _kept(bench, HERS):
        raise UntriedError(f"{saves} does not keep it")
    if not found:
        raise BrokenError("does not show what was saved")


def _load_thread_items(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    item_id = new_message(bench, "alice", thread_id, HERS)
    answer = bench.call("alice", "load_thread_items", thread_id, None, 20, "asc")
    _worked(answer, "a thread with one item")
    _holds(bench, answer, item_id, "add_thread_item")


def _add_thread_item(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    item = bench.message(bench.item_id("alice", thread_id), thread_id, _TEXT)
    _worked(bench.call("alice", "add_thread_item", thread_id, item), "a new message")
    if not _kept(bench, _TEXT):
        raise BrokenError("drops the text of the message")
    one = bench.call("alice", "load_item", thread_id, item.fields["id"])
    page = bench.call("alice", "load_thread_items", thread_id, None, 20, "asc")
    found = [] if page.error else [identity(row) for row in rows(page)]
    if found and one.value is None and all(isinstance(each, str) and each != item.fields["id"] for each in found):
        raise BrokenError("keeps the message under another id than its own")
    if not found and not page.error:
        bench.call("alice", "save_item", thread_id, item)
        if rows(bench.call("alice", "load_thread_items", thread_id, None, 20, "asc")):
            raise BrokenError("keeps the message where no list finds it")
        if one.value is None:
            raise UntriedError("nothing shows the message")


def _load_item(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    item_id = new_message(bench, "alice", thread_id, HERS)
    answer = bench.call("alice", "load_item", thread_id, item_id)
    page = bench.call("alice", "load_thread_items", thread_id, None, 20, "asc")
    listed = [] if page.error else [identity(row) for row in rows(page)]
    if answer.error or answer.value is None:
        if item_id not in listed and not (answer.error and not answer.missing):
            raise UntriedError("add_thread_item does not keep the item under its id")
        told = f"raises {answer.error.rpartition('.')[2]}" if answer.error else "returns None"
        raise BrokenError(f"{told} for an item that is there", answer.where)


def _save_item(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    item_id = new_message(bench, "alice", thread_id, "before")
    _worked(
        bench.call("alice", "save_item", thread_id, bench.message(item_id, thread_id, _TEXT)), "a message that is there"
    )
    if not _kept(bench, _TEXT):
        raise BrokenError("drops the new text")
    one = bench.call("alice", "load_item", thread_id, item_id)
    shown = one.value
    if shown is None:
        page = bench.call("alice", "load_thread_items", thread_id, None, 20, "asc")
        same = [row for row in rows(page) if identity(row) == item_id] if not page.error else []
        if not same:
            raise UntriedError("nothing shows the item")
        if len(same) > 1:
            raise BrokenError("leaves the old content beside the new one")
        shown = same[0]
    texts = [part for part in parts(shown, 9) if isinstance(part, str)]
    if any("before" in text for text in texts) and not any(_TEXT in text for text in texts):
        raise BrokenError("leaves the old content where it was")


def _held(bench: Bench) -> str:
    """Everything that is stored, as text."""
    tables = [[row.values for row in table.rows] for table in bench.machine.database.tables]
    return repr((tables, bench.store.fields))


def _changed(bench: Bench, before: str, told: str) -> None:
    if _held(bench) == before and "alice" in before and not bench.machine.contacts:
        raise BrokenError(told)


def _delete_thread(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    before = bench.call("alice", "load_thread", thread_id)
    _worked(bench.call("alice", "delete_thread", thread_id), "a thread that is there")
    after = bench.call("alice", "load_thread", thread_id)
    if _is_there(before, after):
        raise BrokenError("leaves the thread where it was")


def _is_there(before: Answer, after: Answer) -> bool:
    if before.value is None:
        raise UntriedError("what was saved is not shown")
    return any(isinstance(part, str) and HERS in part for part in parts(after.value, 9))


def _delete_thread_item(bench: Bench) -> None:
    thread_id = new_thread(bench, "alice", HERS)
    item_id = new_message(bench, "alice", thread_id, HERS)
    bench.machine.contacts.clear()
    held = _held(bench)
    _worked(bench.call("alice", "delete_thread_item", thread_id, item_id), "an item that is there")
    _changed(bench, held, "leaves the item where it was")
    page = bench.call("alice", "load_thread_items", thread_id, None, 20, "asc")
    after = bench.call("alice", "load_item", thread_id, item_id)
    listed = [] if page.error else [identity(row) for row in rows(page)]
    left = item_id in listed or any(isinstance(part, str) and HERS in part for part in parts(after.value, 9))
    if left or any(row.values for table in bench.machine.database.tables for row in table.rows if _is_item(row.values)):
        raise BrokenError("leaves the item where it was")


def _is_item(values: dict[str, Value]) -> bool:
    """Whether a row is the message that was to be deleted: it alone holds a role or type beside the text."""
    return any(name in {"role", "sender_type", "type", "item_type"} for name in values) and any(
        isinstance(part, str) and HERS in part for part in parts(values, 9)
    )


def _save_attachment(bench: Bench) -> None:
    attachment = bench.attachment(bench.id("atc"), HERS)
    _worked(bench.call("alice", "save_attachment", attachment), "a new attachment")
    if bench.call("alice", "load_attachment", attachment.fields["id"]).missing:
        raise BrokenError("returns, and the attachment is not there")


def _load_attachment(bench: Bench) -> None:
    attachment = bench.attachment(bench.id("atc"), HERS)
    if bench.call("alice", "save_attachment", attachment).error:
        raise UntriedError("save_attachment does not keep the attachment")
    answer = bench.call("alice", "load_attachment", attachment.fields["id"])
    if answer.missing:
        raise UntriedError("save_attachment does not keep the attachment")
    if _worked(answer, "an attachment that is there") is None:
        raise BrokenError("returns None for an attachment that is there")


def _delete_attachment(bench: Bench) -> None:
    attachment = bench.attachment(bench.id("atc"), HERS)
    if bench.call("alice", "save_attachment", attachment).error:
        raise UntriedError("save_attachment does not keep the attachment")
    before = bench.call("alice", "load_attachment", attachment.fields["id"])
    _worked(bench.call("alice", "delete_attachment", attachment.fields["id"]), "an attachment that is there")
    after = bench.call("alice", "load_attachment", attachment.fields["id"])
    if _is_there(before, after):
        raise BrokenError("leaves the attachment where it was")


_TRIALS = {
    "load_thread": _load_thread,
    "save_thread": _save_thread,
    "load_threads": _load_threads,
    "delete_thread": _delete_thread,
    "load_thread_items": _load_thread_items,
    "add_thread_item": _add_thread_item,
    "save_item": _save_item,
    "load_item": _load_item,
    "delete_thread_item": _delete_thread_item,
    "save_attachment": _save_attachment,
    "load_attachment": _load_attachment,
    "delete_attachment": _delete_attachment,
}
KNOWN = frozenset(_TRIALS)
"""The methods that can be tried."""
