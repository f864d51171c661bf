"""CK205: where verification fails or is absent the request is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import fallback, gate, verification
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK205",
    name="auth-falls-back",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="Where the way to the endpoint verifies a credential, a missing or refused one ends the request: nobody goes "
    "on as `anonymous`, as a default user or as the first user of the database.",
    why="A check that is passed by leaving the header out protects nobody: the fallback user's threads are shared by "
    "all who send nothing, and a default user often exists.",
    instead="Raise 401 in every branch that has no verified user. For development, give tests a token of a test issuer "
    "rather than a switch that turns the check off.",
    acceptable="A public assistant passes where the code says so: a route without any verification, beside the "
    "protected one. Otherwise write `# chatkit: ignore[CK205] <why>` on the line of the fallback.",
    sources=("CWE-636 (not failing securely)", "CWE-287"),
    shown=Shown(
        path="app/auth.py",
        good="    except jwt.InvalidTokenError:\n"
        '        raise HTTPException(401, "The token is not valid", {"WWW-Authenticate": "Bearer"}) from None',
        bad='    except jwt.InvalidTokenError:\n        claims = {"sub": "anonymous"}',
    ),
)
_WAY_OUT = "Raise 401 where no credential could be verified."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what becomes of a request whose credential is missing or refused."""
    checked = integration.once(verification.read, endpoint)
    checks = (*checked.verified, *checked.believed)
    if not checks:
        return NotApplicable("nothing on the way to this endpoint verifies a credential", endpoint.where)
    verified = Note(checks[0].where, checks[0].how)
    used = Note(endpoint.processing.where, "ChatKit acts all the same")
    found = integration.once(fallback.fallbacks, endpoint)
    if found:
        first = found[0]
        return Fail(first.how, first.where, _WAY_OUT, (verified, Note(first.where, first.how), used))
    refusing = integration.once(gate.read, endpoint)
    refusals = (*refusing.schemes, *refusing.refusals)
    if not refusals:
        how = "a request whose credential is missing or refused goes on"
        return Fail(how, checks[0].where, _WAY_OUT, (verified, used))
    return Pass("a request without a verified credential is refused", refusals[0], (verified,))
