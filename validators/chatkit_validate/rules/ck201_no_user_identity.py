"""CK201: the context says whose request it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import identity
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK201",
    name="no-user-identity",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="The context given to `process()` names the caller, and the name differs between callers.",
    why="Without a user in the context the store cannot tell whose threads it loads: everybody reads, continues and "
    "deletes everybody's conversations. A constant id is the same.",
    instead="Take the user from the verified token in a dependency and pass it on: "
    '`server.process(body, Caller(user_id=claims["sub"], ...))`.',
    acceptable="A demonstration for one user: say so with `# chatkit: ignore[CK201] reason`.",
    sources=("chatkit/store.py: Store, the context parameter",),
    shown=Shown(
        path="app/auth.py",
        good='return Caller(user_id=claims["sub"], token=token)',
        bad='return Caller(user_id="demo", token="")',
    ),
)
_WAY_OUT = "Put the verified user's id into the context that `process()` gets."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges whether anything in the context differs between callers."""
    named = integration.once(identity.read, endpoint)
    where = endpoint.processing.where
    if named.identity is not None:
        return Pass(f"The context names the caller, by {named.identity.source}", named.identity.where)
    if named.unknown is not None:
        return Unknown(f"Whether the context names the caller: {named.unknown.reason}", named.unknown.where)
    if named.constant is not None:
        text, place = named.constant
        return Fail(f'One constant, "{text}", stands for every caller', place, _WAY_OUT, (Note(where, "used here"),))
    return Fail("The context given to `process()` names no caller", where, _WAY_OUT)
