from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


OVERRIDE = """    async def handle_stream_cancelled(self, thread, pending_items, context):
        with anyio.CancelScope(shield=True):
            await super().handle_stream_cancelled(thread, pending_items, context)
"""
SUPER = "await super().handle_stream_cancelled(thread, pending_items, context)"
MEMORY = """
from chatkit.store import Store


class MemoryStore(Store):
    async def add_thread_item(self, thread_id, item, context):
        async with self.lock:
            self.items[item.id] = item

    async def load_thread_items(self, thread_id, after, limit, order, context):
        return self.items
"""


def overriding(text: str, **files: str) -> dict[str, str]:
    tree = app(files, ("app/server.py", OVERRIDE, text))
    tree["app/server.py"] = "import asyncio\n" + tree["app/server.py"]
    return tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"    async def handle_stream_cancelled(self, thread, pending_items, context):\n        {SUPER}\n",
        (
            "    async def handle_stream_cancelled(self, thread, pending_items, context):\n"
            f"        with anyio.CancelScope(shield=False):\n            {SUPER}\n"
        ),
        (
            "    async def handle_stream_cancelled(self, thread, pending_items, context):\n"
            f"        with anyio.move_on_after(5):\n            {SUPER}\n"
        ),
        # Not as ChatKit calls it.
        (
            "    async def handle_stream_cancelled(self, thread, context):\n"
            "        with anyio.CancelScope(shield=True):\n            await self.store.save_thread(thread, context)\n"
        ),
    ],
)
def test_without_a_shield_the_half_answer_is_lost(verdicts: Verdicts, text: str) -> None:
    assert outcomes(verdicts(overriding(text), "CK511")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "text",
    [
        OVERRIDE,
        (
            "    async def handle_stream_cancelled(self, thread, pending_items, context):\n"
            f"        with anyio.move_on_after(5, shield=True):\n            {SUPER}\n"
        ),
        (
            "    async def handle_stream_cancelled(self, *given):\n"
            "        await asyncio.shield(super().handle_stream_cancelled(*given))\n"
        ),
        (
            "    async def handle_stream_cancelled(self, thread, pending_items, context):\n"
            "        await self.kept(thread, pending_items, context)\n\n"
            "    async def kept(self, thread, pending_items, context):\n"
            f"        with anyio.CancelScope(shield=True):\n            {SUPER}\n"
        ),
    ],
)
def test_a_shield_passes(verdicts: Verdicts, text: str) -> None:
    assert outcomes(verdicts(overriding(text), "CK511")) == {Outcome.PASS}


def test_a_store_that_never_waits_loses_nothing(verdicts: Verdicts) -> None:
    tree = overriding("", **{"app/memory.py": MEMORY})
    tree["app/main.py"] = (
        tree["app/main.py"]
        .replace("ChatServer(store)", "ChatServer(MemoryStore())")
        .replace("from app.server import", "from app.memory import MemoryStore\nfrom app.server import")
    )
    assert outcomes(verdicts(tree, "CK511")) == {Outcome.NOT_APPLICABLE}


def test_a_store_that_hands_its_work_to_a_thread_waits(verdicts: Verdicts) -> None:
    slow = MEMORY.replace(
        "            self.items[item.id] = item", "            await asyncio.to_thread(self.write, item)"
    )
    tree = overriding("", **{"app/memory.py": "import asyncio\n" + slow})
    tree["app/main.py"] = (
        tree["app/main.py"]
        .replace("ChatServer(store)", "ChatServer(MemoryStore())")
        .replace("from app.server import", "from app.memory import MemoryStore\nfrom app.server import")
    )
    assert outcomes(verdicts(tree, "CK511")) == {Outcome.FAIL}


def test_an_answer_that_is_sent_whole_has_no_part(verdicts: Verdicts) -> None:
    tree = overriding("")
    text = tree["app/server.py"]
    start, end = text.index("            result = Runner"), text.index("                if not result.is_complete:")
    whole = (
        "            result = await Runner.run(agent, history)\n"
        "            if result:\n                yield result.final_output\n"
    )
    tree["app/server.py"] = text[:start] + whole + text[end:].partition("result.cancel()\n")[2]
    assert outcomes(verdicts(tree, "CK511")) == {Outcome.NOT_APPLICABLE}
