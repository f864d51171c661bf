"""CK503: the model reads the new message once."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK503",
    name="duplicated-user-message",
    level=Level.WARNING,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="The user's new message stands once in what the model reads.",
    why="`process()` stores the message before it calls `respond()`, so the history that is loaded there ends "
    "with it. Appended again, it is paid for twice, and models answer it twice or remark on the "
    "repetition.",
    instead="Pass the loaded history as it is, or leave the item with `input_user_message.id` out of it before "
    "appending.",
    sources=("chatkit/server.py: _process_new_thread_item_respond (1.6.5)",),
)
