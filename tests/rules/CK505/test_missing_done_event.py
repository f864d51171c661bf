from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import running, sending

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


ITEM = (
    'item = AssistantMessageItem(id="a", thread_id=thread.id, created_at=now, content=[])\n'
    "result = Runner.run_streamed(agent, history)\n"
)
LOOP = "async for event in stream_agent_response(agent_context, result):\n"


def made(lines: str) -> dict[str, str]:
    tree = running(ITEM + lines)
    tree["app/server.py"] = (
        "from chatkit.types import AssistantMessageItem, ThreadItemAddedEvent, ThreadItemDoneEvent\n"
        "from chatkit.types import ThreadItemRemovedEvent, ThreadItemUpdatedEvent\n" + tree["app/server.py"]
    )
    return tree


@pytest.mark.parametrize(
    "loop",
    [
        LOOP + '    if event.type != "thread.item.done":\n        yield event',
        LOOP + '    if event.type == "thread.item.done":\n        continue\n    yield event',
        LOOP + "    if not isinstance(event, ThreadItemDoneEvent):\n        yield event",
        LOOP + "    if isinstance(event, (ThreadItemAddedEvent, ThreadItemUpdatedEvent)):\n        yield event",
        LOOP + '    if hasattr(event, "update"):\n        yield event',
        LOOP + "    match event:\n        case ThreadItemDoneEvent():\n            pass\n"
        "        case _:\n            yield event",
    ],
)
def test_a_loop_that_drops_what_finishes_an_item_fails(verdicts: Verdicts, loop: str) -> None:
    tree = sending(loop)
    tree["app/server.py"] = (
        "from chatkit.types import ThreadItemAddedEvent, ThreadItemDoneEvent, ThreadItemUpdatedEvent\n"
        + tree["app/server.py"]
    )
    assert outcomes(verdicts(tree, "CK505")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "loop",
    [
        LOOP + '    if event.type == "thread.item.done":\n        print(event.item.id)\n    yield event',
        LOOP + '    if event.type != "progress_update":\n        yield event',
        LOOP + '    if event.type not in ("progress_update", "client_effect"):\n        yield event',
        LOOP + "    if isinstance(event, ProgressUpdateEvent):\n        continue\n    yield event",
        LOOP + "    match event:\n        case ThreadItemUpdatedEvent():\n            yield event\n"
        "        case _:\n            yield renamed(event)",
    ],
)
def test_a_loop_that_passes_it_on_passes(verdicts: Verdicts, loop: str) -> None:
    tree = sending(loop, "\n\ndef renamed(event):\n    return event\n")
    tree["app/server.py"] = (
        "from chatkit.types import ProgressUpdateEvent, ThreadItemUpdatedEvent\n" + tree["app/server.py"]
    )
    assert outcomes(verdicts(tree, "CK505")) == {Outcome.PASS}


def test_a_condition_that_cannot_be_read_is_unknown(verdicts: Verdicts) -> None:
    tree = sending(LOOP + "    if context.wants(event):\n        yield event")
    assert outcomes(verdicts(tree, "CK505")) == {Outcome.UNKNOWN}


def test_a_wrapper_that_drops_it_fails_where_it_stands(verdicts: Verdicts) -> None:
    tree = sending(
        "async for event in visible(stream_agent_response(agent_context, result)):\n    yield event",
        "\n\nasync def visible(events):\n    async for event in events:\n"
        '        if event.type == "thread.item.updated":\n            yield event\n',
    )
    assert outcomes(verdicts(tree, "CK505")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        (
            "yield ThreadItemAddedEvent(item=item)\nasync for event in result.stream_events():\n"
            "    yield ThreadItemUpdatedEvent(item_id=item.id, update=event)"
        ),
        "yield ThreadItemAddedEvent(item=item)",
        'yield EVENTS.validate_python({"type": "thread.item.added", "item": item})',
        (
            'other = AssistantMessageItem(id="b", thread_id=thread.id, created_at=now, content=[])\n'
            "yield ThreadItemAddedEvent(item=item)\nyield ThreadItemAddedEvent(item=other)\n"
            "yield ThreadItemDoneEvent(item=other)"
        ),
    ],
)
def test_an_item_that_is_announced_and_never_finished_fails(verdicts: Verdicts, lines: str) -> None:
    assert outcomes(verdicts(made(lines), "CK505")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        "yield ThreadItemAddedEvent(item=item)\nyield ThreadItemDoneEvent(item=item)",
        "yield ThreadItemAddedEvent(item=item)\nyield ThreadItemRemovedEvent(item_id=item.id)",
        (
            "yield ThreadItemAddedEvent(item=item)\n"
            'yield ThreadItemDoneEvent(item=item.model_copy(update={"content": []}))'
        ),
        "yield ThreadItemDoneEvent(item=item)",
    ],
)
def test_a_finished_item_passes(verdicts: Verdicts, lines: str) -> None:
    assert outcomes(verdicts(made(lines), "CK505")) == {Outcome.PASS}


def test_a_store_that_changes_the_announced_id_fails(verdicts: Verdicts) -> None:
    tree = made("yield ThreadItemAddedEvent(item=item)\nyield ThreadItemDoneEvent(item=item)")
    line = "    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:\n"
    assert tree["app/store.py"].count(line) == 1
    tree["app/store.py"] = tree["app/store.py"].replace(line, f"{line}        item.id = str(await self.next_id())\n")
    assert outcomes(verdicts(tree, "CK505")) == {Outcome.FAIL}
