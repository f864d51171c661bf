"""Threads, items and attachments to put into a store, built with the library's own types."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, get_args

from chatkit.types import FileAttachment, ImageAttachment, Page, Thread, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter

RICH = (
    "Grüße \U0001f44b\U0001f3fd 日本語 \u202e\u0645\u0631\u062d\u0628\u0627\u202c — 'single' \"double\" \\back %s "
    "{brace} <b>&amp;</b>\n\ttab\r\nline"
)
"""Text that survives a faithful store and shows one that quotes, formats or narrows."""

_URL = "https://example.com/a?b=c&d=%20#f"
_TASK: dict[str, Any] = {"type": "web_search", "title": RICH, "queries": [RICH], "status_indicator": "complete"}
_SOURCE = {"type": "url", "url": _URL, "title": RICH}
_JSON = {"text": RICH, "nested": {"list": [1, -2.5, True, None, "", {}], "large": 9007199254740991}, "empty": []}

# The fields beside id, thread_id, created_at and type.
_FIELDS: dict[str, dict[str, Any]] = {
    "user_message": {
        "content": [
            {"type": "input_text", "text": RICH},
            {"type": "input_tag", "id": "tag_1", "text": RICH, "data": _JSON, "group": "g", "interactive": True},
        ],
        "attachments": [
            {"type": "file", "id": "atc_1", "name": RICH, "mime_type": "text/plain", "metadata": {"size": 3}},
            {"type": "image", "id": "atc_2", "name": "b", "mime_type": "image/png", "preview_url": _URL},
        ],
        "quoted_text": RICH,
        "inference_options": {"model": "m", "tool_choice": {"id": "t"}},
    },
    "assistant_message": {
        "content": [
            {"text": RICH, "annotations": [{"source": _SOURCE, "index": 3}]},
            {"text": "", "annotations": []},
        ]
    },
    "client_tool_call": {
        "status": "completed",
        "call_id": "call_1",
        "name": "tool",
        "arguments": _JSON,
        "output": [0, False, "", {"text": RICH}],
    },
    "widget": {
        "widget": {"type": "Card", "children": [{"type": "Text", "value": RICH}], "size": "sm"},
        "copy_text": RICH,
    },
    "generated_image": {"image": {"id": "img_1", "url": _URL}},
    "structured_input": {
        "status": "answered",
        "inputs": [
            {
                "type": "multiple_choice",
                "id": "q1",
                "question": RICH,
                "options": [{"value": RICH}, {"value": "b"}],
                "multiple": True,
                "answer": {"values": [RICH], "skipped": False},
            },
            {"type": "freeform", "id": "q2", "question": "?", "description": RICH, "answer": {"skipped": True}},
        ],
    },
    "workflow": {"workflow": {"type": "reasoning", "tasks": [_TASK], "summary": {"duration": 7}, "expanded": True}},
    "task": {"task": {"type": "custom", "title": RICH, "content": RICH, "status_indicator": "loading"}},
    "hidden_context_item": {"content": _JSON},
    "sdk_hidden_context": {"content": RICH},
    "end_of_turn": {},
}

_ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)


def known_types() -> tuple[str, ...]:
    """The item types of the installed library."""
    union = get_args(ThreadItem)[0]
    return tuple(str(kind.model_fields["type"].default) for kind in get_args(union))


def item(kind: str, item_id: str, thread_id: str, *, at: datetime | None = None, **fields: Any) -> Any:
    """An item of type `kind` with every field filled; `fields` replaces some.

    Raises:
        KeyError: No sample of this type is known here.
    """
    head = {"type": kind, "id": item_id, "thread_id": thread_id, "created_at": at or moment(0)}
    return _ITEM.validate_python({**head, **_FIELDS[kind], **fields})


def message(item_id: str, thread_id: str, text: str = "text", *, at: datetime | None = None) -> Any:
    """An assistant message."""
    return item("assistant_message", item_id, thread_id, at=at, content=[{"text": text}])


def thread(thread_id: str, *, at: datetime | None = None, **fields: Any) -> ThreadMetadata:
    """A thread's metadata."""
    return ThreadMetadata(id=thread_id, created_at=at or moment(0), **fields)


def with_items(metadata: ThreadMetadata, *items: Any) -> Thread:
    """The `Thread` that ChatKit saves when `respond` has changed a new thread."""
    return Thread(**metadata.model_dump(), items=Page(data=list(items)))


def response(metadata: ThreadMetadata) -> Thread:
    """What `threads.get_by_id` builds of a loaded thread, as chatkit.server does it.

    Raises:
        TypeError: `metadata` carries items of its own.
    """
    return Thread(**metadata.model_dump(), items=Page())


def attachment(attachment_id: str, *, name: str = RICH, thread_id: str | None = None) -> FileAttachment:
    """A file's metadata."""
    return FileAttachment(
        id=attachment_id, name=name, mime_type="text/plain", thread_id=thread_id, metadata={"text": name, "size": 3}
    )


def image(attachment_id: str) -> ImageAttachment:
    """An image's metadata, with the descriptor of a two-phase upload."""
    return ImageAttachment.model_validate(
        {
            "id": attachment_id,
            "name": "b.png",
            "mime_type": "image/png",
            "preview_url": _URL,
            "upload_descriptor": {"url": _URL, "method": "PUT", "headers": {"a": "b"}},
        }
    )


def moment(seconds: float) -> datetime:
    """A naive local time, as ChatKit writes them: `seconds` after a fixed one in the past."""
    return datetime(2025, 3, 4, 5, 6, 7, 890123) + timedelta(seconds=seconds)  # noqa: DTZ001 - ChatKit's times are naive
