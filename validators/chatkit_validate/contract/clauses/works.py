"""Every method does its work once, in the simplest case."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chatkit_validate.contract.bench import attempt, given
from chatkit_validate.contract.clause import BrokenError, Need, UntriedError, clause
from chatkit_validate.contract.journal import short

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.clause import Trial

_ATTACHMENTS = (Need.ATTACHMENTS,)


def _works(method: str, expected: str, **attributes: Any) -> Callable[[Trial], Trial]:
    return clause(
        f"works/{method}",
        "CK412",
        method,
        expected=expected,
        way_out=f"Implement `{method}` against your database.",
        disqualifies=True,
        **attributes,
    )


@_works("save_thread", "a saved thread can be loaded")
async def save_thread(bench: Bench) -> str:
    """Save, then load."""
    thread_id = await bench.thread()
    if (await attempt(bench.alice.load_thread(thread_id))).missing:
        raise BrokenError("it returned, but load_thread then raised NotFoundError")
    return "it returned, and the thread was there"


@_works("load_thread", "a saved thread comes back as ThreadMetadata")
async def load_thread(bench: Bench) -> str:
    """Load what was saved."""
    thread_id = await given(bench.thread())
    answer = await attempt(bench.alice.load_thread(thread_id))
    if answer.missing:
        raise UntriedError("save_thread returned, but the thread was not there")
    if answer.error:
        raise answer.error
    return _is(answer.value, thread_id, "ThreadMetadata")


@_works("load_threads", "the page of a user with one thread holds that thread")
async def load_threads(bench: Bench) -> str:
    """List what was saved."""
    thread_id = await given(bench.thread())
    return _holds(await bench.alice.load_threads(20, None, "desc"), thread_id)


@_works("add_thread_item", "an added item can be loaded")
async def add_thread_item(bench: Bench) -> str:
    """Add, then look for it in both ways."""
    thread_id = await given(bench.thread())
    item_id = await bench.message(thread_id)
    one = await attempt(bench.alice.load_item(thread_id, item_id))
    page = await attempt(bench.alice.load_thread_items(thread_id, None, 20, "asc"))
    if one.value is None and (page.error or not page.value.data):
        raise BrokenError("it returned, but neither load_item nor load_thread_items then finds the item")
    return "it returned, and the item was there"


@_works("load_item", "an added item comes back as an item of its type")
async def load_item(bench: Bench) -> str:
    """Load what was added."""
    thread_id = await given(bench.thread())
    item_id = await given(bench.message(thread_id))
    return _is(await bench.alice.load_item(thread_id, item_id), item_id, "AssistantMessageItem")


@_works("load_thread_items", "the page of a thread with one item holds that item")
async def load_thread_items(bench: Bench) -> str:
    """List what was added."""
    thread_id = await given(bench.thread())
    item_id = await given(bench.message(thread_id))
    return _holds(await bench.alice.load_thread_items(thread_id, None, 20, "asc"), item_id)


@_works("save_item", "a saved item carries its new content")
async def save_item(bench: Bench) -> str:
    """Add, save with other content, load."""
    thread_id = await given(bench.thread())
    item_id = await given(bench.message(thread_id, text="before"))
    await bench.alice.save_item(thread_id, bench.samples.message(item_id, thread_id, "after"))
    text = (await given(bench.alice.load_item(thread_id, item_id))).content[0].text
    if text != "after":
        raise BrokenError(f"it returned, but load_item still answers the content {text!r}")
    return "it returned, and the new content was there"


@_works("delete_thread", "a deleted thread is not found")
async def delete_thread(bench: Bench) -> str:
    """Save, delete, load."""
    thread_id = await given(bench.thread())
    await bench.alice.delete_thread(thread_id)
    return await _gone("thread", bench.alice.load_thread, thread_id, bench.new_id("thr"))


@_works("delete_thread_item", "a deleted item is not found")
async def delete_thread_item(bench: Bench) -> str:
    """Add, delete, load."""
    thread_id = await given(bench.thread())
    item_id = await given(bench.message(thread_id))
    await bench.alice.delete_thread_item(thread_id, item_id)
    return await _gone("item", partial(bench.alice.load_item, thread_id), item_id, bench.new_id("msg"))


@_works("save_attachment", "a saved attachment can be loaded", needs=_ATTACHMENTS)
async def save_attachment(bench: Bench) -> str:
    """Save, then load."""
    attachment = bench.samples.attachment(bench.new_id("atc"))
    await bench.alice.save_attachment(attachment)
    if (await attempt(bench.alice.load_attachment(attachment.id))).missing:
        raise BrokenError("it returned, but load_attachment then raised NotFoundError")
    return "it returned, and the attachment was there"


@_works("load_attachment", "a saved attachment comes back as one", needs=_ATTACHMENTS)
async def load_attachment(bench: Bench) -> str:
    """Load what was saved."""
    attachment = bench.samples.attachment(bench.new_id("atc"))
    await given(bench.alice.save_attachment(attachment))
    answer = await attempt(bench.alice.load_attachment(attachment.id))
    if answer.missing:
        raise UntriedError("save_attachment returned, but the attachment was not there")
    if answer.error:
        raise answer.error
    return _is(answer.value, attachment.id, "FileAttachment")


@_works("delete_attachment", "a deleted attachment is not found", needs=_ATTACHMENTS)
async def delete_attachment(bench: Bench) -> str:
    """Save, delete, load."""
    attachment = bench.samples.attachment(bench.new_id("atc"))
    await given(bench.alice.save_attachment(attachment))
    await bench.alice.delete_attachment(attachment.id)
    return await _gone("attachment", bench.alice.load_attachment, attachment.id, bench.new_id("atc"))


def _is(value: Any, wanted_id: str, wanted_type: str) -> str:
    if type(value).__name__ != wanted_type or value.id != wanted_id:
        raise BrokenError(f"it returned {short(value)}, not the {wanted_type} {wanted_id}")
    return f"it returned the {wanted_type}"


def _holds(page: Any, wanted_id: str) -> str:
    ids = [row.id for row in page.data]
    if ids != [wanted_id]:
        raise BrokenError(f"the page holds {ids}, not [{wanted_id!r}]")
    return "the page holds it"


async def _gone(kind: str, load: Callable[[str], Awaitable[Any]], deleted: str, unknown: str) -> str:
    if (await attempt(load(deleted))).value is None:
        return f"the {kind} is gone"
    if (await attempt(load(unknown))).value is not None:
        raise UntriedError(f"it returned, but whether the {kind} is gone cannot be seen: every id can be loaded")
    raise BrokenError(f"it returned, but the {kind} can still be loaded")
