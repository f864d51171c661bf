"""CK204: a token is believed only after it was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import verification
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK204",
    name="unverified-token",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="Where the way to the endpoint reads a token, its signature is verified (or who issued it is asked) before "
    "anything it says is believed: no decode without verification, no algorithm `none`, no bypass.",
    why="A JWT is readable text: without the signature anybody writes `sub` as he likes. A branch that skips the check "
    "for a special token is a key to every account, and it is in the repository.",
    instead='`jwt.decode(token, key, algorithms=["RS256"], audience=..., options={"require": ["exp", "sub"]})`, and '
    "401 on `jwt.InvalidTokenError`.",
    acceptable="Where a gateway has verified the token and nothing else can reach the service, say so: "
    "`# chatkit: ignore[CK204] <why>` on the line that reads or decodes it. Looking at the unverified header for the "
    "key id passes.",
    sources=("RFC 8725", "PyJWT: options verify_signature"),
    shown=Shown(
        path="app/auth.py",
        good='options={"require": ["exp", "sub"]},',
        bad='options={"verify_signature": False},',
    ),
    flow=True,
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what the way to the endpoint does with tokens."""
    found = integration.once(verification.read, endpoint)
    processing = Note(endpoint.processing.where, "ChatKit acts for whoever it names")
    read = tuple(Note(place, "the token is read here") for place in found.tokens[:1])
    if found.believed:
        check = found.believed[0]
        return Fail(
            f"a token is believed although {check.how}",
            check.where,
            "Verify the signature with a key and a fixed list of algorithms, for every token.",
            (*read, Note(check.where, check.how), processing),
        )
    if found.verified:
        return Pass(found.verified[0].how, found.verified[0].where, read)
    if not found.tokens:
        return NotApplicable("nothing on the way to this endpoint reads a token", endpoint.where)
    if found.unread:
        return Unknown("whether this verifies the token cannot be followed", found.unread[0])
    return Fail(
        "a token is read and nothing verifies it before ChatKit acts",
        found.tokens[0],
        "Verify its signature, or ask who issued it, before `process()`.",
        (*read, processing),
    )
