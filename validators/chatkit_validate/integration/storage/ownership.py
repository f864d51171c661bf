"""What of one user's another can read, delete and change."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from chatkit_validate.integration.rehearsal.values import Made, Object, Unknown, Value, owner_of, parts
from chatkit_validate.integration.storage.trial import BrokenError, InapplicableError, UntriedError, tried
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration.evidence import Evidence
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.bench import Answer, Bench
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.integration.storage.trial import Fault

HERS = "alice's"
_WRITES = ("delete", "remove", "drop", "purge", "pop", "destroy", "expire", "erase")


@dataclass(frozen=True, slots=True)
class Belongings:
    """The ids of a thread of alice's, an item in it and an attachment."""

    thread: Value
    item: Value
    attachment: Value


def belongings(bench: Bench, *, attachment: bool, items: bool = True) -> Belongings:
    """Saves what alice has; no item where none is needed.

    Raises:
        UntriedError: It cannot be saved.
    """
    if attachment:
        attachment_id = bench.id("atc")
        given(bench.call("alice", "save_attachment", bench.attachment(attachment_id, HERS)), "save_attachment")
        return Belongings("", "", attachment_id)
    thread_id = new_thread(bench, "alice", HERS)
    return Belongings(thread_id, new_message(bench, "alice", thread_id, HERS) if items else "", "")


def new_thread(bench: Bench, user: str, title: str, second: int = 0) -> Value:
    """Saves a thread and answers its id, which some stores change."""
    thread = bench.thread(bench.thread_id(user), title, second)
    thread.fields["metadata"] = {"note": title}
    given(bench.call(user, "save_thread", thread), "save_thread")
    return thread.fields["id"]


def new_message(bench: Bench, user: str, thread_id: Value, text: str, second: int = 0) -> Value:
    """Adds a message and answers its id, likewise."""
    item = bench.message(bench.item_id(user, thread_id), thread_id, text, second)
    given(bench.call(user, "add_thread_item", thread_id, item), "add_thread_item")
    if bench.saving:
        given(bench.call(user, "save_item", thread_id, item), "save_item")
    return item.fields["id"]


def given(answer: Answer, method: str) -> Value:
    """What a call returned that the trial needs.

    Raises:
        UntriedError: It raised.
    """
    if answer.error:
        raise UntriedError(f"{method} raises {answer.error} for what a user has just saved")
    return answer.value


def rows(answer: Answer) -> list[Value]:
    """The rows of the page that a call returned; none where it raised."""
    page = answer.value
    data = page.fields.get("data") if isinstance(page, Made | Object) else None
    if isinstance(data, Unknown):
        raise UntriedError(f"what the page holds is not known: {data.label}")
    return list(data) if isinstance(data, list | tuple) else []


def shows(value: Value) -> bool:
    """Whether `value` holds something of alice's."""
    return any(isinstance(part, str) and HERS in part for part in parts(value, 9))


def is_foreign(value: Value) -> bool:
    """Whether `value` comes from a storage that was asked without a user."""
    unknown = [part for part in parts(value, 4) if isinstance(part, Unknown)]
    return bool(unknown) and not owner_of(value)


_READS: dict[str, Callable[[Bench, str, Belongings], Answer]] = {
    "load_thread": lambda bench, user, has: bench.call(user, "load_thread", has.thread),
    "load_threads": lambda bench, user, _: bench.call(user, "load_threads", 50, None, "desc"),
    "load_thread_items": lambda bench, user, has: bench.call(user, "load_thread_items", has.thread, None, 20, "asc"),
    "load_item": lambda bench, user, has: bench.call(user, "load_item", has.thread, has.item),
    "load_attachment": lambda bench, user, has: bench.call(user, "load_attachment", has.attachment),
}
_DELETES: dict[str, tuple[Callable[[Bench, str, Belongings], Answer], str]] = {
    "delete_thread": (lambda bench, user, has: bench.call(user, "delete_thread", has.thread), "load_thread"),
    "delete_thread_item": (
        lambda bench, user, has: bench.call(user, "delete_thread_item", has.thread, has.item),
        "load_item",
    ),
    "delete_attachment": (
        lambda bench, user, has: bench.call(user, "delete_attachment", has.attachment),
        "load_attachment",
    ),
}


