"""What a trial works with: two users, fresh ids, the library's types, and more stores of the same kind."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatkit_validate.contract.clause import CallError, MissingError, UntriedError, UnusableError

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from types import ModuleType

    from chatkit_validate.contract.capabilities import Capabilities
    from chatkit_validate.contract.journal import Journal
    from chatkit_validate.contract.user import User

MAX_PAGES = 40
"""No trial needs more pages than this; paging that goes on longer does not end."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the store under test comes from, for what must open another one like it.

    Attributes:
        spec: `module:factory`, for another process.
        path: Folder from which the module is imported.
        context: `module:callable` that builds a context; empty where contexts are guessed.
    """

    spec: str
    path: str
    context: str = ""


@dataclass(slots=True)
class Bench:
    """The place where one clause is tried.

    Attributes:
        alice: A user without any data.
        bob: Another one.
        declared: What the store is meant to do.
        journal: What was asked so far.
        origin: For another process; None where unknown.
        same_user: Why `alice` and `bob` are the same to the store; empty where they are not.
        run: Distinguishes the ids of this trial from those of any other.
    """

    alice: User
    bob: User
    declared: Capabilities
    journal: Journal
    origin: Origin | None = None
    same_user: str = ""
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    _made: int = 0

    @property
    def samples(self) -> ModuleType:
        """Makers of the library's own types (`contract.samples`)."""
        from chatkit_validate.contract import samples

        return samples

    def new_id(self, prefix: str) -> str:
        """An id that nothing has yet: a thread's as the store makes them, any other as models and clients do.

        Later ones sort before earlier ones, so that sorting by id shows.
        """
        make = getattr(self.alice.store, "generate_thread_id", None) if prefix == "thr" else None
        if make is not None:
            return str(make(self.alice.context))
        self._made += 1
        return f"{prefix}_{9999 - self._made:04d}{self.run}"

    def thread_ids(self, number: int) -> list[str]:
        """New ids for threads: latest first, so that sorting by id shows, unless the store makes them in order."""
        ids = [self.new_id("thr") for _ in range(number)]
        return ids if ids == sorted(ids) else sorted(ids, reverse=True)

    async def thread(self, user: User | None = None, thread_id: str = "", **attributes: Any) -> str:
        """Saves a new thread for `user` (default: alice) and answers its id."""
        thread = self.samples.thread(thread_id or self.new_id("thr"), **attributes)
        await (user or self.alice).save_thread(thread)
        return str(thread.id)

    async def message(self, thread_id: str, user: User | None = None, **attributes: Any) -> str:
        """Adds a new assistant message to `thread_id` for `user` (default: alice) and answers its id."""
        item = self.samples.message(self.new_id("msg"), thread_id, **attributes)
        await (user or self.alice).add_thread_item(thread_id, item)
        return str(item.id)

    async def messages(self, thread_id: str, number: int, *, tied: bool = False) -> list[str]:
        """Adds `number` messages, a second apart or all at one time, and answers their ids in order."""
        times = [self.samples.moment(0 if tied else second) for second in range(number)]
        return [await self.message(thread_id, at=time) for time in times]

    async def clear(self) -> None:
        """Deletes what this trial saved, as far as the store lets it."""
        for user in (self.alice, self.bob):
            calls = [call for call in self.journal.calls if call.user == user.name]
            threads = {call.arguments[0].id for call in calls if call.method == "save_thread"}
            attachments = {call.arguments[0].id for call in calls if call.method == "save_attachment"}
            for delete, ids in ((user.delete_thread, threads), (user.delete_attachment, attachments)):
                for one in ids:
                    with suppress(CallError):
                        await delete(one)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended.

    Attributes:
        value: What it returned; None where it raised.
        error: What it raised; None where it returned.
    """

    value: Any
    error: CallError | None = None

    @property
    def missing(self) -> bool:
        """Whether the store said that there is no such thing."""
        return isinstance(self.error, MissingError)


async def attempt(call: Awaitable[Any]) -> Answer:
    """Awaits a call of a `User` whose failing is no surprise.

    Raises:
        UnusableError: The method was disqualified before.
    """
    try:
        return Answer(await call)
    except UnusableError:
        raise
    except CallError as error:
        return Answer(None, error)


async def given(call: Awaitable[Any]) -> Any:
    """Awaits a call that only prepares the trial.

    Raises:
        UntriedError: It failed.
    """
    try:
        return await call
    except CallError as error:
        told = str(error) if isinstance(error, UnusableError) else f"{error}, so this could not be tried"
        raise UntriedError(told) from error
