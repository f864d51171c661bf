"""One stream of events read as a turn, and what must hold for every one of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chatkit.types import (
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    StreamOptionsEvent,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadUpdatedEvent,
    UserMessageItem,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit.types import ThreadItem, ThreadStreamEvent

    from chatkit_validate.live.exchange import Exchange

HIDDEN = ("hidden_context_item", "sdk_hidden_context")
FAKE_ID = "__fake_id__"
_WITH_USER_MESSAGE = ("threads.create", "threads.add_user_message")


class Turn:
    """What a stream said.

    Args:
        exchange: A streaming request and its answer.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.events = exchange.events

    @property
    def thread(self) -> str | None:
        """The id of the thread that this turn created."""
        return next((event.thread.id for event in self.events if isinstance(event, ThreadCreatedEvent)), None)

    @property
    def error(self) -> ErrorEvent | None:
        """The error event, if the turn failed."""
        return next((event for event in self.events if isinstance(event, ErrorEvent)), None)

    @property
    def done(self) -> list[ThreadItem]:
        """The items that are complete at the end, in order: done, not removed, replaced where replaced."""
        items: dict[str, ThreadItem] = {}
        for event in self.events:
            match event:
                case ThreadItemDoneEvent(item=item):
                    items[item.id] = item
                case ThreadItemReplacedEvent(item=item) if item.id in items:
                    items[item.id] = item
                case ThreadItemRemovedEvent(item_id=item_id):
                    items.pop(item_id, None)
                case _:
                    pass
        return list(items.values())

    @property
    def answers(self) -> list[AssistantMessageItem]:
        """The complete assistant messages."""
        return [item for item in self.done if isinstance(item, AssistantMessageItem)]

    @property
    def user_message(self) -> UserMessageItem | None:
        """The user's message as the server has it."""
        return next((item for item in self.done if isinstance(item, UserMessageItem)), None)

    @property
    def text(self) -> str:
        """What the assistant said, message by message."""
        return "\n".join("".join(part.text for part in item.content) for item in self.answers)

    @property
    def streamed(self) -> str:
        """The text that came piece by piece, finished or not."""
        updates = [event.update for event in self.events if isinstance(event, ThreadItemUpdatedEvent)]
        return "".join(update.delta for update in updates if isinstance(update, AssistantMessageContentPartTextDelta))

    @property
    def delta_times(self) -> list[float]:
        """When each piece of text was there, in seconds from sending the request."""
        return [received.frame.at for received in self.exchange.frames if is_delta(received.event)]

    @property
    def title(self) -> str | None:
        """The last title that the stream told."""
        told = [event.thread.title for event in self.events if isinstance(event, ThreadUpdatedEvent)]
        return told[-1] if told else None


def is_delta(event: ThreadStreamEvent | None) -> bool:
    """Whether `event` carries a piece of the assistant's text."""
    return isinstance(event, ThreadItemUpdatedEvent) and isinstance(event.update, AssistantMessageContentPartTextDelta)


def order_faults(turn: Turn) -> Iterator[str]:
    """What is wrong with the order: [thread.created], the user's message, stream_options once, the rest; error last."""
    kinds = [event.type for event in turn.events]
    kind = turn.exchange.sent.kind
    expected = ["thread.created"] if kind == "threads.create" else []
    expected += ["thread.item.done"] if kind in _WITH_USER_MESSAGE else []
    expected += ["stream_options"]
    reported = kinds.index("error") if "error" in kinds else len(kinds)
    if kinds[: len(expected)] != expected and reported >= len(expected):
        yield f"{kind} begins with {', '.join(kinds[: len(expected)]) or 'nothing'}, not with {', '.join(expected)}"
    elif kind in _WITH_USER_MESSAGE and reported >= len(expected):
        item = next(event.item for event in turn.events if isinstance(event, ThreadItemDoneEvent))
        if not isinstance(item, UserMessageItem):
            yield f"the first thread.item.done of {kind} is a {item.type}, not the user's message"
    options = sum(isinstance(event, StreamOptionsEvent) for event in turn.events)
    if options > 1:
        yield f"stream_options comes {options} times"
    if "thread.created" in kinds[1:]:
        yield "thread.created comes after other events"
    late = [name for name in kinds[reported + 1 :] if name != "thread.updated"]
    if late:
        yield f"{late[0]} follows the error event"


