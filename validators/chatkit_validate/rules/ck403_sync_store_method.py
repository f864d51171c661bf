"""CK403: the store's methods can be awaited."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK403",
    name="sync-store-method",
    level=Level.ERROR,
    by=(Validator.STORE,),
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
)
