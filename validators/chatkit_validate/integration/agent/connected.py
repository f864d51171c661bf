"""The MCP connections of an application's turns, one by one; the subject of rules about connections."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.flow import Constant, Foreign, Structure
from chatkit_validate.integration import mcp_connection
from chatkit_validate.integration.agent.tracing import keyword
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.mcp_connection import McpConnection, Transport
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.source import Place

_SETTINGS = ("pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic_settings.main.BaseSettings")
_OF_THE_SDK = "MCPServer"


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """An MCP client of an application, whichever turns use it.

    Attributes:
        held: The client.
        turns: The turns that use it.
    """

    kind: ClassVar[str] = "connection"
    held: McpConnection
    turns: tuple[Turn, ...]

    @property
    def name(self) -> str:
        """The class as written."""
        return self.held.name

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.held.where

    @property
    def of_sdk(self) -> bool:
        """Whether it is one of the Agents SDK's MCP servers, which have to be connected."""
        return self.name.startswith(_OF_THE_SDK)


def connections(integration: Integration) -> Iterator[Connection]:
    """The connections of all turns, each once, in order of discovery."""
    found: dict[ast.Call, tuple[McpConnection, list[Turn]]] = {}
    for turn in integration.subjects("turn"):
        for one in integration.once(mcp_connection.connections, turn):  # type: ignore[arg-type]
            found.setdefault(one.call, (one, []))[1].append(turn)  # type: ignore[arg-type]
    for one, turns in found.values():
        yield Connection(one, tuple(turns))


def url(integration: Integration, connection: Connection) -> Evidence[str]:
    """The URL that the connection's code states as a literal.

    Absent where the URL comes from configuration: the environment, settings, an argument nobody fixes; a literal
    that is only the default beside such a value is none. Absent for connections without URL, too.
    """
    held, flow = connection.held, integration.flow
    if held.transport is Transport.STDIO:
        return Absent(held.where)
    stated = list(mcp_connection.stated(flow, held, {"url", "server_url"}))
    if not stated:
        return Unresolved("The connection's URL cannot be followed", held.where)
    for expression, frame in stated:
        values = flow.values(expression, frame)
        texts = [_literal(flow, value) for value in values]
        if texts and all(texts):
            return Found(texts[0], _place(values[0], frame.place(expression)))
    return Absent(stated[0][1].place(stated[0][0]))


def _place(value: Value, otherwise: Place) -> Place:
    node, frame = getattr(value, "node", None), getattr(value, "frame", None)
    return frame.place(node) if isinstance(node, ast.AST) and frame is not None else otherwise


def _literal(flow: Flow, value: Value) -> str:
    """The text of a URL whose host stands in the code; empty where anything may set it."""
    match value:
        case Constant(value=str() as text, node=node, frame=frame):
            return "" if _is_setting(flow, node, frame) else text
        case Structure(node=ast.JoinedStr(values=parts)):
            first = parts[0] if parts else None
            if isinstance(first, ast.Constant):
                text = str(first.value)
            elif isinstance(first, ast.FormattedValue):
                text = _begun(flow, first.value, value.frame)
            else:
                return ""
            whole = len(parts) == 1 or "/" in text.partition("://")[2] or "?" in text
            return text if whole and "://" in text else _whole(flow, value)
        case Structure(node=ast.BinOp(left=left, op=ast.Add())):
            text = _begun(flow, left, value.frame)
            return text if "/" in text.partition("://")[2] or "?" in text else _whole(flow, value)
        case Foreign(name=name, node=ast.Call(func=ast.Attribute(value=owner)), frame=frame) if frame is not None:
            kept = name.endswith((".rstrip()", ".strip()", ".lstrip()", ".removesuffix()"))
            return _begun(flow, owner, frame) if kept else ""
        case _:
            return ""


def _begun(flow: Flow, node: ast.expr, frame: Frame) -> str:
    texts = [_literal(flow, value) for value in flow.values(node, frame)]
    return texts[0] if texts and all(texts) else ""


def _whole(flow: Flow, value: Structure) -> str:
    """The text where every part of it is a literal."""
    literals = flow.constants(value.node, value.frame)
    parts = (node for node in ast.walk(value.node) if isinstance(node, ast.Name | ast.Attribute))
    if literals is None or any(not _fixed(flow, part, value.frame) for part in parts):
        return ""
    return str(literals[0])


def _fixed(flow: Flow, node: ast.expr, frame: Frame) -> bool:
    values = flow.values(node, frame)
    return bool(values) and all(
        isinstance(value, Constant) and not _is_setting(flow, value.node, value.frame) for value in values
    )


def _is_setting(flow: Flow, node: ast.AST, frame: Frame) -> bool:
    """Whether the literal is the default of a field of a settings class: the environment may set another."""
    parents = frame.function.parents if frame.function else frame.module.parents
    above: ast.AST | None = node
    while above is not None and not isinstance(above, ast.ClassDef):
        above = parents.get(above)
    if above is None or frame.function is not None:
        return False
    classes = [cls for cls in frame.module.scope.classes if cls.node is above]
    return any(flow.hierarchy.is_a(cls, name) for cls in classes for name in _SETTINGS)


def timeout(integration: Integration, connection: Connection) -> Evidence[object]:
    """What `client_session_timeout_seconds` is set to; Absent where it is left to the SDK's default of 5 s."""
    flow, held = integration.flow, connection.held
    stated = keyword(flow, held.call, "client_session_timeout_seconds", None, held.frame)
    if stated is not None:
        return Found(stated[0], stated[1].place(stated[0]))
    for item in held.call.keywords:
        if item.arg is None and any(not isinstance(one, Structure) for one in flow.values(item.value, held.frame)):
            return Unresolved("The connection's options are built in a way that cannot be followed", held.where)
    return Absent(held.where)
