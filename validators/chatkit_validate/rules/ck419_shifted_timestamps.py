"""CK419: times come back as the same instants, and naive and aware ones can be listed together."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK419",
    name="shifted-timestamps",
    level=Level.WARNING,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="Times come back as the same instants, naive or aware, on a server in any time zone, and a thread"
    " with both can be listed in order.",
    why="ChatKit writes naive local times (`datetime.now()`), applications often add aware ones. A naive "
    "time stored as if it were UTC moves by hours; sorting both kinds raises `TypeError` or, as text,"
    " puts them into another order.",
    instead="Keep the object as JSON, or the time as `timestamptz`, and order by a sequence rather than by time.",
    sources=("chatkit/server.py:553: datetime.now() (1.6.5)",),
)
