"""CK421: What one process saves another finds."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK421",
    name="store-per-process",
    level=Level.WARNING,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="What one process saves another finds: workers and restarts share the conversations.",
    why="Several workers behind one address answer by turns; with conversations in a worker's memory, or "
    "in a file of its own, every other request finds none of them, and a deployment loses all.",
    instead="Keep conversations in a database that all workers share.",
    acceptable="An application that runs in one process for ever, or a demonstration: `chatkit-validate store "
    "--single-process` declares it.",
    sources=("chatkit/store.py: Store (1.6.5)",),
)
