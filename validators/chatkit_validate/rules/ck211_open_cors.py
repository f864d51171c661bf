"""CK211: credentials are accepted from the application's own origins only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import cors
from chatkit_validate.integration.evidence import Absent, Unresolved
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK211",
    name="open-cors",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="A CORS policy that allows credentials names its origins: no `*`, no `null`, no pattern that strangers match.",
    why='With `allow_origins=["*"]` and `allow_credentials=True` Starlette does not send `*`, which browsers would '
    "refuse: it echoes whatever origin asks. Any page a signed-in user opens can then read the chat and act in it "
    "with that user's cookie.",
    instead="List the origins of the front end (a setting is fine), or leave `allow_credentials` out where the widget "
    "sends a bearer token and no cookie.",
    acceptable="`*` without credentials is harmless and passes. Where everything the application serves is public and "
    "no cookie or client certificate identifies anyone, write `# chatkit: ignore[CK211] <why>` on the line of "
    "the origins.",
    sources=("Fetch standard, section 3.2", "starlette.middleware.cors: explicit origin with credentials"),
    shown=Shown(path="app/main.py", good='allow_origins=["https://app.example.com"],', bad='allow_origins=["*"],'),
)
_WAY_OUT = "Name the origins of the front end, or drop `allow_credentials`."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges the CORS policies of the application that serves the endpoint."""
    application = endpoint.application
    if application is None:
        return NotApplicable("no application includes the endpoint's router", endpoint.where)
    policies = integration.once(cors.policies, application)
    if not policies:
        return NotApplicable("the application answers no cross-origin requests", application.where)
    return gravest(_judge(policy) for policy in policies)


def _judge(policy: cors.Cors) -> Decision:
    public, credentials = policy.public, policy.credentials
    if isinstance(public, Absent):
        return Pass("the origins that are admitted are named", policy.where)
    if isinstance(credentials, Absent):
        return Pass("credentials are not allowed", credentials.where)
    for part in (public, credentials):
        if isinstance(part, Unresolved):
            return Unknown(part.reason, part.where)
    assert not isinstance(public, Unresolved)  # noqa: S101 - narrows for the type checker
    return Fail(
        f"`{public.value}` admits every origin, together with credentials",
        public.where,
        _WAY_OUT,
        (Note(public.where, "admits every origin"), Note(credentials.where, "allows credentials")),
    )
