"""CK717: the user waits for a sign of life."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK717",
    name="late-first-event",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="The first event of a turn arrives within a second, however slow the model is.",
    why="Until then the page shows nothing, not even the user's own message, which comes back as the first "
    "event. Proxies count the silence, too.",
    instead="Make titles, look-ups and connections to tools after the first event, or yield a "
    "`ProgressUpdateEvent` before them.",
    sources=("chatkit/types.py: ProgressUpdateEvent",),
)
