"""A store's model in memory, and the state machine that compares a store with it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chatkit_validate.contract.bench import MAX_PAGES, attempt
from chatkit_validate.contract.capabilities import Isolation
from chatkit_validate.contract.clause import BrokenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.contract.journal import Call
    from chatkit_validate.contract.user import User

Page: TypeAlias = tuple[int, str]
"""A limit and an order."""

_SECONDS: Final = 4.0
"""How long sequences are made."""
_MORE: Final = 6.0
"""How long one that shows a difference is shortened."""

_SETTINGS: Final = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,  # the same store gets the same verdict
    verbosity=Verbosity.quiet,
    phases=(Phase.generate, Phase.shrink),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
# Few ids, so that sequences come back to the same ones; most steps are one user's.
_SLOT = st.integers(0, 1)
_ITEM = st.integers(0, 2)
_WHO = st.sampled_from((0, 0, 0, 1))
_PAGE = st.tuples(st.integers(1, 4), st.sampled_from(("asc", "desc")))


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
    search = _Search(bench, asyncio.get_running_loop(), time.monotonic() + _SECONDS, bench.thread_ids(4))
    machine = cast("type[RuleBasedStateMachine]", partial(_Machine, search))
    try:
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=_SETTINGS)
    except Exception:
        # Hypothesis wants the shortest sequence to fail once more; by then its time may be over.
        if search.shortest is None:
            raise
    if search.shortest is not None:
        bench.journal.calls[:] = search.calls
        raise search.shortest
    return f"{search.steps} steps in {search.sequences} sequences showed no difference"


@dataclass(slots=True)
class _Search:
    """What all sequences of one comparison share."""

    bench: Bench
    loop: asyncio.AbstractEventLoop
    until: float
    threads: list[str]
    sequences: int = 0
    steps: int = 0
    shortest: Exception | None = None
    calls: list[Call] = field(default_factory=list)

    def found(self, error: Exception) -> None:
        """Keeps the shortest sequence that shows a difference."""
        if self.shortest is None:
            self.until = time.monotonic() + _MORE
        if self.shortest is None or len(self.bench.journal.calls) < len(self.calls):
            self.shortest, self.calls = error, list(self.bench.journal.calls)


def _unless_idle(step: Callable[..., None]) -> Callable[..., None]:
    """Leaves the step out once the time is over."""

    @wraps(step)
    def taken(machine: _Machine, **drawn: Any) -> None:
        if machine.idle:
            return
        try:
            step(machine, **drawn)
        except Exception as error:
            machine.search.found(error)
            raise

    return taken


class _Machine(RuleBasedStateMachine):
    def __init__(self, search: _Search) -> None:
        super().__init__()
        self.search = search
        self.bench = search.bench
        self.users = (search.bench.alice, search.bench.bob)
        self.model: tuple[dict[str, Conversation], dict[str, Conversation]] = ({}, {})
        self.clock = 0
        self.idle = time.monotonic() > search.until
        search.sequences += not self.idle
        search.bench.journal.calls.clear()

    def teardown(self) -> None:
        """Deletes what the sequence left."""
        if not self.idle:
            asyncio.run_coroutine_threadsafe(self.bench.clear(), self.search.loop).result()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Runs `work` in the store's loop."""
        self.search.steps += 1
        return asyncio.run_coroutine_threadsafe(work, self.search.loop).result()

    def find(self, load: Awaitable[Any]) -> Any:
        """What a load returns; None where the store says that there is nothing.

        Raises:
            CallError: It raised something else.
        """
        answer = self.do(attempt(load))
        if answer.error and not answer.missing:
            raise answer.error
        return answer.value

    def page(self, who: int, thread_id: str, limit: int, order: str) -> None:
        """Compares all pages of a thread that is there."""
        wanted = [(item_id, text) for item_id, (text, _) in self.model[who][thread_id].items.items()]
        rows = self.do(_rows(self.users[who], thread_id, limit, order))
        got = [(row.id, row.content[0].text) for row in rows]
        self.compare(f"paging items {order} by {limit}", wanted[:: 1 if order == "asc" else -1], got)

    def compare(self, what: str, wanted: object, got: object) -> None:
        """Says that the store has what the model has.

        Raises:
            BrokenError: It has not.
        """
        if (wanted or None) != (got or None):
            raise BrokenError(f"{what}: the model has {wanted!r}, the store {got!r}")

    def tick(self) -> int:
        """A time for a new row; pairs of rows have the same."""
        self.clock += 1
        return self.clock // 2

    def thread_id(self, who: int, slot: int) -> str:
        """The id of a user's thread, there or not."""
        return self.search.threads[who * 2 + slot]

    def item_id(self, thread_id: str, slot: int) -> str:
        """The id of an item, there or not."""
        return f"msg_{self.search.threads.index(thread_id)}{9 - slot}{self.bench.run}"

    def who(self, who: int) -> int:
        """`who`, or alice where both are the same."""
        return 0 if self.bench.same_user or self.bench.declared.isolation is Isolation.SHARED else who

    def existing(self, who: int, slot: int) -> tuple[str, Conversation | None]:
        """A thread of the user's that is there; where they have none, the id of one that is not."""
        there = list(self.model[who])
        thread_id = there[slot % len(there)] if there else self.thread_id(who, slot)
        return thread_id, self.model[who].get(thread_id)

    @initialize(slot=_SLOT)
    @_unless_idle
    def begin(self, slot: int) -> None:
        """A conversation."""
        self.save_thread(who=0, slot=slot, title="begun", whole=False)
        self.write_item(who=0, thread=slot, slot=0, text="x", add=True, page=(1, "asc"))

    @rule(who=_WHO, slot=_SLOT, title=st.sampled_from(("one", "two", "a\u00e9\U0001f600")), whole=st.booleans())
    @_unless_idle
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

    @rule(who=_WHO, thread=_SLOT, slot=_ITEM, text=st.sampled_from(("x", "y")), add=st.booleans(), page=_PAGE)
    @_unless_idle
    def write_item(  # noqa: PLR0913, PLR0917 - drawn
        self,
        who: int,
        thread: int,
        slot: int,
        text: str,
        add: bool,  # noqa: FBT001 - drawn
        page: Page,
    ) -> None:
        """A new item, the same again, or another content."""
        who, samples = self.who(who), self.bench.samples
        thread_id, conversation = self.existing(who, thread)
        if conversation is None:
            return
        item_id = self.item_id(thread_id, slot)
        known = conversation.items.get(item_id)
        if known and add:
            text = known[0]
        second = known[1] if known else self.tick()
        item = samples.message(item_id, thread_id, text, at=samples.moment(second))
        write = self.users[who].add_thread_item if add else self.users[who].save_item
        self.do(write(thread_id, item))
        conversation.items[item_id] = (text, second)
        self.page(who, thread_id, *page)

    @rule(who=_WHO, thread=_SLOT, slot=_ITEM, page=_PAGE)
    @_unless_idle
    def delete_item(self, who: int, thread: int, slot: int, page: Page) -> None:
        """An item that is there."""
        who = self.who(who)
        thread_id, conversation = self.existing(who, thread)
        if conversation is None or not conversation.items:
            return
        item_id = list(conversation.items)[slot % len(conversation.items)]
        self.do(self.users[who].delete_thread_item(thread_id, item_id))
        del conversation.items[item_id]
        self.page(who, thread_id, *page)

    @rule(who=_WHO, slot=_SLOT)
    @_unless_idle
    def delete_thread(self, who: int, slot: int) -> None:
        """A thread that is there."""
        who = self.who(who)
        thread_id, conversation = self.existing(who, slot)
        if conversation is None:
            return
        self.do(self.users[who].delete_thread(thread_id))
        del self.model[who][thread_id]

    @rule(who=_WHO, owner=_WHO, thread=_SLOT, slot=_ITEM)
    @_unless_idle
    def look(self, who: int, owner: int, thread: int, slot: int) -> None:
        """A thread and an item: own ones, foreign ones, missing ones."""
        who = self.who(who)
        thread_id = self.thread_id(self.who(owner), thread)
        item_id = self.item_id(thread_id, slot)
        conversation = self.model[who].get(thread_id)
        found = self.find(self.users[who].load_thread(thread_id))
        self.compare("load_thread's title", conversation and conversation.title, found and found.title)
        wanted = conversation and conversation.items.get(item_id)
        found = self.find(self.users[who].load_item(thread_id, item_id))
        self.compare("load_item's text", wanted and wanted[0], found and found.content[0].text)

    @rule(who=_WHO, page=_PAGE)
    @_unless_idle
    def page_threads(self, who: int, page: Page) -> None:
        """All pages of a user's threads."""
        who, (limit, order) = self.who(who), page
        wanted = [(thread_id, conversation.title) for thread_id, conversation in self.model[who].items()]
        rows = self.do(_rows(self.users[who], None, limit, order))
        got = [(row.id, row.title) for row in rows]
        # Not in order: a store may show the thread first that was written to last.
        self.compare(f"paging threads {order} by {limit}", sorted(wanted), sorted(got))


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
