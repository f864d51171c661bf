"""An exchange as people read it, and as a command that repeats it; secrets are replaced by placeholders."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from chatkit.types import ThreadItemAddedEvent, ThreadItemDoneEvent, ThreadItemReplacedEvent, ThreadItemUpdatedEvent

from chatkit_validate.live.exchange import Ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit.types import ThreadStreamEvent

    from chatkit_validate.live.exchange import Exchange, Received, Sent
    from chatkit_validate.live.identity import Redaction

_WIDTH = 150
_SHOWN_HEADERS = (
    "content-type",
    "cache-control",
    "x-accel-buffering",
    "www-authenticate",
    "access-control-allow-origin",
)
_MOST_FRAMES = 30


def transcript(exchanges: Iterable[Exchange], redact: Redaction) -> tuple[str, ...]:
    """Lines of the form `<seconds> <what>`; times count from the start of the run."""
    return tuple(_fitted(redact(line)) for exchange in exchanges for line in _lines(exchange))


def curl(exchange: Exchange, redact: Redaction) -> str:
    """The request as a curl command; tokens are shell variables."""
    sent = exchange.sent
    parts = ["curl -sN", f"-X {sent.method}" if sent.method != "POST" else "", shlex.quote(sent.url)]
    for name, value in sent.headers.items():
        # Double quotes, so that the shell fills in the token's variable.
        parts.append(f'-H "{name}: {_in_double_quotes(value, redact)}"')
    if sent.method == "POST":
        body = redact(sent.body.decode("utf-8", "replace"))
        parts.append(f"--data-binary {shlex.quote(body)}")
    return " ".join(filter(None, parts))


def _in_double_quotes(value: str, redact: Redaction) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return redact(escaped)


def _lines(exchange: Exchange) -> Iterator[str]:
    sent = exchange.sent
    marks = "".join(f" [{name}: {value}]" for name, value in sent.headers.items() if name.startswith(("X-", "Origin")))
    yield f"{exchange.began:8.3f}  {sent.who.name} > {_asked(sent)}{marks}"
    if exchange.status is None:
        yield f"{exchange.began + exchange.took:8.3f}    < {exchange.described()}"
        return
    shown = "; ".join(f"{name}: {exchange.headers[name]}" for name in _SHOWN_HEADERS if name in exchange.headers)
    yield f"{exchange.began + exchange.answered:8.3f}    < {exchange.status} {shown}"
    if not exchange.frames:
        yield f"{exchange.began + exchange.took:8.3f}    < {_page(exchange) or exchange.text}"
    for received in exchange.frames[:_MOST_FRAMES]:
        yield f"{exchange.began + received.frame.at:8.3f}    < {_frame(received)}"
    if len(exchange.frames) > _MOST_FRAMES:
        yield f"{'':8}    < ... {len(exchange.frames) - _MOST_FRAMES} more"
    if exchange.ending is not Ending.CLEAN or exchange.is_stream:
        yield f"{exchange.began + exchange.took:8.3f}    < {exchange.ending.value} {exchange.trouble}".rstrip()


def _asked(sent: Sent) -> str:
    """The request with what matters first: its type, what the user wrote, the rest."""
    if not sent.params:
        return f"{sent.method} {sent.body.decode('utf-8', 'replace') or sent.url}"
    rest = dict(sent.params)
    entered = rest.get("input")
    text = _text(entered.get("content")) if isinstance(entered, dict) else ""
    if text:
        del rest["input"]
    return " ".join(filter(None, (sent.kind, json.dumps(text) if text else "", json.dumps(rest) if rest else "")))


def _page(exchange: Exchange) -> str:
    """A page of items, an item a phrase; empty for any other answer."""
    page = exchange.json if exchange.sent.kind == "items.list" else None
    rows = page.get("data") if isinstance(page, dict) else None
    if not isinstance(rows, list) or not isinstance(page, dict):
        return ""
    items = [f"{row.get('type')} {json.dumps(_text(row.get('content'))[:24])}" for row in rows if isinstance(row, dict)]
    more = f"; more after {page.get('after')}" if page.get("has_more") else ""
    return f"{len(rows)} items: {', '.join(items)}{more}"


def _text(content: object) -> str:
    """The text of a message's content."""
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def _frame(received: Received) -> str:
    if received.event is None:
        return f"{received.frame.data}  ({received.problem})"
    return f"{received.event.type} {_told(received.event)}".rstrip()


def _told(event: ThreadStreamEvent) -> str:
    match event:
        case ThreadItemAddedEvent(item=item) | ThreadItemDoneEvent(item=item) | ThreadItemReplacedEvent(item=item):
            return f"{item.type} {item.id} {json.dumps(_text(item.model_dump(mode='json').get('content')))}"
        case ThreadItemUpdatedEvent(item_id=item_id, update=update):
            rest = update.model_dump(mode="json", exclude_none=True, exclude={"type"})
            return f"{item_id} {update.type.rpartition('.')[2]} {json.dumps(rest.get('delta', rest))}"
        case _:
            return event.model_dump_json(exclude_none=True, exclude={"type"})


def _fitted(line: str) -> str:
    line = line.replace("\n", "\\n").replace("\r", "\\r")
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
