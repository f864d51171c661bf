"""CK422: After any sequence of calls the store answers as a dictionary in memory would."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK422",
    name="inconsistent-store",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="After any sequence of calls the store answers as a dictionary in memory would.",
    why="Clauses try what is known to go wrong, one thing at a time. What goes wrong in combination (an "
    "id used again after a delete, a cursor whose row is gone) shows in sequences only.",
    instead="Run the reproducer: it is the shortest sequence found that shows the difference.",
    sources=("Hypothesis: stateful testing",),
)
