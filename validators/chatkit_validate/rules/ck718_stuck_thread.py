"""CK718: after a turn that did not end well the thread takes no more messages."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK718",
    name="stuck-thread",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="After a failed turn, and after one that the client left in the middle, the thread takes the next "
    "message and answers it.",
    why="A call without its result or an unfinished item in the history makes every later turn fail: the "
    "conversation is lost, though nothing was.",
    instead="Save only what the next turn can be built from; leave out calls whose results are missing when the "
    "history is loaded.",
    sources=(
        "chatkit/server.py: handle_stream_cancelled (1.6.5)",
        "chatkit-js#96",
    ),
)
