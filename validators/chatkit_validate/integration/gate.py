"""What stands between a request and the store: dependencies, middleware and checks, and what they refuse."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Frame, Instance, Part, Value, variables
from chatkit_validate.flow.blocks import expressions, inside, own_nodes
from chatkit_validate.flow.exceptions import Thrown, derives, raised
from chatkit_validate.flow.influence import influences
from chatkit_validate.flow.reachable import calls, entered
from chatkit_validate.integration import body, dependencies, errors, middleware
from chatkit_validate.integration.application import argument
from chatkit_validate.names import arguments
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

REFUSED = (401, 403)
_SCHEMES = "fastapi.security."
_DECODERS = {"jwt.decode": "jwt.InvalidTokenError", "jose.jwt.decode": "jose.JWTError"}
_FOLDS = ("lower", "casefold", "upper", "title", "capitalize")


@dataclass(frozen=True, slots=True)
class Gate:
    """What the way to `process()` checks.

    Attributes:
        schemes: FastAPI's security schemes on the way that refuse a missing credential themselves.
        lenient: Security schemes on the way that let a missing credential through (`auto_error=False`).
        refusals: Where 401 or 403 is answered.
        sensitive: Comparisons that accept only one spelling of `Bearer`.
        crashes: Verifications whose failure answers neither 401 nor 403, with the status.
    """

    schemes: tuple[Place, ...]
    lenient: tuple[Place, ...]
    refusals: tuple[Place, ...]
    sensitive: tuple[Place, ...]
    crashes: tuple[tuple[Place, int | None], ...]


def read(integration: Integration, endpoint: Endpoint) -> Gate:
    """What the way to the endpoint's `process()` checks; ask through `Integration.once`."""
    frames = integration.once(way, endpoint)
    schemes = tuple(_schemes(integration, endpoint))
    return Gate(
        tuple(place for place, strict in schemes if strict),
        tuple(place for place, strict in schemes if not strict),
        tuple(_refusals(integration, endpoint, frames)),
        tuple(place for frame in frames for place in _sensitive(integration.flow, frame)),
        tuple(_crashes(integration, endpoint, frames)),
    )


def way(integration: Integration, endpoint: Endpoint) -> tuple[Frame, ...]:
    """The frames that run before `process()`: middleware, dependencies, the handler, and what they call."""
    flow = integration.flow
    starts = list(entrances(integration, endpoint))
    found: list[Frame] = []
    last = body.first(endpoint, endpoint.processing.call, endpoint.processing.frame)
    for start in starts:
        found.append(start)
        for called in calls(flow, start, depth=4):
            if start is endpoint.frame and body.first(endpoint, called.node, called.frame).lineno > last.lineno:
                continue
            found.extend(entered(flow, called.callees, called.node, called.frame))
    return tuple(dict.fromkeys(found))


def entrances(integration: Integration, endpoint: Endpoint) -> Iterator[Frame]:
    """The frames the framework itself calls for a request: middleware, dependencies of every level, the handler."""
    flow = integration.flow
    if endpoint.application is not None:
        for each in integration.once(middleware.of, endpoint.application):
            if each.runs is not None:
                yield each.runs
    for expression, frame in _declared(endpoint):
        for value in flow.values(expression, frame):
            inner = dependencies.called(flow, value)
            if inner is not None:
                yield inner
                yield from dependencies.frames(flow, inner)
    yield from dependencies.frames(flow, endpoint.frame)
    yield endpoint.frame


def _declared(endpoint: Endpoint) -> Iterator[tuple[ast.expr, Frame]]:
    """What `dependencies=[Depends(x)]` names on the route, its routers, their inclusions and the application."""
    for route in endpoint.routes:
        registration = route.registration
        holders: list[tuple[ast.AST, Frame]] = [
            (registration.call, registration.frame),
            (registration.router.node, registration.router.frame),
        ]
        for inclusion in route.inclusions:
            holders.append((inclusion.call, inclusion.frame))
            holders.append((inclusion.parent.node, inclusion.parent.frame))
        for node, frame in holders:
            listed = argument(node, "dependencies", None) if isinstance(node, ast.Call) else None
            for inner in expressions(listed) if listed is not None else ():
                if isinstance(inner, ast.Call) and inner.args:
                    yield inner.args[0], frame


