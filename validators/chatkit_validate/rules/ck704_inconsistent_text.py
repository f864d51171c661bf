"""CK704: what was streamed is not what was finished."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK704",
    name="inconsistent-text",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
    what="For every part of an assistant message the concatenated text deltas, the closed part "
    "(`content_part.done`) and the text in `thread.item.done` are equal.",
    why="The user reads the deltas, the store keeps the finished item: where they differ the answer changes "
    "under the reader's eyes, or after a reload.",
    instead="Build the finished item from the text that was streamed; apply filters and citations before the "
    "first delta, or with `thread.item.replaced` afterwards.",
    sources=("chatkit/types.py: AssistantMessageContentPartTextDelta, AssistantMessageContentPartDone",),
)
