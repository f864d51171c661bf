"""CK304: a store that must be initialised is, before the first request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import store_start
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration, Server
    from chatkit_validate.integration.store_start import StoreStart

RULE = Rule(
    code="CK304",
    name="store-not-initialised",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="server",
    what="Where the store class has a method that prepares it (`initialize_schema()`, `connect()`, ...), the "
    "application calls it before it serves, or the store calls it on first use.",
    why="The tables or the pool do not exist: the first message is answered by a stream error, and the application "
    "looks healthy until then.",
    instead="Await it in the lifespan before the server is published: `await store.initialize_schema()`.",
    acceptable="Where migrations or another process prepare the database the method may stay uncalled: write "
    "`# chatkit: ignore[CK304] <why>` on the line of the method.",
    sources=("chatkit.store has no start-up hook: nothing calls the store before the first request",),
    shown=Shown(path="app/main.py", good="        await store.initialize_schema()\n", bad=""),
)


def decide(server: Server, integration: Integration) -> Decision:
    """Judges the stores that the server is built with."""
    stores = integration.once(store_start.stores, server)
    if not stores:
        return NotApplicable("no store class of the project is given to the server", server.where)
    return gravest(_judge(store) for store in stores)


def _judge(store: StoreStart) -> Decision:
    if store.method is None:
        return Pass(f"`{store.name}` has nothing to initialise", store.where)
    if store.called is not None:
        return Pass(f"`{store.name}.{store.method}()` is called", store.called, (Note(store.where, "the method"),))
    return Fail(
        f"nothing calls `{store.name}.{store.method}()`",
        store.where,
        "Await it in the lifespan before the server is published.",
        (Note(store.made, "the store is made here"),),
    )
