"""CK511: what the user has seen of an answer is kept."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK511",
    name="lost-partial-answer",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="After a client has left in the middle of an answer, the part that it was sent is in the thread.",
    why="Starlette cancels the request's scope, and in it the first `await` of `handle_stream_cancelled` is "
    "cancelled again. With a store that really waits, such as asyncpg's, neither the partial message nor "
    "the note that the user cancelled is written: only the user's message is left, and the next turn may "
    "go on with the abandoned answer. A store in memory never waits and hides it.",
    instead="Override `handle_stream_cancelled`: `with anyio.CancelScope(shield=True): await "
    "super().handle_stream_cancelled(thread, pending_items, context)`. Give the store's statements a time "
    "limit, since nothing else bounds them there.",
    acceptable="A server that streams no partial text.",
    sources=(
        "chatkit/server.py: handle_stream_cancelled (1.6.5)",
        "anyio: CancelScope(shield=True)",
    ),
)