def _schemes(integration: Integration, endpoint: Endpoint) -> Iterator[tuple[Place, bool]]:
    flow = integration.flow
    injected: list[tuple[Value, Place]] = []
    for frame in (endpoint.frame, *integration.once(way, endpoint)):
        for node in arguments(frame.function.node) if frame.function else ():
            injected.extend((value, frame.place(node)) for value in variables.injected(flow, node, frame) or ())
    for expression, frame in _declared(endpoint):
        injected.extend((value, frame.place(expression)) for value in flow.values(expression, frame))
    for value, place in injected:
        call, where = getattr(value, "node", None), getattr(value, "frame", None)
        name = value.name if isinstance(value, Foreign) else ""
        own = isinstance(value, Instance) and any(
            base.startswith(_SCHEMES) for base in flow.hierarchy.outside(value.cls)
        )
        if (name.startswith(_SCHEMES) or own) and isinstance(call, ast.Call) and where is not None:
            given = argument(call, "auto_error", None)
            strict = given is None or flow.constants(given, where) != (False,)
            yield place, strict


def _refusals(integration: Integration, endpoint: Endpoint, frames: tuple[Frame, ...]) -> Iterator[Place]:
    flow = integration.flow
    for frame in frames:
        for statement in inside(frame.function.node.body) if frame.function else ():
            if isinstance(statement, ast.Raise) and statement.exc is not None:
                thrown = raised(flow, statement, frame)
                if not derives(flow, thrown.type, errors.HTTP) and not _mapped(endpoint, thrown):
                    continue
                answers = errors.answers(integration, endpoint, thrown)
                if any(answer.status in REFUSED and not answer.swallowed for answer in answers):
                    yield frame.place(statement)
            elif isinstance(statement, ast.Return) and statement.value is not None and frame.caller is None:
                statuses = {errors.status_of(flow, value) for value in flow.values(statement.value, frame)}
                if statuses & set(REFUSED):
                    yield frame.place(statement)


def _mapped(endpoint: Endpoint, thrown: Thrown) -> bool:
    """Whether the exception is one of the project's own, which an app-level handler may answer."""
    return endpoint.application is not None and not isinstance(thrown.type, str) and thrown.type is not None


def _sensitive(flow: Flow, frame: Frame) -> Iterator[Place]:
    for node in own_nodes(frame.function) if frame.function else ():
        match node:
            case ast.Call(
                func=ast.Attribute(value=owner, attr="startswith" | "removeprefix" | "replace" | "split" | "partition"),
                args=[ast.Constant(value=str() as text), *_],
            ) if text.strip().lower() == "bearer" and not _folded(flow, owner, frame):
                yield frame.place(node)
            case ast.Compare(left=left, comparators=[ast.Constant(value=str() as text)]) if (
                text.strip().lower() == "bearer" and not _folded(flow, left, frame)
            ):
                yield frame.place(node)
            case _:
                continue


def _folded(flow: Flow, expression: ast.expr, frame: Frame) -> bool:
    for value in influences(flow, expression, frame):
        match value:
            case Foreign(name=name) if name.endswith(tuple(f".{fold}()" for fold in _FOLDS)):
                return True
            case Part(key=str() as key) if key in _FOLDS:
                return True
            case Constant():
                continue
            case _:
                continue
    return False


def _crashes(
    integration: Integration, endpoint: Endpoint, frames: tuple[Frame, ...]
) -> Iterator[tuple[Place, int | None]]:
    """Token verifications whose failure nothing turns into a refusal."""
    flow = integration.flow
    for frame in frames:
        for node in own_nodes(frame.function) if frame.function else ():
            kinds = _decoding(flow, node, frame) if isinstance(node, ast.Call) else ()
            for kind in kinds:
                for answer in errors.answers(integration, endpoint, Thrown(kind, node, frame)):
                    if not answer.swallowed and answer.status not in REFUSED:
                        yield frame.place(node), answer.status


def _decoding(flow: Flow, node: ast.Call, frame: Frame) -> Iterator[str]:
    if not isinstance(node.func, ast.Attribute | ast.Name):
        return
    for callee in flow.values(node.func, frame):
        if isinstance(callee, Foreign) and callee.name in _DECODERS:
            yield _DECODERS[callee.name]