def unscoped(integration: Integration, method: Method) -> Evidence[Fault] | str | None:
    """How another user's call reaches what is alice's; None for methods that neither read nor delete by id."""
    name = method.method
    attachment = method.is_of_attachments
    if name in _READS:
        return tried(integration, method, lambda bench: _read(bench, name, attachment=attachment))
    if name in _DELETES:
        return tried(integration, method, lambda bench: _delete(bench, name, attachment=attachment))
    return None


def _read(bench: Bench, name: str, *, attachment: bool) -> None:
    try:
        has = belongings(bench, attachment=attachment, items=name in {"load_item", "load_thread_items"})
    except UntriedError:
        has = Belongings(bench.id("thr"), bench.id("msg"), bench.id("atc"))
        _unasked(bench, lambda: _READS[name](bench, "bob", has), "answers another user with it", certain=True)
        raise
    own = _READS[name](bench, "alice", has)
    listing = name in {"load_threads", "load_thread_items"}
    value = own.value
    if value is None or (listing and not rows(own)):
        _unasked(bench, lambda: _READS[name](bench, "bob", has), "answers another user with it")
        raise UntriedError(f"{name} does not show what was saved")
    asked = len(bench.machine.contacts)
    answer = _READS[name](bench, "bob", has)
    if answer.error or answer.value is None or (listing and not rows(answer)):
        return
    if shows(answer.value) or (not shows(value) and _alike(answer.value, value)):
        raise BrokenError("answers another user with it")
    whole = rows(answer) if listing else [answer.value]
    contacts = bench.machine.contacts[asked:]
    if any(is_foreign(item) for item in whole) and not any(owner_of(*contact.arguments) for contact in contacts):
        raise BrokenError("answers another user with it")


def _unasked(bench: Bench, call: Callable[[], object], told: str, *, certain: bool = False) -> None:
    """A method that asks its storage and never looks at the context is the same for everybody, whatever it finds."""
    if not bench.saving and not certain:
        return
    bench.machine.asked = False
    before = len(bench.machine.database.statements) + len(bench.machine.contacts)
    call()
    stored = len(bench.machine.database.statements) + len(bench.machine.contacts) > before
    if not bench.machine.asked and (stored or not certain):
        raise BrokenError(f"never looks at who asks: it {told}")


def _alike(one: Value, other: Value) -> bool:
    return repr(one) == repr(other)


def _delete(bench: Bench, name: str, *, attachment: bool) -> None:
    delete, load = _DELETES[name]
    try:
        has = belongings(bench, attachment=attachment)
    except UntriedError:
        has = Belongings(bench.id("thr"), bench.id("msg"), bench.id("atc"))
        _unasked(bench, lambda: delete(bench, "bob", has), "deletes it for another user", certain=True)
        raise
    before = _READS[load](bench, "alice", has).value
    if before is None:
        _unasked(bench, lambda: delete(bench, "bob", has), "deletes it for another user")
        raise UntriedError(f"{load} does not show what was saved")
    asked = len(bench.machine.contacts)
    delete(bench, "bob", has)
    after = _READS[load](bench, "alice", has)
    if after.missing or after.error or after.value is None:
        raise BrokenError("deletes it for another user")
    if shows(before) and not shows(after.value):
        raise BrokenError("deletes it for another user")
    if name == "delete_thread" and not attachment:
        items = _READS["load_thread_items"](bench, "alice", has)
        if not items.error and not rows(items):
            raise BrokenError("deletes the items of another user's thread")
    contacts = [item for item in bench.machine.contacts[asked:] if item.name.rpartition(".")[2].startswith(_WRITES)]
    if (
        is_foreign(after.value)
        and contacts
        and not any(owner_of(*item.arguments) for item in bench.machine.contacts[asked:])
    ):
        raise BrokenError("deletes it for another user")


def _save_thread(bench: Bench, has: Belongings) -> None:
    thread = bench.thread(has.thread, "bob's")
    thread.fields["metadata"] = {"note": "bob's"}
    bench.call("bob", "save_thread", thread)


def _add(bench: Bench, has: Belongings) -> None:
    own = new_thread(bench, "bob", "bob's")
    bench.call("bob", "add_thread_item", own, bench.message(has.item, own, "bob's"))


def _add_to_hers(bench: Bench, has: Belongings) -> None:
    item = bench.message(bench.id("msg"), has.thread, "bob's")
    bench.call("bob", "add_thread_item", has.thread, item)


def _save_item(bench: Bench, has: Belongings) -> None:
    bench.call("bob", "save_item", has.thread, bench.message(has.item, has.thread, "bob's"))


