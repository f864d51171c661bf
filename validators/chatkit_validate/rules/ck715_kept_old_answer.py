"""CK715: answering anew leaves the old answer."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK715",
    name="kept-old-answer",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="threads.retry_after_item leaves the items up to the user's message, followed by the new answer.",
    why="`process()` deletes the later items one by one before it asks `respond()`. A store whose "
    "`delete_thread_item` does nothing, or whose pages lose rows, keeps the old answer: the model reads "
    "it and the user sees both.",
    instead="Implement `delete_thread_item`; page to the end with a cursor that loses no rows (CK406, CK410).",
    sources=("chatkit/server.py: ThreadsRetryAfterItemReq, _paginate_thread_items_reverse (1.6.5)",),
)