def item_faults(turn: Turn) -> Iterator[str]:
    """Updates and removals of items that were never announced, or are already done."""
    state: dict[str, str] = {}
    for event in turn.events:
        match event:
            case ThreadItemAddedEvent(item=item):
                if item.id in state:
                    yield f"{item.id} is added, though it is already {state[item.id]}"
                state[item.id] = "added"
            case ThreadItemUpdatedEvent(item_id=item_id):
                if state.get(item_id) != "added":
                    yield f"{item_id} is updated, though it is {state.get(item_id, 'not announced')}"
            case ThreadItemDoneEvent(item=item):
                if state.get(item.id, "added") != "added":
                    yield f"{item.id} is done, though it is already {state[item.id]}"
                state[item.id] = "done"
            case ThreadItemRemovedEvent(item_id=item_id):
                state[item_id] = "removed"
            case _:
                pass


def unfinished_faults(turn: Turn) -> Iterator[str]:
    """Items that were added and, though the turn ended well, are neither done nor removed nor replaced."""
    if turn.error is not None:
        return
    ended = {event.item.id for event in turn.events if isinstance(event, ThreadItemDoneEvent | ThreadItemReplacedEvent)}
    ended |= {event.item_id for event in turn.events if isinstance(event, ThreadItemRemovedEvent)}
    for event in turn.events:
        if isinstance(event, ThreadItemAddedEvent) and event.item.id not in ended:
            yield f"{event.item.type} {event.item.id} is added and never done"


def text_faults(turn: Turn) -> Iterator[str]:
    """Assistant messages whose pieces, closed parts and final text differ."""
    pieces: dict[tuple[str, int], str] = {}
    for event in turn.events:
        if isinstance(event, ThreadItemUpdatedEvent):
            update = event.update
            if isinstance(update, AssistantMessageContentPartTextDelta):
                at = (event.item_id, update.content_index)
                pieces[at] = pieces.get(at, "") + update.delta
            elif isinstance(update, AssistantMessageContentPartDone):
                said = pieces.get((event.item_id, update.content_index))
                if said is not None and said != update.content.text:
                    yield f"{event.item_id}: the pieces say {said[:60]!r}, its closed part {update.content.text[:60]!r}"
        elif isinstance(event, ThreadItemDoneEvent) and isinstance(event.item, AssistantMessageItem):
            for index, part in enumerate(event.item.content):
                said = pieces.get((event.item.id, index))
                if said is not None and said != part.text:
                    yield f"{event.item.id}: the pieces say {said[:60]!r}, the finished item {part.text[:60]!r}"


def thread_faults(turn: Turn, thread: str | None) -> Iterator[str]:
    """Items and threads that name another thread than `thread`, or than the first one named."""
    for item in items_of(turn.events):
        thread = thread or item.thread_id
        if item.thread_id != thread:
            yield f"{item.type} {item.id} names thread {item.thread_id!r} in a turn of {thread!r}"
    for event in turn.events:
        if isinstance(event, ThreadUpdatedEvent | ThreadCreatedEvent) and thread and event.thread.id != thread:
            yield f"{event.type} names thread {event.thread.id!r} in a turn of {thread!r}"


def items_of(events: Iterable[ThreadStreamEvent]) -> Iterator[ThreadItem]:
    """Every item that an event carries whole."""
    for event in events:
        if isinstance(event, ThreadItemAddedEvent | ThreadItemDoneEvent | ThreadItemReplacedEvent):
            yield event.item


def repeated_ids(turns: Iterable[Turn]) -> Iterator[str]:
    """Ids of messages that more than one message of the run has, and the Agents SDK's placeholder."""
    seen = Counter(
        event.item.id
        for turn in turns
        for event in turn.events
        if isinstance(event, ThreadItemDoneEvent) and isinstance(event.item, AssistantMessageItem | UserMessageItem)
    )
    if FAKE_ID in seen:
        yield f"the id {FAKE_ID} is that of {seen[FAKE_ID]} message{'s' if seen[FAKE_ID] > 1 else ''}"
    yield from (
        f"the id {name} is that of {count} messages" for name, count in seen.items() if count > 1 and name != FAKE_ID
    )
