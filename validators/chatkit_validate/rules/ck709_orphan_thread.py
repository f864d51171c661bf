"""CK709: a refused first message leaves an empty thread."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK709",
    name="orphan-thread",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="A threads.create that is refused, e.g. because it names an attachment that does not exist, leaves no"
    " thread in threads.list.",
    why="`process()` saves the thread and sends `thread.created` before it looks at the message: whatever "
    "fails after that leaves an empty conversation in the user's list for ever.",
    instead="Look up `params.input.attachments` before `process()` and answer 404.",
    sources=("chatkit/server.py: _process_streaming_impl saves the thread first (1.6.5)",),
)
