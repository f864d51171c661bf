"""Who the caller is: what of the request reaches the context that `process()` gets."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance, Opaque, Parameter, Part, Value
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.influence import influences
from chatkit_validate.flow.reachable import calls, entered
from chatkit_validate.integration import dependencies, leak, serving
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

REQUEST = "starlette.requests.Request()"
# What a request can name its caller with.
_SOURCES = ("headers", "cookies", "session", "user", "auth", "query_params", "path_params", "state", "scope", "client")
_PARAMETERS = ("fastapi.Header()", "fastapi.Cookie()", "fastapi.Query()", "fastapi.Path()", "fastapi.Body()")
_SECURITY = "fastapi.security."
_NAMED = ("headers", "cookies", "query_params", "path_params")
_PERSON = (
    r"(?i)user|session|auth|token|account|sub\b|uid|tenant|customer|member|owner|principal|e-?mail|client|api.?key|cookie"
    r"|identity|device|subject|person|login"
)
_BODY = (f"{REQUEST}.json()", "json.loads()", "orjson.loads()")


@dataclass(frozen=True, slots=True)
class Identity:
    """What of the request names the caller.

    Attributes:
        source: As people call it: `the header`, `the session`, a dependency's name.
        where: Where it is read.
    """

    source: str
    where: Place


@dataclass(frozen=True, slots=True)
class Named:
    """What the context says of the caller.

    Attributes:
        identity: What names the caller; None where nothing does.
        constant: A literal that stands for every caller, with its place.
        unknown: What could not be followed.
    """

    identity: Identity | None
    constant: tuple[str, Place] | None = None
    unknown: Opaque | None = None


def read(integration: Integration, endpoint: Endpoint) -> Named:
    """What the context says of the caller; ask through `Integration.once`."""
    flow = integration.flow
    processing = endpoint.processing
    constant: tuple[str, Place] | None = None
    unknown: Opaque | None = None
    whole = False
    if processing.context is not None:
        for value in influences(flow, processing.context, processing.frame):
            found = source(flow, endpoint, value)
            if found is not None:
                return Named(found)
            if isinstance(value, Opaque):
                unknown = unknown or value
            whole |= isinstance(value, Foreign) and value.name == REQUEST
            if isinstance(value, Constant) and isinstance(value.value, str) and constant is None and value.value:
                constant = (value.value, value.frame.place(value.node))
    later = next(_read_later(integration, endpoint), None)
    if later is not None:
        return Named(later)
    return Named(None, constant if not whole else None, unknown)


def source(flow: Flow, endpoint: Endpoint, value: Value) -> Identity | None:
    """The identity that `value` is, where it is one: something of the request that can differ between callers."""
    match value:
        case Foreign(name=name, node=node, frame=frame) if node is not None and frame is not None:
            if name.startswith(tuple(f"{body}[]" for body in _BODY)) and _names_somebody(flow, "headers", node, frame):
                return Identity("the request's body", frame.place(node))
            if name.startswith(f"{REQUEST}."):
                part = name[len(REQUEST) + 1 :].partition(".")[0].removesuffix("()").removesuffix("[]")
                if part not in _SOURCES or not _names_somebody(flow, part, node, frame):
                    return None
                return Identity(f"the request's {part}", frame.place(node))
            if name.startswith(_PARAMETERS) or name.startswith(_SECURITY):
                return Identity("a parameter of the request", frame.place(node))
        case Parameter(name=name, node=node, frame=frame) if frame.caller is None:
            if _is_injected(flow, endpoint, frame):
                return Identity(f"the parameter {name}", frame.place(node))
        case Part(base=Foreign(name=name), key=key, node=node, frame=frame) if name.startswith(_BODY):
            return Identity(f"the body's {key}", frame.place(node))
        case Instance(cls=cls, node=ast.arg() as node, frame=frame, made=False):
            if frame.function is endpoint.handler.function and not serving.is_server_or_store(flow, cls):
                return Identity(f"the parameter {node.arg}", frame.place(node))
        case _:
            return None
    return None


def _names_somebody(flow: Flow, part: str, node: ast.AST, frame: Frame) -> bool:
    """Whether the entry of the headers, cookies or query that is read stands for a person, session or credential."""
    if part not in _NAMED:
        return True
    key = node.args[0] if isinstance(node, ast.Call) and node.args else None
    key = node.slice if isinstance(node, ast.Subscript) else key
    if key is None:
        # The collection itself is only a step on the way to an entry, which is judged by itself.
        return not isinstance(node, ast.Attribute)
    literals = flow.constants(key, frame)
    return literals is None or any(re.search(_PERSON, str(item)) for item in literals)


def _is_injected(flow: Flow, endpoint: Endpoint, frame: Frame) -> bool:
    """Whether the framework calls the frame's function: the handler or a dependency, not a tool or a callback."""
    return frame.function is endpoint.handler.function or frame in dependencies.frames(flow, endpoint.frame)


def _read_later(integration: Integration, endpoint: Endpoint) -> Iterator[Identity]:
    """`context["request"].headers` in the server, the store, or what they call."""
    flow = integration.flow
    frames = list(integration.once(leak.respond_frames, endpoint))
    for method in serving.methods(integration, endpoint):
        start = flow.enter(method, None, None)
        frames.append(start)
        for called in calls(flow, start, depth=3):
            frames.extend(entered(flow, called.callees, called.node, called.frame))
    for frame in dict.fromkeys(frames):
        for node in own_nodes(frame.function) if frame.function else ():
            if isinstance(node, ast.Attribute) and node.attr in _SOURCES and _of_request(flow, node.value, frame):
                yield Identity(f"the request's {node.attr}", frame.place(node))


def _of_request(flow: Flow, owner: ast.expr, frame: Frame) -> bool:
    """Whether `owner` is the request out of the context: `context["request"]`, `context.get("request")`."""
    for value in flow.values(owner, frame):
        current: Value = value
        while isinstance(current, Part):
            if current.key == "request":
                return True
            node = current.node
            if isinstance(node, ast.Call) and any(
                isinstance(item, ast.Constant) and item.value == "request" for item in node.args
            ):
                return True
            current = current.base
        if isinstance(current, Foreign) and current.name == REQUEST:
            return True
    return False
