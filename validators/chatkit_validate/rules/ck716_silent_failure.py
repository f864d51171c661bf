"""CK716: a turn fails and nobody is told."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK716",
    name="silent-failure",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="A turn whose model refuses, reports an error or breaks off ends with an `error` event, "
    "`stream.error` or `custom`.",
    why="Without it the answer just ends: the user waits, or takes half an answer for a whole one, and there "
    "is no button to try again.",
    instead="Let exceptions leave `respond()`: `process()` makes `stream.error` of them. For words of your own "
    "raise `CustomStreamError(message, allow_retry=True)`.",
    sources=(
        "chatkit/errors.py: CustomStreamError, StreamError",
        "chatkit/server.py: _process_events (1.6.5)",
    ),
)
