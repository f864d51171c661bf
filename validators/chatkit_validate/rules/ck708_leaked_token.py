"""CK708: an answer repeats the credentials it was sent with."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK708",
    name="leaked-token",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="mcp-agent-auth",
    subject="endpoint",
    what="No answer, stream or error message holds the token of the request.",
    why="What is in an answer is in the store, in the browser's history of the conversation, in logs and in "
    "the next model call. A token there outlives the request it was meant for.",
    instead="Keep the token in a field of its own of the context, out of `repr`, of thread metadata, titles, "
    "items and error messages.",
    sources=("RFC 6750, section 5.3: don't pass bearer tokens where they are stored or logged",),
)
