"""Connections to MCP servers that a turn opens, and what each sends to say who calls."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Frame, Instance, Structure
from chatkit_validate.flow.blocks import expressions, inside
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.source import Place


class Transport(Enum):
    """How an MCP server is reached."""

    HTTP = "HTTP"
    STDIO = "stdio"
    HOSTED = "the model provider"


_CLASSES = {
    "agents.mcp.MCPServerStreamableHttp": Transport.HTTP,
    "agents.mcp.server.MCPServerStreamableHttp": Transport.HTTP,
    "agents.mcp.MCPServerSse": Transport.HTTP,
    "agents.mcp.server.MCPServerSse": Transport.HTTP,
    "agents.mcp.MCPServerStdio": Transport.STDIO,
    "agents.mcp.server.MCPServerStdio": Transport.STDIO,
    "agents.HostedMCPTool": Transport.HOSTED,
    "agents.tool.HostedMCPTool": Transport.HOSTED,
    "mcp.client.streamable_http.streamablehttp_client": Transport.HTTP,
    "mcp.client.streamable_http.streamable_http_client": Transport.HTTP,
    "mcp.client.sse.sse_client": Transport.HTTP,
    "mcp.client.stdio.stdio_client": Transport.STDIO,
    "fastmcp.client.transports.StreamableHttpTransport": Transport.HTTP,
}


@dataclass(frozen=True, slots=True, eq=False)
class McpConnection:
    """One MCP client that a turn uses.

    Attributes:
        name: The class as written.
        call: The call that makes it.
        frame: Where it is made.
        transport: How the server is reached.
        authorization: The expression of its `Authorization` header; Absent where no header carries one.
    """

    name: str
    call: ast.Call
    frame: Frame
    transport: Transport
    authorization: Evidence[tuple[ast.expr, Frame]]

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.frame.place(self.call)


def connections(integration: Integration, turn: Turn) -> tuple[McpConnection, ...]:
    """The MCP clients that the turn makes, enters or gives to its agents, in order of discovery."""
    flow = integration.flow
    found: dict[ast.Call, McpConnection] = {}
    for value in _candidates(flow, turn):
        made = _made(flow, value)
        if made is not None and made.call not in found:
            found[made.call] = made
    return tuple(found.values())


def _candidates(flow: Flow, turn: Turn) -> Iterator[Value]:
    for call, frame in turn.agents:
        for keyword in call.keywords:
            if keyword.arg in {"mcp_servers", "tools"}:
                yield from _elements(flow, keyword.value, frame, 4)
    frames = dict.fromkeys((*turn.frames, *(called.frame for called in turn.reached)))
    for called in turn.reached:
        for callee in called.callees:
            if isinstance(callee, Foreign) and callee.name in _CLASSES:
                yield Foreign(f"{callee.name}()", called.node, called.frame)
    for frame in frames:
        for statement in inside(frame.function.node.body) if frame.function else ():
            if isinstance(statement, ast.With | ast.AsyncWith):
                for item in statement.items:
                    yield from flow.values(item.context_expr, frame)
            elif isinstance(statement, ast.Assign) and "mcp_servers" in unparse(statement.targets[0]):
                yield from _elements(flow, statement.value, frame, 4)


def _elements(flow: Flow, expression: ast.expr, frame: Frame, steps: int) -> Iterator[Value]:
    for value in flow.values(expression, frame) if steps else ():
        yield value
        if isinstance(value, Structure):
            for element in (*getattr(value.node, "elts", ()), *_sides(value.node)):
                inner = element.value if isinstance(element, ast.Starred) else element
                yield from _elements(flow, inner, value.frame, steps - 1)


def _sides(node: ast.expr) -> tuple[ast.expr, ...]:
    return (node.left, node.right) if isinstance(node, ast.BinOp) else ()


def _made(flow: Flow, value: Value) -> McpConnection | None:
    name, node, frame = "", getattr(value, "node", None), getattr(value, "frame", None)
    if isinstance(value, Foreign):
        name = value.name.removesuffix("()")
    elif isinstance(value, Instance) and value.made:
        name = next((base for base in flow.hierarchy.outside(value.cls) if base in _CLASSES), "")
    if name not in _CLASSES or not isinstance(node, ast.Call) or frame is None:
        return None
    return McpConnection(name.rpartition(".")[2], node, frame, _CLASSES[name], _authorization(flow, node, frame))


def _authorization(flow: Flow, call: ast.Call, frame: Frame) -> Evidence[tuple[ast.expr, Frame]]:
    where = frame.place(call)
    for name in ("auth", "http_client", "httpx_client_factory", "authorization"):
        own = argument(call, name, None)
        if own is not None and not (isinstance(own, ast.Constant) and own.value is None):
            return Found((own, frame), frame.place(own))
    sources: list[tuple[ast.expr, Frame]] = []
    for name, position in (("params", 0), ("tool_config", 0)):
        held = argument(call, name, position)
        if held is not None:
            sources.extend(_entries(flow, held, frame, {"headers", "authorization", "auth", "httpx_client_factory"}))
    headers = argument(call, "headers", None)
    if headers is not None:
        sources.append((headers, frame))
    if not sources:
        unread = argument(call, "params", 0)
        if unread is not None and not _is_literal(flow, unread, frame):
            return Unresolved("the connection's parameters are built in a way that cannot be followed", where)
        return Absent(where)
    for expression, inner in sources:
        named = list(_entries(flow, expression, inner, {"authorization", "x-api-key", "x-auth-token"}))
        if named:
            return Found(named[0], named[0][1].place(named[0][0]))
        if not _is_literal(flow, expression, inner):
            return Found((expression, inner), inner.place(expression))
    return Absent(where)


def stated(flow: Flow, connection: McpConnection, names: set[str]) -> Iterator[tuple[ast.expr, Frame]]:
    """The arguments and entries of `params` (or `tool_config`) called one of `names`, with the frames they stand in."""
    call, frame = connection.call, connection.frame
    for keyword in call.keywords:
        if keyword.arg in names:
            yield keyword.value, frame
    for name in ("params", "tool_config"):
        held = argument(call, name, 0)
        if held is not None:
            yield from _entries(flow, held, frame, names)
            if not connection.name.startswith(("MCPServer", "Hosted")) and "url" in names:
                # `streamablehttp_client(url, ...)`, `StreamableHttpTransport(url)`
                yield held, frame
            return


def _is_literal(flow: Flow, expression: ast.expr, frame: Frame) -> bool:
    """Whether every alternative is a display whose keys are known."""
    values = flow.values(expression, frame)
    return bool(values) and all(
        (isinstance(value, Structure) and isinstance(value.node, ast.Dict) and None not in value.node.keys)
        or (isinstance(value, Foreign) and value.name.endswith(("Params()", "dict()", "Mcp()")))
        or getattr(value, "value", 0) is None
        for value in values
    )


def _entries(
    flow: Flow, expression: ast.expr, frame: Frame, names: set[str], within: frozenset[Value] = frozenset()
) -> Iterator[tuple[ast.expr, Frame]]:
    """The entries called one of `names` in the dictionaries that `expression` may be, items set later included."""
    for value in flow.values(expression, frame):
        match value:
            case Structure(node=ast.Dict() as display, frame=where) if value not in within:
                for key, item in zip(display.keys, display.values, strict=True):
                    if key is None:
                        yield from _entries(flow, item, where, names, within | {value})
                    elif _named(flow, key, where, names):
                        yield item, where
                yield from _set_later(flow, value, where, names)
            case Foreign(node=ast.Call() as call, frame=where) if where is not None and value.name.endswith(
                ("Params()", "dict()", "Mcp()")
            ):
                for keyword in call.keywords:
                    if keyword.arg in names:
                        yield keyword.value, where
            case _:
                continue


def _named(flow: Flow, key: ast.expr, frame: Frame, names: set[str]) -> bool:
    return any(isinstance(one, str) and one.lower() in names for one in flow.constants(key, frame) or ())


def _set_later(flow: Flow, held: Structure, frame: Frame, names: set[str]) -> Iterator[tuple[ast.expr, Frame]]:
    """`params["headers"] = ...` and `headers["Authorization"] = ...` on the same dictionary."""
    for statement in inside(frame.function.node.body) if frame.function else ():
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            named = isinstance(target, ast.Subscript) and _named(flow, target.slice, frame, names)
            if named and isinstance(target, ast.Subscript) and held in flow.values(target.value, frame):
                yield statement.value, frame


def header_literals(expression: ast.expr) -> str:
    """The literal text of a header's expression, e.g. `Bearer `."""
    return "".join(
        node.value for node in expressions(expression) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
