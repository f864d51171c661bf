"""CK711: feedback is taken for anybody's thread."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK711",
    name="unchecked-feedback",
    level=Level.ADVICE,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="items.feedback for a thread that the user does not have is refused.",
    why="`process()` hands feedback to `add_feedback()` without loading the thread. The base class drops it, "
    "so that nothing is lost but the illusion; an override that stores it lets everybody rate every "
    "answer there is.",
    instead="Begin `add_feedback()` with `await self.store.load_thread(thread_id, context)`.",
    acceptable="Where feedback is not stored at all.",
    sources=("chatkit/server.py: ItemsFeedbackReq (1.6.5)",),
)
