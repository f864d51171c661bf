"""User ids that a client chooses: headers, query parameters, body fields and cookies that end up in the context."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Parameter, Part
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import credential, gate, verification
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_REQUEST = "starlette.requests.Request()"
_HEADER = (
    r"(?i)(?:x-)?(?:[\w-]*-)?(?:user|client|customer|account|owner|tenant|member|device|visitor|session)"
    r"-?(?:id|email|identifier|uuid|key)?"
)
_FIELD = r"(?i)(?:current_|auth_)?(?:user|customer|account|owner|member)_?(?:id|email|uuid)|uid|userid"
# In a query, a path or a cookie a plain name says who it is; in a body `user` may be anything.
_PLAIN = r"(?i)user|user_?name|email"
_QUERIES = frozenset({"and_", "filter", "having", "join", "or_", "outerjoin", "where"})
_NOT_USER = r"(?i)client-?(?:version|secret|name|type)|user-agent|domain-key"


@dataclass(frozen=True, slots=True)
class Claim:
    """A user id as a client states it.

    Attributes:
        source: In words, e.g. `the header x-user-id`.
        where: Where it is read.
        used: The context it goes into.
        compared: Where it is compared with something that the client does not choose; None where nothing does.
    """

    source: str
    where: Place
    used: Place
    compared: Place | None


def claims(integration: Integration, endpoint: Endpoint) -> tuple[Claim, ...]:
    """The claims in the contexts of one endpoint, in order of their reading."""
    flow = integration.flow
    found: dict[Place, Claim] = {}
    # An opaque session id that the service looks up is a credential, not a claim.
    looked_up = bool(integration.once(verification.read, endpoint).verified)
    for processing in endpoint.processings:
        if processing.context is None:
            continue
        for value in influences(flow, processing.context, processing.frame):
            source = claimed(flow, endpoint, value)
            node, frame = getattr(value, "node", None), getattr(value, "frame", None)
            if looked_up and "session" in source:
                continue
            if source and node is not None and frame is not None and frame.place(node) not in found:
                compared = next(_compared(integration, endpoint, value), None)
                found[frame.place(node)] = Claim(
                    source, frame.place(node), processing.frame.place(processing.context), compared
                )
    return tuple(sorted(found.values(), key=lambda claim: claim.where))


def claimed(flow: Flow, endpoint: Endpoint, value: Value) -> str:
    """In words what `value` is, where a client chooses it and it names a user; else empty."""
    match value:
        case Foreign(name=name) if name.startswith(f"{_REQUEST}."):
            return _of_request(flow, name[len(_REQUEST) :], value)
        case Parameter(name=name, frame=frame):
            header = credential.header_parameter(flow, value)
            if header is not None:
                named = header.removeprefix("cookie ")
                return f"the header {header}" if _is_user_header(named) else ""
            own = frame.function is endpoint.handler.function and frame.caller is None
            return f"the parameter {name}" if own and re.fullmatch(_FIELD, name) else ""
        case Part(base=Foreign(name=name)) if name.startswith((f"{_REQUEST}.json()", "json.loads()")):
            key = credential.key_of(flow, value)
            return f"the body's {key}" if re.fullmatch(_FIELD, key) else ""
        case Foreign(name=name) if name.startswith(("json.loads()", "orjson.loads()")):
            key = credential.key_of(flow, value)
            return f"the body's {key}" if re.fullmatch(_FIELD, key) and _from_body(flow, value) else ""
        case _:
            return ""


def _of_request(flow: Flow, path: str, value: Foreign) -> str:
    key = credential.key_of(flow, value)
    if path in {".headers.get()", ".headers[]"}:
        return f"the header {key}" if _is_user_header(key) else ""
    if path.startswith((".query_params", ".path_params", ".cookies", ".json()")):
        kind = path[1:].partition(".")[0].partition("[")[0].partition("(")[0]
        plain = kind != "json" and re.fullmatch(_PLAIN, key)
        return f"{key} of the request's {kind}" if plain or re.fullmatch(_FIELD, key) else ""
    return ""


def _is_user_header(name: str) -> bool:
    return bool(re.fullmatch(_HEADER, name)) and not re.search(_NOT_USER, name)


def _from_body(flow: Flow, value: Value) -> bool:
    current: Value | None = value
    for _ in range(10):
        if isinstance(current, Foreign) and current.name.endswith("loads()") and isinstance(current.node, ast.Call):
            arguments = current.node.args
            return current.frame is not None and any(
                isinstance(inner, Foreign) and inner.name.startswith(f"{_REQUEST}.body")
                for argument in arguments
                for inner in influences(flow, argument, current.frame)
            )
        current = getattr(current, "base", None)
    return False


def _compared(integration: Integration, endpoint: Endpoint, claim: Value) -> Iterator[Place]:
    """Comparisons of the claim with something else, before `process()`; looks at its form do not count."""
    flow = integration.flow
    for frame in integration.once(gate.way, endpoint):
        for node in own_nodes(frame.function) if frame.function else ():
            if (
                isinstance(node, ast.Compare)
                and isinstance(node.ops[0], ast.Eq | ast.NotEq)
                and not _asks(flow, node, frame)
            ):
                sides = [tuple(influences(flow, side, frame)) for side in (node.left, node.comparators[0])]
                holds = [any(_same(value, claim) for value in side) for side in sides]
                if holds.count(True) == 1:
                    other = sides[holds.index(False)]
                    if not all(isinstance(value, Constant) for value in other) and not _other_claim(
                        flow, endpoint, other
                    ):
                        yield frame.place(node)


def _asks(flow: Flow, node: ast.AST, frame: Frame) -> bool:
    """Whether a comparison is part of a query: rows are looked for with the claim, nobody is refused for it."""
    above = flow.parents(frame).get(node)
    while isinstance(above, ast.BoolOp | ast.UnaryOp | ast.BinOp):
        above = flow.parents(frame).get(above)
    called = above.func if isinstance(above, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) in _QUERIES


def _same(value: Value, claim: Value) -> bool:
    return value == claim or (
        getattr(value, "node", None) is not None and getattr(value, "node", None) is getattr(claim, "node", None)
    )


def _other_claim(flow: Flow, endpoint: Endpoint, values: tuple[Value, ...]) -> bool:
    return any(claimed(flow, endpoint, value) for value in values)
