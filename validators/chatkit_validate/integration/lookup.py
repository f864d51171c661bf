"""What the project's store does with an id it does not know."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow.blocks import inside
from chatkit_validate.flow.exceptions import derives, raised
from chatkit_validate.flow.reachable import calls, entered, handed
from chatkit_validate.integration import serving
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

NOT_FOUND = "chatkit.store.NotFoundError"


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """A store method that loads one object by its id.

    Attributes:
        name: Class and method.
        where: Its definition.
        raises_not_found: Whether it, or something it calls, raises the library's NotFoundError.
    """

    name: str
    where: Place
    raises_not_found: bool


def lookups(integration: Integration, endpoint: Endpoint) -> tuple[Lookup, ...]:
    """The project's `load_thread` and `load_item` behind the endpoint."""
    found: list[Lookup] = []
    for method in serving.methods(integration, endpoint):
        function = method.function
        if function.name not in {"load_thread", "load_item"}:
            continue
        frame = integration.flow.enter(method, None, None)
        known = any(
            derives(integration.flow, raised(integration.flow, statement, inner).type, NOT_FOUND)
            for inner, statement in raises(integration, frame)
        )
        found.append(Lookup(function.qualname, function.module.place(function.node), known))
    return tuple(found)


def raises(integration: Integration, start: Frame, *, depth: int = 4) -> Iterator[tuple[Frame, ast.Raise]]:
    """Every `raise` with an expression in the frame's function and in the project's functions it calls."""
    flow = integration.flow
    seen = {start.function}
    frames = [start]
    for called in calls(flow, start, depth=depth):
        running = (*entered(flow, called.callees, called.node, called.frame), *handed(flow, called.node, called.frame))
        for inner in running:
            if inner.function not in seen:
                seen.add(inner.function)
                frames.append(inner)
    for frame in frames:
        for statement in inside(frame.function.node.body) if frame.function else ():
            if isinstance(statement, ast.Raise) and statement.exc is not None:
                yield frame, statement
