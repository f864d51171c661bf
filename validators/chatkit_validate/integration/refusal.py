"""The HTTPExceptions that handling a request can raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.flow.exceptions import Thrown, derives
from chatkit_validate.flow.exceptions import raised as raised_by
from chatkit_validate.integration import errors, lookup, serving

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow
    from chatkit_validate.integration.model import Endpoint, Integration


def raised(integration: Integration, endpoint: Endpoint) -> tuple[Thrown, ...]:
    """Every HTTPException raised by the handler, by what it calls, or by the store inside `process()`.

    Those that an `except` clause raises while it answers another exception are left out, and so are dependencies:
    what they raise never passes through the handler.
    """
    flow = integration.flow
    found: list[Thrown] = []
    for frame, statement in lookup.raises(integration, endpoint.frame):
        thrown = raised_by(flow, statement, frame)
        if derives(flow, thrown.type, errors.HTTP):
            found.append(thrown)
    for method in serving.methods(integration, endpoint):
        for point in integration.once(serving.points, endpoint):
            inner = flow.enter(method, point.node, point.frame)
            for frame, statement in lookup.raises(integration, inner, depth=3):
                thrown = raised_by(flow, statement, frame)
                if derives(flow, thrown.type, errors.HTTP):
                    found.append(thrown)
    return tuple(found)


def status(flow: Flow, thrown: Thrown) -> int | None:
    """The status the HTTPException was made with; None where it cannot be read."""
    return errors.http_status(flow, thrown)[0]
