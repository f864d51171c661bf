"""CK418: A write that is cancelled in the middle happened as a whole or not at all, and the store goes on."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK418",
    name="broken-by-cancellation",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="A write that is cancelled in the middle happened as a whole or not at all, and the store goes on.",
    why="A client that leaves cancels the turn at whatever the store is awaiting. A delete followed by an"
    " insert without a transaction loses the thread; a connection that is not given back is gone for "
    "ever, and after as many disconnects as the pool has connections every request hangs.",
    instead="Make each write one statement or one transaction, and hold connections in `async with`.",
    sources=("Starlette cancels the response's task group when the client disconnects",),
)
