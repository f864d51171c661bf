"""CK114: an unknown thread, attachment or tool call does not cut the connection after the 200."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import preflight, response
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Endpoint, Integration

RULE = Rule(
    code="CK114",
    name="aborted-stream",
    level=Level.WARNING,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="What a streaming request names (thread, attachments) is looked up before the stream starts, or an error "
    "while it runs is sent as an event.",
    why="`process()` answers a streaming request with a lazy generator and 200. An unknown thread or attachment, or a "
    "tool output that nobody waits for, is raised inside it, outside of what the library turns into events: the "
    "connection is reset in mid-air, an orphan thread may stay, and the client retries.",
    instead="Validate the body as `ChatKitReq`, load the thread and the attachments it names, and answer 404; or wrap "
    "the result in a generator whose `except Exception` sends an `error` event.",
    sources=("chatkit/server.py: _process_streaming", "chatkit/server.py: _process_events"),
    shown=Shown(path="app/main.py", good="        await refuse_unknown_ids(server, body, caller)\n", bad=""),
)
_WAY_OUT = "Look up the thread and the attachments that the request names before `process()`, and answer 404."


def decide(endpoint: Endpoint, integration: Integration) -> Decision:
    """Judges what happens to ids that nobody knows once the stream has started."""
    streams = integration.once(response.streams, endpoint)
    replies = integration.once(response.replies, endpoint)
    if not streams and any(reply.carries for reply in replies):
        return NotApplicable("No response streams what `process()` gives", endpoint.processing.where)
    found = integration.once(preflight.read, endpoint)
    where = streams[0].where if streams else endpoint.processing.where
    if found.told is not None:
        return Pass("An error inside the stream is sent as an event", found.told)
    missing = [name for name in preflight.LOOKUPS if name not in found.checked]
    if not missing:
        notes = tuple(Note(place, f"{name}() before the stream") for name, place in found.checked.items())
        return Pass("What the request names is looked up before the stream starts", where, notes)
    unknown = " or ".join(name.removeprefix("load_") for name in missing)
    return Fail(
        f"An unknown {unknown} is found out only after the 200, and cuts the stream",
        where,
        _WAY_OUT,
        (Note(endpoint.processing.where, "nothing is looked up before this"),),
    )
