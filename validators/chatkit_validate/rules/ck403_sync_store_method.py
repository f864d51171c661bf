"""CK403: the store's methods can be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.storage.stores import Method

RULE = Rule(
    code="CK403",
    name="sync-store-method",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.STORE),
    skill="chatkit-integration",
    subject="store method",
    what="Every method of the store answers an awaitable.",
    why="ChatKit awaits each call. A plain `def` has done its work by then and answers a thread, a page or None, "
    "on which `await` raises `TypeError`: a write is in the database and the request fails all the same. An async "
    "generator cannot be awaited either.",
    instead="Write `async def` and await an asynchronous driver in it; put a synchronous one into `await "
    "asyncio.to_thread(...)`.",
    acceptable="A plain function that returns a coroutine or a future, as decorators make them.",
    sources=("chatkit/store.py: Store, 12 asynchronous methods (1.6.5)",),
    shown=Shown(
        path="app/store.py",
        good="    async def delete_attachment(",
        bad="    def delete_attachment(",
    ),
)


def decide(method: Method, integration: Integration) -> Decision:
    """Judges what calling the method gives."""
    from chatkit_validate.integration.storage.shape import plain

    return decided(
        integration.once(plain, method),
        found=lambda fault: Fail(
            fault.value, fault.where, f"Write `async def {method.method}`, and await the database in it."
        ),
        absent=lambda absent: Pass(f"{method.method}() can be awaited", absent.where),
    )
