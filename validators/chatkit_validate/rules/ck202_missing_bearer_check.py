"""CK202: a request without a credential that can be verified is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import claimed_identity, gate, identity, verification
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK202",
    name="missing-bearer-check",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="A request without a credential that can be verified is answered with 401 (or 403) before the store is "
    "touched, and a bearer token is accepted whatever the case of the word `Bearer`.",
    why="What is not refused goes on as somebody: a default user, the first user, nobody. The scheme's name is "
    "case-insensitive: a check for `Bearer ` alone refuses clients that are right.",
    instead="A dependency that splits the header at the first space, compares `scheme.lower()` with `bearer`, "
    'verifies the token and raises `HTTPException(401, headers={"WWW-Authenticate": "Bearer"})` otherwise.',
    acceptable="403 for a missing header, as older versions of `HTTPBearer` answer. Where nothing authenticates at "
    "all, CK201 speaks.",
    sources=("RFC 6750, section 3", "RFC 9110, section 11.1: the scheme is case-insensitive"),
    shown=Shown(
        path="app/auth.py",
        good='if scheme.lower() != "bearer" or not token:',
        bad='if scheme != "Bearer" or not token:',
    ),
)
_REFUSE = 'Raise `HTTPException(401, headers={"WWW-Authenticate": "Bearer"})` where no credential can be verified.'
_FOLD = "Split the header at the first space and compare `scheme.lower()` with `bearer`."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what the way to the endpoint refuses."""
    found = integration.once(gate.read, endpoint)
    named = integration.once(identity.read, endpoint)
    where = endpoint.processing.where
    refusing = (*found.schemes, *found.refusals)
    if named.identity is None and not refusing and not found.lenient:
        if named.unknown is not None:
            return Unknown(f"Whether anything authenticates: {named.unknown.reason}", named.unknown.where)
        return NotApplicable("Nothing on the way to this endpoint authenticates: CK201 speaks of it", where)
    used = (Note(where, "reached by"),)
    if not refusing:
        place = named.identity.where if named.identity is not None else found.lenient[0]
        return Fail("No request is refused for want of a credential that can be verified", place, _REFUSE, used)
    return _refusing(endpoint, integration, found, used)


def _refusing(endpoint: Endpoint, integration: Integration, found: gate.Gate, used: tuple[Note, ...]) -> Decision:
    refusal = (*found.schemes, *found.refusals)[0]
    checked = integration.once(verification.read, endpoint)
    stated = integration.once(claimed_identity.claims, endpoint)
    if stated and not found.schemes and not (checked.tokens or checked.verified or checked.unread):
        told = "What is refused here is only a request that states no user: no credential is asked for"
        return Fail(told, refusal, _REFUSE, (Note(stated[0].where, f"{stated[0].source} is believed"), *used))
    if found.sensitive:
        return Fail("Only one spelling of `Bearer` is accepted here", found.sensitive[0], _FOLD, used)
    if found.crashes:
        place, status = found.crashes[0]
        return Fail(f"A token that cannot be verified answers {status}, not 401", place, _REFUSE, used)
    return Pass("A request without a verifiable credential is refused", refusal)
