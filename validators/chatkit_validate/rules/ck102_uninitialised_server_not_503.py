"""CK102: a server that is not there (yet) is answered with 503."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import availability
from chatkit_validate.integration.availability import Presence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK102",
    name="uninitialised-server-not-503",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="Where the ChatKit server can be missing (chat is switched off, or its start failed) the endpoint answers "
    "503.",
    why="503 tells load balancers and clients to come back later; a 500, or an `AttributeError` that becomes one, says "
    "the code is broken. `assert` is no guard: it becomes a 500, and `python -O` removes it.",
    instead='`if server is None: raise HTTPException(503, "Chat is not available")`, in the handler or in the '
    "dependency that gives the server.",
    acceptable="A server built at import, set in the lifespan before `yield` whatever the configuration, or built on "
    "first use is never missing and needs no guard.",
    sources=("RFC 9110, section 15.6.4",),
    shown=Shown(
        path="app/main.py",
        good='raise HTTPException(503, "Chat is not available")',
        bad='raise HTTPException(500, "Chat is not available")',
    ),
)
_WAY_OUT = 'Write `if server is None: raise HTTPException(503, "Chat is not available")`.'
_FINE = {
    Presence.ALWAYS: "The server is always there",
    Presence.BUILT: "The server is built on first use",
    Presence.SET: "The server is set before the first request",
}


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what answers while the server is missing."""
    found = integration.once(availability.read, endpoint)
    if found.presence in _FINE:
        return Pass(_FINE[found.presence], found.where)
    if found.presence is Presence.UNKNOWN:
        return Unknown("Where the server comes from cannot be followed", found.where)
    used = (Note(endpoint.processing.where, "used here"),)
    if found.presence is Presence.GUARDED and not found.asserted:
        if found.status is None:
            return Unknown("The status that answers while the server is missing cannot be read", found.where)
        if found.status == 503:
            return Pass("While the server is missing the answer is 503", found.where, used)
    return Fail(_told(found), found.where, _WAY_OUT, used)


def _told(found: availability.Availability) -> str:
    if found.presence is Presence.MISSING:
        return "The server can be missing here, and nothing answers 503 then"
    if found.asserted:
        return "An `assert` guards against a missing server: it answers 500"
    return f"While the server is missing the answer is {found.status}"
