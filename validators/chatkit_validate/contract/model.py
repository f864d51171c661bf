"""A store's model in memory, and the state machine that compares a store with it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from chatkit_validate.contract.bench import MAX_PAGES, attempt
from chatkit_validate.contract.capabilities import Isolation
from chatkit_validate.contract.clause import BrokenError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.user import User

_SECONDS: Final = 6.0
"""How long sequences are made; shortening one that fails takes as long again at most."""

_SETTINGS: Final = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    database=None,
    derandomize=True,  # the same store gets the same verdict
    verbosity=Verbosity.quiet,
    phases=(Phase.generate, Phase.shrink),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
_SLOT = st.integers(0, 3)
_WHO = st.integers(0, 1)


@dataclass(slots=True)
class Conversation:
    """A thread as the model keeps it: its title, its time and its items' texts and times, in order."""

    title: str
    second: int
    items: dict[str, tuple[str, int]] = field(default_factory=dict)


async def compare(bench: Bench) -> str:
    """Compares the store of `bench` with the model.

    Raises:
        BrokenError: A sequence of calls shows a difference; the journal then holds the shortest found.
        CallError: A sequence of calls ends in an exception.
    """
    loop = asyncio.get_running_loop()
    machines: list[_Machine] = []

    def make() -> _Machine:
        machines.append(_Machine(bench, loop, time.monotonic()))
        return machines[-1]

    started = time.monotonic()
    _Machine.until = started + _SECONDS
    await asyncio.to_thread(run_state_machine_as_test, make, settings=_SETTINGS)
    return f"{sum(machine.steps for machine in machines)} steps in {len(machines)} sequences showed no difference"


