"""What a handler does with the request's body before ChatKit gets it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Opaque, Parameter
from chatkit_validate.flow.exceptions import End, Thrown, fates
from chatkit_validate.flow.influence import influences, of_values, passed
from chatkit_validate.flow.reachable import calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.model import Endpoint, Integration

REQUEST = "starlette.requests.Request()"
_RAW = (f"{REQUEST}.body()", f"{REQUEST}.stream()")
_DECODERS = frozenset({"json.loads", "orjson.loads", "ujson.loads", "pydantic_core.from_json"})
_VALIDATORS = ("pydantic.TypeAdapter().validate_json", "pydantic.TypeAdapter().validate_python")
# What makes text or bytes of a value without writing JSON.
_AS_IT_IS = frozenset(
    {"builtins.str()", "builtins.repr()", "builtins.bytes()", "builtins.bytearray()", "builtins.memoryview()"}
)
# Methods of a parsed request that write JSON.
_WRITERS = (".model_dump_json()", ".json()")


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
    """Whether what `process()` gets is the request's raw body, or JSON written from it; None where nobody can tell."""
    processing = endpoint.processing
    if processing.body is None:
        return None
    return _any(
        _is_json(integration.flow, value) for value in integration.flow.values(processing.body, processing.frame)
    )


def _any(answers: Iterable[bool | None]) -> bool | None:
    """True where one is, False where all are, None otherwise."""
    found = set(answers)
    return True if True in found else None if None in found else False


def _is_json(flow: Flow, value: Value) -> bool | None:
    """Whether `value` is the raw body or JSON written from it: what was parsed and not written again is not."""
    match value:
        case Foreign(name=name) if name.startswith(_RAW):
            return True
        case Foreign(name=name) if _is_parsed(name):
            return False
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if name in _AS_IT_IS and frame is not None:
            return _any(_is_json(flow, inner) for part in passed(call) for inner in flow.values(part, frame))
        case Foreign(base=Foreign() as base, name=name) if name.endswith((".encode()", ".decode()", ".strip()")):
            return _is_json(flow, base)
        case _:
            return _is_made_from_it(flow, value)


def _is_parsed(name: str) -> bool:
    """Whether a library value is what a parser gave, or is taken out of that."""
    parsers = (f"{REQUEST}.json", f"{REQUEST}.form", *_DECODERS, *_VALIDATORS)
    parsed = next((f"{parser}()" for parser in parsers if name.startswith(f"{parser}()")), None)
    return parsed is not None and not name[len(parsed) :].startswith(_WRITERS)


def _is_made_from_it(flow: Flow, value: Value) -> bool | None:
    unknown = False
    for inner in of_values(flow, [value]):
        if isinstance(inner, Foreign) and inner.name.startswith((*_RAW, f"{REQUEST}.json()")):
            return True
        unknown |= isinstance(inner, Opaque | Parameter)
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
