"""CK707: a stream breaks off."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK707",
    name="unclean-stream-end",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="Every stream that has begun to answer ends after a complete event and closes in order, also when the"
    " model fails.",
    why="An aborted connection looks like a network fault: clients retry, which writes the user's message "
    "again, and the reason is nowhere to be seen.",
    instead="Raise nothing around the iteration of `process()`'s result; within `respond()` raise "
    "`CustomStreamError` or `StreamError`, which become an error event. Set time-outs of proxies above "
    "the longest silence of a turn.",
    sources=("chatkit/server.py: only errors inside respond() become error events (1.6.5)",),
)
