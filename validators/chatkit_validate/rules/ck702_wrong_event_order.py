"""CK702: events come in an order that clients don't expect."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK702",
    name="wrong-event-order",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="A stream has this order: `thread.created` (only for threads.create), `thread.item.done` with the "
    "user's message (only where one was sent), `stream_options` exactly once, then the answer. An `error`"
    " event is the last, but for a `thread.updated`.",
    why="Clients make the thread, put the user's message into it and set their stop button from the first "
    "events; an answer to a thread they don't know yet is dropped, and what follows an error is not "
    "shown.",
    instead="Leave these events to `process()`: it sends them before it asks `respond()`. Yield neither "
    "`ThreadCreatedEvent` nor `StreamOptionsEvent` yourself; override `get_stream_options()` instead.",
    sources=("chatkit/server.py: _process_streaming_impl, _process_events (1.6.5)",),
)
