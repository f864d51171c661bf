"""CK203: the user is who the verified token says, not who the request says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import claimed_identity
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK203",
    name="untrusted-user-id",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="No header, query parameter, body field or cookie that a client can choose names the user, unless it is "
    "compared with the verified identity.",
    why="`X-User-ID: alice` is written by whoever sends the request. Store, tools and MCP servers then act for alice.",
    instead="Take the user from the verified token's `sub`. Where `X-User-ID` must be accepted, answer 403 when it "
    "differs from the token.",
    acceptable="Behind a gateway that sets the header itself and strips it from what comes in, say so: "
    "`# chatkit: ignore[CK203] <why>` on the line that reads it.",
    sources=("CWE-639", "CWE-290"),
    shown=Shown(
        path="app/auth.py",
        good='return Caller(user_id=claims["sub"], token=token)',
        bad='return Caller(user_id=request.headers["X-User-ID"], token=token)',
    ),
    flow=True,
)


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what of the request names the user in the context."""
    claims = integration.once(claimed_identity.claims, endpoint)
    if not claims:
        return Pass("nothing that a client can choose names the user", endpoint.where)
    for claim in claims:
        if claim.compared is None:
            return Fail(
                f"{claim.source} names the user, and nothing checks it",
                claim.where,
                "Take the user from the verified token, or answer 403 where the two differ.",
                (Note(claim.where, "chosen by the client"), Note(claim.used, "becomes part of the context here")),
            )
    first = claims[0]
    return Pass(f"{first.source} is compared with the verified identity", first.compared or first.where)
