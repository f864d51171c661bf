"""CK601: the widget's URL names the route that speaks ChatKit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.widget.widget import Lead, Widget

RULE = Rule(
    code="CK601",
    name="widget-url-mismatch",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="widget",
    what="The `api.url` that the widget is given names a POST route of a backend in this repository that hands "
    "requests to ChatKit. Variables are filled in from the front end's environment files; rewrites of Next.js, Vite's "
    "proxy and route handlers that pass requests on are followed.",
    why="The widget sends every request there and nowhere else. A route with a request of its own answers 400 or 422, "
    "one that does not exist 404 or 405, and the widget shows an error instead of a chat.",
    instead="Write the whole path of the endpoint behind the backend's address, once: "
    "`${API_URL}/api/v1/chatkit`, with `API_URL` the address without a path.",
    acceptable="A backend that is not part of this repository is not judged. What a proxy outside of it does to paths "
    "is unknown.",
    sources=("@openai/chatkit types: CustomApiConfig.url",),
    shown=Shown(path="web/index.html", good='url: "/chatkit"', bad='url: "/chat"'),
)
_WAY_OUT = "Name the endpoint: {named}."


def decide(widget: Widget, integration: Integration) -> Decision:
    """Judges where the widget's URLs lead."""
    if widget.unread is not None:
        return Unknown(widget.unread.reason, widget.unread.where)
    if widget.hosted is not None:
        return NotApplicable("It talks to OpenAI's own backend", widget.hosted)
    stated = [lead for lead in widget.leads if lead.stated is not None]
    leads = stated if any(lead.right is not None for lead in stated) else list(widget.leads)
    right = next((lead for lead in leads if lead.right), None)
    wrong = next((lead for lead in leads if lead.right is False), None)
    unclear = next((lead for lead in leads if lead.right is None), None)
    if wrong is not None and (right is None or not stated):
        return _wrong(wrong, integration)
    if right is not None:
        return Pass(f"`{right.shown}` leads to ChatKit", right.where, _way(right))
    if unclear is not None:
        shown = f"`{unclear.shown}`: " if unclear.shown else "Where it leads cannot be told: "
        return Unknown(f"{shown}{unclear.reason}", unclear.where)
    return Fail("The widget is given no `url`", widget.where, _WAY_OUT.format(named=_named(integration)))


def _wrong(lead: Lead, integration: Integration) -> Decision:
    return Fail(
        f"`{lead.shown}` leads to no route that speaks ChatKit: {lead.reason}",
        lead.where,
        _WAY_OUT.format(named=_named(integration)),
        (*_way(lead), *(Note(each.where, f"{each.name} speaks ChatKit") for each in integration.served)),
    )


def _way(lead: Lead) -> tuple[Note, ...]:
    stated = (Note(lead.stated, "a part of it is stated here"),) if lead.stated is not None else ()
    return (*stated, *(Note(place, "passed on here") for place in lead.through))


def _named(integration: Integration) -> str:
    names = sorted({endpoint.name for endpoint in integration.served})
    return ", ".join(f"`{name}`" for name in names) or "there is none yet, add one (CK115)"
