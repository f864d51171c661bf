"""CK101: some POST route hands the request to the server that was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration import body
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass, Unknown, Validator
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.entry import Entry

RULE = Rule(
    code="CK101",
    name="no-chatkit-endpoint",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="fastapi-chatkit-endpoint",
    subject="entry",
    what="A POST route of the application hands the request's raw body to `process()` of the ChatKit server.",
    why="The widget sends every request, streaming or not, as POST to one URL. A server that no route reaches, or a "
    "route whose router is never included, answers 404 or 405.",
    instead='Write `@app.post("/chatkit")`, read `await request.body()` and pass it to `process()` as it is.',
    acceptable="A body that was parsed, validated as `ChatKitReq` and serialised again is the same request.",
    sources=("chatkit/server.py: ChatKitServer.process",),
    shown=Shown(path="app/main.py", good='@app.post("/chatkit")', bad='@app.get("/chatkit")'),
)


def decide(entry: Entry, integration: Integration) -> Decision:
    """Judges the endpoint, or the server that none reaches."""
    endpoint = entry.endpoint
    if endpoint is None:
        return _unserved(entry, integration)
    if endpoint.application is None and integration.routing.applications and not entry.called:
        return _unproven(integration, f"What includes the router of {endpoint.name}") or Fail(
            f"The router of {endpoint.name} is included in no application",
            endpoint.where,
            "Include the router: `app.include_router(router)`.",
        )
    processing = endpoint.processing
    given = processing.body
    if given is None:
        return Unknown("What is passed to `process()` cannot be read", processing.where)
    read = body.given(integration, endpoint)
    if read is None:
        return Unknown("Whether the request's own body is passed to `process()` cannot be followed", processing.where)
    if not read:
        return Fail(
            "What is passed to `process()` is not the request's body",
            processing.where,
            "Pass `await request.body()`.",
        )
    return Pass("A POST route hands the request's body to `process()`", processing.where)


def _unproven(integration: Integration, sought: str) -> Unknown | None:
    """That `sought`, found nowhere, may stand in a file that could not be analysed; None where all were."""
    if not integration.unread:
        return None
    first, *others = integration.unread
    more = f" and {len(others)} more" if others else ""
    return Unknown(f"{sought} may stand in {first.path}{more}: {first.reason}", Place(first.path, first.line))


def _unserved(entry: Entry, integration: Integration) -> Decision:
    if entry.unread is not None:
        return Unknown(f"Whether this `process()` runs on {entry.name} cannot be followed", entry.unread)
    return _unproven(integration, f"A route that hands requests to {entry.name}") or Fail(
        f"No POST route hands a request to `process()` of {entry.name}",
        entry.where,
        'Add `@app.post("/chatkit")` and pass `await request.body()` to `process()`.',
    )
