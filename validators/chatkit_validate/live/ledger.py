"""What a run has made on the target, so that nothing of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit.types import ThreadCreatedEvent

from chatkit_validate.live import requests

if TYPE_CHECKING:
    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.identity import Identity
    from chatkit_validate.live.wire import Wire


class Ledger:
    """Threads and attachments that answers told of, by whom they were made."""

    def __init__(self) -> None:
        self._threads: dict[str, Identity] = {}
        self._attachments: dict[str, Identity] = {}

    def note(self, exchange: Exchange) -> None:
        """Takes down what `exchange` made."""
        sent = exchange.sent
        for event in exchange.events:
            if isinstance(event, ThreadCreatedEvent):
                self._threads[event.thread.id] = sent.who
        answer = exchange.json if sent.kind == "attachments.create" and exchange.ok else None
        if isinstance(answer, dict) and isinstance(answer.get("id"), str):
            self._attachments[answer["id"]] = sent.who

    def thread(self, thread: str, who: Identity) -> None:
        """Takes down a thread that no event told of."""
        self._threads[thread] = who

    async def clear(self, wire: Wire) -> tuple[str, ...]:
        """Deletes everything that is still there; answers a sentence for each thing that stays."""
        left = []
        for name, who in self._attachments.items():
            answer = await wire.ask(who, requests.attachment_delete(name))
            if not (answer.ok or answer.status == 404):
                left.append(f"attachment {name} of user {who.name} could not be deleted: {answer.described()}")
        for name, who in self._threads.items():
            answer = await wire.ask(who, requests.thread_delete(name))
            if not (answer.ok or answer.status == 404):
                left.append(f"thread {name} of user {who.name} could not be deleted: {answer.described()}")
        self._threads.clear()
        self._attachments.clear()
        return tuple(left)
