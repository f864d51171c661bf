"""Which integration a widget belongs to, and the integrations that only a widget leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.model import Integration
from chatkit_validate.integration.reading import root_of
from chatkit_validate.integration.widget.address import same, segments
from chatkit_validate.integration.widget.plain_route import PlainRoute, plain_route, plain_routes
from chatkit_validate.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.integration.widget.leads import Backends
    from chatkit_validate.integration.widget.reading import Front


def attach(fronts: Iterable[Front], backends: Backends) -> tuple[tuple[Integration, ...], tuple[str, ...]]:
    """Gives every widget to an integration; answers all integrations in order of their roots, and what else to say."""
    made: dict[str, Integration] = {}
    notes: list[str] = []
    for front in fronts:
        owner = _owner(front, backends.integrations)
        plain = _plain(front)
        if plain is not None and not any(endpoint in front.reached.endpoints for endpoint in _all(backends)):
            root = _root(plain)
            if owner is None or _nearness(front, root) > _nearness(front, owner.root):
                owner = made.setdefault(root, Integration(root, (), (), plain.flow, backends.routing()))
                _add(owner, "plain", plain)
        if owner is None:
            notes.append(_note(front))
        else:
            mine = tuple(endpoint for endpoint in front.reached.endpoints if endpoint in owner.served)
            _add(owner, "widget", replace(front.widget, endpoints=mine))
            for other in _beside(front, owner):
                _add(owner, "plain", other)
    both = (*backends.integrations, *made.values())
    return tuple(sorted(both, key=lambda one: one.root)), tuple(dict.fromkeys(notes))


def _all(backends: Backends) -> Iterator[object]:
    return (endpoint for integration in backends.integrations for endpoint in integration.served)


def _owner(front: Front, integrations: tuple[Integration, ...]) -> Integration | None:
    """The nearest integration of those that its URLs lead to; of all where they lead to none."""
    named = [one for one in integrations if any(each in front.reached.endpoints for each in one.served)]
    return max(named or integrations, key=lambda one: _nearness(front, one.root), default=None)


def _plain(front: Front) -> PlainRoute | None:
    return next(iter(front.reached.plain), None)


def _root(plain: PlainRoute) -> str:
    application = plain.route.application
    frame = application.frame if application is not None else plain.route.registration.frame
    return root_of(plain.flow, frame.module) or "."


def _nearness(front: Front, root: str) -> int:
    """How many folders the front end and an application's root have in common."""
    mine, other = front.web.folder.split("/"), root.split("/")
    count = 0
    for one, two in zip(mine, other, strict=False):
        if one != two or not one:
            break
        count += 1
    return count


def _beside(front: Front, owner: Integration) -> Iterator[PlainRoute]:
    """Routes of the integration's other applications that speak ChatKit by hand at the path that the widget names."""
    paths = [
        segments(route.path) for each in front.reached.endpoints for route in each.routes if route.path is not None
    ]
    if not paths:
        return
    serving = {route.application for endpoint in owner.endpoints for route in endpoint.routes}
    taken = {endpoint.handler.function for endpoint in owner.endpoints}
    for route in plain_routes(owner.routing, taken):
        if route.application not in serving and any(same(segments(route.path or ""), path) for path in paths):
            found = plain_route(owner.flow, route)
            if found.speaks:
                yield found


def _add(integration: Integration, kind: str, item: object) -> None:
    known = integration.others.get(kind, ())
    if not any(_where(item) == _where(other) for other in known):
        integration.others[kind] = (*known, item)


def _where(item: object) -> object:
    return getattr(item, "where", None)


def _note(front: Front) -> str:
    widget = front.widget
    place = f"{widget.where.path}:{widget.where.line}"
    if widget.unread is not None:
        return f"A front end that names ChatKit begins at {widget.where.path}, and {widget.unread.reason}."
    if widget.hosted is not None:
        return f"The ChatKit widget at {place} talks to OpenAI's own backend: there is nothing here to check."
    shown = next((lead.shown for lead in widget.leads if lead.shown), "")
    named = shown or "a URL that is not known"
    return f"The ChatKit widget at {place} talks to {named}, and no backend here answers that."
