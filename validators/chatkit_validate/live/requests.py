"""The bodies of all 16 request types (FIELD: protocol 1.6.5; `chatkit.types.ChatKitReq`)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

Body: TypeAlias = dict[str, Any]
Order: TypeAlias = Literal["asc", "desc"]

STREAMING = (
    "threads.create",
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.add_structured_input",
    "threads.retry_after_item",
    "threads.custom_action",
)
"""The request types that are answered by a stream of events."""


def message(text: str, *, thread: str | None = None, attachments: tuple[str, ...] = ()) -> Body:
    """`threads.create`, or `threads.add_user_message` where a thread is given."""
    entered = {
        "content": [{"type": "input_text", "text": text}],
        "attachments": list(attachments),
        "inference_options": {},
    }
    if thread is None:
        return request("threads.create", input=entered)
    return request("threads.add_user_message", thread_id=thread, input=entered)


def request(kind: str, /, **params: object) -> Body:
    """A request of type `kind`; parameters that are None are left out."""
    return {"type": kind, "params": {name: value for name, value in params.items() if value is not None}}


def threads_list(*, limit: int | None = None, order: Order | None = None, after: str | None = None) -> Body:
    """One page of the user's threads."""
    return request("threads.list", limit=limit, order=order, after=after)


def items_list(thread: str, *, limit: int | None = None, order: Order | None = None, after: str | None = None) -> Body:
    """One page of a thread's items."""
    return request("items.list", thread_id=thread, limit=limit, order=order, after=after)


def thread_get(thread: str) -> Body:
    """A thread with its first items."""
    return request("threads.get_by_id", thread_id=thread)


def thread_update(thread: str, title: str) -> Body:
    """A new title."""
    return request("threads.update", thread_id=thread, title=title)


def thread_delete(thread: str) -> Body:
    """The end of a thread."""
    return request("threads.delete", thread_id=thread)


def retry_after(thread: str, item: str) -> Body:
    """Answer the user message `item` anew; everything after it goes."""
    return request("threads.retry_after_item", thread_id=thread, item_id=item)


def client_tool_output(thread: str) -> Body:
    """The result of a tool that the browser ran."""
    return request("threads.add_client_tool_output", thread_id=thread, result={"ok": True})


def structured_input(thread: str, item: str) -> Body:
    """Answers to a form."""
    return request("threads.add_structured_input", thread_id=thread, item_id=item, input={"status": "skipped"})


def custom_action(thread: str, item: str | None, *, streaming: bool) -> Body:
    """A click in a widget, answered by a stream or by one item."""
    kind = "threads.custom_action" if streaming else "threads.sync_custom_action"
    return request(kind, thread_id=thread, item_id=item, action={"type": "chatkit_validate.probe", "payload": {}})


def feedback(thread: str, item: str) -> Body:
    """A thumb up."""
    return request("items.feedback", thread_id=thread, item_ids=[item], kind="positive")


def attachment_create(name: str, size: int, mime_type: str) -> Body:
    """The announcement of a file; `size` in bytes."""
    return request("attachments.create", name=name, size=size, mime_type=mime_type)


def attachment_delete(attachment: str) -> Body:
    """The end of a file."""
    return request("attachments.delete", attachment_id=attachment)


def transcribe() -> Body:
    """Speech to text, with a few bytes that are no speech."""
    return request("input.transcribe", audio_base64="AAAA", mime_type="audio/webm;codecs=opus")