def _save_attachment(bench: Bench, has: Belongings) -> None:
    bench.call("bob", "save_attachment", bench.attachment(has.attachment, "bob's"))


_WRITES_OF: dict[str, tuple[Callable[[Bench, Belongings], None], ...]] = {
    "save_thread": (_save_thread,),
    "add_thread_item": (_add, _add_to_hers),
    "save_item": (_save_item,),
    "save_attachment": (_save_attachment,),
}


def overwriting(integration: Integration, method: Method) -> Evidence[Fault] | str | None:
    """How another user's write changes what is alice's; None for methods that write nothing under an id."""
    attachment = method.is_of_attachments
    answers = [
        tried(integration, method, partial(_overwrite, write=write, attachment=attachment))
        for write in _WRITES_OF.get(method.method, ())
    ]
    return _worst(answers) if answers else None


def _worst(answers: list[Evidence[Fault] | str]) -> Evidence[Fault] | str:
    from chatkit_validate.integration.evidence import Absent, Found, Unresolved

    for kind in (Found, Unresolved, Absent):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return answers[0]


def _touched(bench: Bench, has: Belongings, write: Callable[[Bench, Belongings], None]) -> None:
    """Whether the write changes a row of alice's, or puts one into her thread; for stores that show her nothing of it.

    Raises:
        BrokenError: It does.
        UntriedError: There are no tables to see it in.
    """
    tables = bench.machine.database.tables
    before = {id(row): (row, dict(row.values)) for table in tables for row in table.rows}
    if not before:
        _given_owner(bench, has, write)
        return
    first = next((row for table in tables for row in table.rows), None)
    keys = {str(value) for value in first.values.values() if _is_id(value)} if first is not None else set()
    bench.machine.asked = False
    _seen(bench, "bob", has)
    if not bench.machine.asked:
        raise InapplicableError("The store never looks at who asks: it knows no owners (CK404)")
    write(bench, has)
    now = {id(row): row for table in bench.machine.database.tables for row in table.rows}
    for place, (row, values) in before.items():
        if place not in now or any(
            row.values.get(name) != value for name, value in values.items() if not _is_time(value)
        ):
            raise BrokenError("changes what is another user's")
    added = [row for place, row in now.items() if place not in before and row.table is not (first and first.table)]
    if any(_is_id(value) and str(value) in keys for row in added for value in row.values.values()):
        raise BrokenError("puts something into another user's thread")


def _is_id(value: Value) -> bool:
    return isinstance(value, UUID) or (isinstance(value, str) and re.fullmatch(r"[\w-]{8,64}", value) is not None)


def _is_time(value: Value) -> bool:
    return hasattr(value, "isoformat")


def _given_owner(bench: Bench, has: Belongings, write: Callable[[Bench, Belongings], None]) -> None:
    """Whether a storage that cannot be followed is told the user with every write."""
    asked = len(bench.machine.contacts)
    bench.machine.asked = False
    write(bench, has)
    contacts = bench.machine.contacts[asked:]
    if not bench.machine.asked:
        raise InapplicableError("The store never looks at who asks: it knows no owners (CK404)")
    if not contacts or not all(owner_of(*item.arguments) for item in contacts):
        raise UntriedError("a user does not see what they saved")


def _seen(bench: Bench, user: str, has: Belongings) -> Value:
    if has.attachment:
        answer = _READS["load_attachment"](bench, user, has)
        return ("", "") if answer.error else _told(answer.value)
    thread = _READS["load_thread"](bench, user, has)
    items = _READS["load_thread_items"](bench, user, has)
    if thread.error or items.error:
        return thread.error or items.error
    return (_told(thread.value), tuple(_told(item) for item in rows(items)))


def _told(value: Value) -> Value:
    """Whose text `value` holds."""
    texts = [part for part in parts(value, 9) if isinstance(part, str)]
    return tuple(sorted({who for who in (HERS, "bob's") for text in texts if who in text}))


def _overwrite(bench: Bench, *, write: Callable[[Bench, Belongings], None], attachment: bool) -> None:
    has = belongings(bench, attachment=attachment)
    before = _seen(bench, "alice", has)
    if HERS not in repr(before):
        _touched(bench, has, write)
        return
    if _seen(bench, "bob", has) == before:
        raise InapplicableError("Another user can read it: the store knows no owners (CK404)")
    write(bench, has)
    after = _seen(bench, "alice", has)
    if after != before:
        raise BrokenError("changes what is another user's")
