"""Whether an endpoint demands a bearer token of its callers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Parameter, variables
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration import credential, gate
from chatkit_validate.names import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_HEADERS = "starlette.requests.Request().headers"
_COOKIES = "starlette.requests.Request().cookies"


def bearer(integration: Integration, endpoint: Endpoint) -> Place | None:
    """Where the token is demanded; None where nothing is refused, or a cookie will do as well."""
    found = integration.once(gate.read, endpoint)
    if found.schemes:
        return found.schemes[0]
    if not found.refusals:
        return None
    headers: list[Place] = list(found.lenient)
    for frame in integration.once(gate.way, endpoint):
        for name, place in _sources(integration.flow, frame):
            if name == _COOKIES:
                return None
            if name == _HEADERS:
                headers.append(place)
    return headers[0] if headers else None


def _sources(flow: Flow, frame: Frame) -> Iterator[tuple[str, Place]]:
    """What a function reads of the Authorization header and of cookies."""
    if frame.function is None:
        return
    for parameter in arguments(frame.function.node):
        for value in variables.parameter(flow, parameter, frame) if frame.call is None else ():
            if isinstance(value, Parameter):
                if (credential.header_parameter(flow, value) or "").lower() == "authorization":
                    yield _HEADERS, frame.place(parameter)
                elif credential.of(flow, value) is credential.Credential.COOKIE:
                    yield _COOKIES, frame.place(parameter)
    for node in own_nodes(frame.function):
        if not isinstance(node, ast.Call | ast.Subscript):
            continue
        for value in flow.values(node, frame):
            name = value.name if isinstance(value, Foreign) and value.node is node else ""
            if name.startswith(_COOKIES):
                yield _COOKIES, frame.place(node)
            elif name.startswith(_HEADERS) and credential.key_of(flow, value).lower() == "authorization":
                yield _HEADERS, frame.place(node)
