"""CK719: turns at the same time get into each other's way."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK719",
    name="mixed-streams",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="Of many turns at once each has a thread of its own, its own message, and its own answer.",
    why="Whatever a turn keeps on the server object, the agent or a module is seen by all others: somebody "
    "gets somebody else's answer.",
    instead="Keep what belongs to a turn in local variables and in the context; make agents and connections for "
    "each turn.",
    sources=("chatkit/server.py: one ChatKitServer serves all requests",),
)
