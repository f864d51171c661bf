"""CK417: One store object serves many calls at once."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK417",
    name="unsafe-under-concurrency",
    level=Level.ERROR,
    by=(Validator.STORE,),
    skill="chatkit-integration",
    subject="store method",
    what="One store object serves many calls at once: none fails, none is lost, and none sees another request's user.",
    why="An ASGI application answers many requests in one process, and one turn may write while the "
    "widget lists threads. One shared asyncpg connection fails with `another operation is in "
    "progress`; looking for a row and inserting it then fails when two do so; a user kept on the "
    "store object is another request's.",
    instead="Take a connection or session from a pool for each call, let the database decide conflicts, and "
    "answer copies of what is kept in memory.",
    acceptable="A store that is declared to serve one call at a time (`--sequential`): a script or a desktop "
    "application.",
    sources=("asyncpg: InterfaceError `another operation is in progress`",),
)
