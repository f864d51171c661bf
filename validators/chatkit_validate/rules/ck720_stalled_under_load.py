"""CK720: a dozen turns at once bring the endpoint down."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK720",
    name="stalled-under-load",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="A dozen turns at the same time all come to their end, and another request is answered within three "
    "seconds meanwhile.",
    why="A connection that is held while the model answers is missing for the others: with a pool of ten, the"
    " eleventh user waits. One connection for all fails at once (`another operation is in progress`).",
    instead="Take a connection from the pool for each statement, or transaction, and give it back before the next"
    " event is awaited.",
    sources=("asyncpg: Connection is not safe for concurrent use; Pool.acquire",),
)
