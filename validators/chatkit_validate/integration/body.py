"""What a handler does with the request's body before ChatKit gets it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Opaque, Parameter
from chatkit_validate.flow.exceptions import End, Thrown, fates
from chatkit_validate.flow.influence import influences
from chatkit_validate.flow.reachable import calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.model import Endpoint, Integration

REQUEST = "starlette.requests.Request()"
_RAW = (f"{REQUEST}.body()", f"{REQUEST}.stream()")
_DECODERS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "pydantic_core.from_json"})
_VALIDATORS = ("pydantic.TypeAdapter().validate_json", "pydantic.TypeAdapter().validate_python")


def parsings(integration: Integration, endpoint: Endpoint) -> tuple[Thrown, ...]:
    """The `JSONDecodeError` of every place where the handler parses the body itself before `process()` runs.

    A failure that the handler catches and goes on from is left out: `process()` then meets the same body.
    """
    flow = integration.flow
    found: list[Thrown] = []
    for called in before(integration, endpoint):
        for callee in called.callees:
            name = callee.name if isinstance(callee, Foreign) else ""
            of_request = name == f"{REQUEST}.json"
            decodes = name in _DECODERS and called.node.args and is_body(flow, called.node.args[0], called.frame)
            if of_request or decodes:
                thrown = Thrown("json.JSONDecodeError", called.node, called.frame)
                if not all(fate.end is End.CONTINUES for fate in fates(flow, thrown)):
                    found.append(thrown)
    return tuple(found)


def refusals(integration: Integration, endpoint: Endpoint) -> tuple[Thrown, ...]:
    """The `ValidationError` of every place that validates the body as a ChatKit request before `process()` does."""
    flow = integration.flow
    found: list[Thrown] = []
    for called in before(integration, endpoint):
        for callee in called.callees:
            if isinstance(callee, Foreign) and callee.name in _VALIDATORS and called.node.args:
                validates = any(
                    isinstance(value, Foreign) and value.name == "chatkit.types.ChatKitReq"
                    for value in influences(flow, called.node.func, called.frame)
                )
                if validates and is_body(flow, called.node.args[0], called.frame):
                    thrown = Thrown("pydantic.ValidationError", called.node, called.frame)
                    if not all(fate.end is End.CONTINUES for fate in fates(flow, thrown)):
                        found.append(thrown)
    return tuple(found)


def given(integration: Integration, endpoint: Endpoint) -> bool | None:
    """Whether what `process()` gets is made from the request's raw body; None where that cannot be followed."""
    processing = endpoint.processing
    if processing.body is None:
        return None
    unknown = False
    for value in influences(integration.flow, processing.body, processing.frame):
        if isinstance(value, Foreign) and value.name.startswith((*_RAW, f"{REQUEST}.json()")):
            return True
        unknown |= isinstance(value, Opaque | Parameter)
    return None if unknown else False


def is_body(flow: Flow, expression: ast.expr, frame: Frame) -> bool:
    """Whether `expression` is made from the request's raw body."""
    return any(isinstance(value, Foreign) and value.name in _RAW for value in influences(flow, expression, frame))


def before(integration: Integration, endpoint: Endpoint, *, depth: int = 3) -> Iterator[Called]:
    """The calls the handler makes before it calls `process()`, in it or in the functions it calls."""
    last = first(endpoint, endpoint.processing.call, endpoint.processing.frame)
    for called in calls(integration.flow, endpoint.frame, depth=depth):
        if first(endpoint, called.node, called.frame).lineno <= last.lineno:
            yield called


def first(endpoint: Endpoint, node: ast.Call, frame: Frame) -> ast.Call:
    """The call of the handler's own code that leads to `node`; `node` itself where the handler makes it."""
    while frame is not endpoint.frame and frame.caller is not None and isinstance(frame.call, ast.Call):
        node, frame = frame.call, frame.caller
    return node
