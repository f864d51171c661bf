"""CK603: the widget sends the credential that the backend demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules.decide import decide as decided
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.widget.widget import Widget

RULE = Rule(
    code="CK603",
    name="widget-without-auth",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="widget",
    what="Where the endpoint demands a bearer token, the widget's `api.fetch` sends one, or what passes its requests "
    "on adds it.",
    why="The widget knows nothing of the application's login: by itself it sends no `Authorization` header, and every "
    "request is answered 401.",
    instead="Pass `fetch: (input, init) => { const headers = new Headers(init?.headers); "
    'headers.set("Authorization", `Bearer ${token}`); return fetch(input, { ...init, headers }); }`.',
    acceptable="A session cookie is no bearer token; such a backend is not judged.",
    sources=("@openai/chatkit types: CustomApiConfig.fetch",),
    shown=Shown(
        path="web/index.html",
        good='headers.set("Authorization", `Bearer ${sessionStorage.getItem("token")}`);',
        bad='headers.set("X-Client", "web");',
    ),
)


def decide(widget: Widget, integration: Integration) -> Decision:
    """Judges the requests of the widget by what its endpoints refuse."""
    if widget.unread is not None:
        return Unknown(widget.unread.reason, widget.unread.where)
    if widget.hosted is not None:
        return NotApplicable("It talks to OpenAI's own backend", widget.hosted)
    if not widget.endpoints:
        return NotApplicable("Which endpoint it talks to is not certain: CK601 speaks of it", widget.where)
    from chatkit_validate.integration.widget.demand import bearer

    places = (integration.once(bearer, endpoint) for endpoint in widget.endpoints)
    demanded = next((place for place in places if place is not None), None)
    if demanded is None:
        return NotApplicable("The endpoint demands no bearer token", widget.endpoints[0].where)
    note = (Note(demanded, "a bearer token is demanded here"),)
    return decided(
        widget.sends,
        found=lambda found: Pass("Its requests carry a bearer token", found.where, note),
        absent=lambda absent: Fail(
            "The endpoint demands a bearer token, and the widget sends none",
            absent.where,
            "Set `Authorization` in `api.fetch`.",
            note,
        ),
    )
