"""CK710: what the server does not do is answered 500."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK710",
    name="failing-unsupported-request",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="Request types that the server does not implement (actions without `action()`, speech without "
    "`transcribe()`, attachments without an AttachmentStore) are refused with 4xx or 501, or with an "
    "error event.",
    why="`process()` raises NotImplementedError or RuntimeError for them: a 500 that alarms whoever is on "
    "duty, and that clients send again.",
    instead="Answer 501 for these types before `process()`, or override the method.",
    sources=("chatkit/server.py: action(), sync_action(), transcribe(), _get_attachment_store() (1.6.5)",),
)