class _Machine(RuleBasedStateMachine):
    until: float = 0.0

    def __init__(self, bench: Bench, loop: asyncio.AbstractEventLoop, started: float) -> None:
        super().__init__()
        self.bench = bench
        self.loop = loop
        self.started = started
        self.users = (bench.alice, bench.bob)
        self.model: tuple[dict[str, Conversation], dict[str, Conversation]] = ({}, {})
        self.steps = 0
        self.clock = 0
        bench.journal.calls.clear()

    def teardown(self) -> None:
        """Deletes what the sequence left."""
        self.do(self.bench.clear())

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Runs `work` in the store's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def going(self) -> bool:
        """Whether there is time for another step."""
        return time.monotonic() < self.until

    def tick(self) -> int:
        """A time for a new row; pairs of rows have the same."""
        self.clock += 1
        return self.clock // 2

    def thread_id(self, who: int, slot: int) -> str:
        """The id of a user's thread, there or not."""
        return f"thr_{'ab'[who]}{slot}{self.bench.run}"

    def item_id(self, who: int, thread: int, slot: int) -> str:
        """The id of an item, there or not."""
        return f"msg_{'ab'[who]}{thread}{9 - slot}{self.bench.run}"

    def who(self, who: int) -> int:
        """`who`, or alice where both are the same."""
        return 0 if self.bench.same_user or self.bench.declared.isolation is Isolation.SHARED else who

    @precondition(lambda self: self.going())
    @rule(who=_WHO, slot=_SLOT, title=st.sampled_from(("one", "two", "a\u00e9\U0001f600")), whole=st.booleans())
    def save_thread(self, who: int, slot: int, title: str, whole: bool) -> None:  # noqa: FBT001 - drawn
        """A new thread, or another title, also as a `Thread`."""
        who, samples = self.who(who), self.bench.samples
        thread_id = self.thread_id(who, slot)
        known = self.model[who].get(thread_id)
        second = known.second if known else self.tick()
        thread = samples.thread(thread_id, at=samples.moment(second), title=title)
        self.do(self.users[who].save_thread(samples.with_items(thread) if whole else thread))
        if known:
            known.title = title
        else:
            self.model[who][thread_id] = Conversation(title, second)
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, thread=_SLOT, slot=_SLOT, text=st.sampled_from(("x", "y")), add=st.booleans())
    def write_item(self, who: int, thread: int, slot: int, text: str, add: bool) -> None:  # noqa: FBT001 - drawn
        """A new item, the same again, or another content."""
        who, samples = self.who(who), self.bench.samples
        thread_id, item_id = self.thread_id(who, thread), self.item_id(who, thread, slot)
        conversation = self.model[who].get(thread_id)
        if conversation is None:
            return
        known = conversation.items.get(item_id)
        if known and add:
            text = known[0]
        second = known[1] if known else self.tick()
        item = samples.message(item_id, thread_id, text, at=samples.moment(second))
        write = self.users[who].add_thread_item if add else self.users[who].save_item
        self.do(write(thread_id, item))
        conversation.items[item_id] = (text, second)
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, thread=_SLOT, slot=_SLOT)
    def delete_item(self, who: int, thread: int, slot: int) -> None:
        """An item that is there."""
        who = self.who(who)
        thread_id, item_id = self.thread_id(who, thread), self.item_id(who, thread, slot)
        conversation = self.model[who].get(thread_id)
        if conversation is None or item_id not in conversation.items:
            return
        self.do(self.users[who].delete_thread_item(thread_id, item_id))
        del conversation.items[item_id]
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, slot=_SLOT)
    def delete_thread(self, who: int, slot: int) -> None:
        """A thread that is there."""
        who = self.who(who)
        thread_id = self.thread_id(who, slot)
        if thread_id not in self.model[who]:
            return
        self.do(self.users[who].delete_thread(thread_id))
        del self.model[who][thread_id]
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, owner=_WHO, slot=_SLOT)
    def look_at_thread(self, who: int, owner: int, slot: int) -> None:
        """Own ones, foreign ones, missing ones."""
        who, owner = self.who(who), self.who(owner)
        thread_id = self.thread_id(owner, slot)
        wanted = self.model[who].get(thread_id)
        answer = self.do(attempt(self.users[who].load_thread(thread_id)))
        _differ("load_thread's title", wanted and wanted.title, _seen(answer, lambda thread: thread.title))
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, owner=_WHO, thread=_SLOT, slot=_SLOT)
    def look_at_item(self, who: int, owner: int, thread: int, slot: int) -> None:
        """Own ones, foreign ones, missing ones."""
        who, owner = self.who(who), self.who(owner)
        thread_id, item_id = self.thread_id(owner, thread), self.item_id(owner, thread, slot)
        conversation = self.model[who].get(thread_id)
        wanted = conversation and conversation.items.get(item_id)
        answer = self.do(attempt(self.users[who].load_item(thread_id, item_id)))
        _differ("load_item's text", wanted and wanted[0], _seen(answer, lambda item: item.content[0].text))
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, thread=_SLOT, limit=st.integers(1, 5), order=st.sampled_from(("asc", "desc")))
    def page_items(self, who: int, thread: int, limit: int, order: str) -> None:
        """All pages of a thread that is there."""
        who = self.who(who)
        thread_id = self.thread_id(who, thread)
        conversation = self.model[who].get(thread_id)
        if conversation is None:
            return
        wanted = [(item_id, text) for item_id, (text, _) in conversation.items.items()]
        rows = self.do(_rows(self.users[who], thread_id, limit, order))
        got = [(row.id, row.content[0].text) for row in rows]
        _differ(f"paging items {order} by {limit}", wanted[:: 1 if order == "asc" else -1], got)
        self.steps += 1

    @precondition(lambda self: self.going())
    @rule(who=_WHO, limit=st.integers(1, 5), order=st.sampled_from(("asc", "desc")))
    def page_threads(self, who: int, limit: int, order: str) -> None:
        """All pages of a user's threads."""
        who = self.who(who)
        wanted = [(thread_id, conversation.title) for thread_id, conversation in self.model[who].items()]
        rows = self.do(_rows(self.users[who], None, limit, order))
        got = [(row.id, row.title) for row in rows]
        _differ(f"paging threads {order} by {limit}", wanted[:: 1 if order == "asc" else -1], got)
        self.steps += 1


async def _rows(user: User, thread_id: str | None, limit: int, order: str) -> list[Any]:
    rows: list[Any] = []
    after = None
    for _ in range(MAX_PAGES):
        if thread_id is None:
            page = await user.load_threads(limit, after, order)
        else:
            page = await user.load_thread_items(thread_id, after, limit, order)
        rows += page.data
        if not page.has_more:
            return rows
        after = page.after
    raise BrokenError(f"paging {order} with limit {limit} does not end")


def _seen(answer: Any, read: Any) -> Any:
    if answer.error and not answer.missing:
        raise answer.error
    return None if answer.value is None else read(answer.value)


def _differ(what: str, wanted: object, got: object) -> None:
    if (wanted or None) != (got or None):
        raise BrokenError(f"{what}: the model has {wanted!r}, the store {got!r}")
