"""CK213: the MCP server learns who calls from the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Structure
from chatkit_validate.flow.influence import influences
from chatkit_validate.integration import mcp_connection
from chatkit_validate.integration.evidence import Absent, Unresolved
from chatkit_validate.integration.mcp_connection import McpConnection, Transport
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.stream import gravest
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.turn import Turn

RULE = Rule(
    code="CK213",
    name="token-not-passed-to-mcp",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="turn",
    what="Every MCP connection over HTTP that a turn uses carries the caller's token, or one made for the MCP server "
    "on the caller's behalf, in its `Authorization` header.",
    why="Without it the MCP server cannot know who asks. What it then believes, a user id in the URL or a tool "
    "argument, anybody who reaches the port can write.",
    instead='`MCPServerStreamableHttp(params={"url": ..., "headers": {"Authorization": f"Bearer {context.token}"}})`, '
    "made anew for each turn: changing the headers of a connected instance has no effect.",
    acceptable="A server of public tools that read nothing of any user needs no token. Write "
    "`# chatkit: ignore[CK213] <why>` on the line that makes the connection. Servers over stdio run in the same trust "
    "and are not judged.",
    sources=("MCP authorization: access tokens are sent in the Authorization header of every request",),
    shown=Shown(
        path="app/server.py",
        good='                "headers": {"Authorization": f"Bearer {context.token}"},\n',
        bad="",
    ),
)
_WAY_OUT = 'Add `"headers": {"Authorization": f"Bearer {context.token}"}` to its `params`, one connection per turn.'


def decide(turn: Turn, integration: Integration) -> Decision:
    """Judges the MCP connections of one turn; the gravest answer counts."""
    connections = integration.once(mcp_connection.connections, turn)
    if not connections:
        return NotApplicable("The turn opens no MCP connection", turn.where)
    return gravest(_judge(integration, turn, one) for one in connections)


def _judge(integration: Integration, turn: Turn, connection: McpConnection) -> Decision:
    if connection.transport is not Transport.HTTP:
        return NotApplicable(f"`{connection.name}` is reached through {connection.transport.value}", connection.where)
    held = connection.authorization
    opened = (Note(turn.where, "the turn uses the connection"),)
    if isinstance(held, Unresolved):
        return Unknown(held.reason, held.where)
    if isinstance(held, Absent):
        return Fail("The MCP connection carries no Authorization header", connection.where, _WAY_OUT, opened)
    values = tuple(influences(integration.flow, *held.value))
    if all(_same_for_all(value) for value in values):
        shown = (Note(held.where, "its value is the same for every caller"), *opened)
        return Fail(
            "The MCP connection carries the same credential for every caller", connection.where, _WAY_OUT, shown
        )
    return Pass("The MCP connection carries a token of the caller", held.where)


def _same_for_all(value: object) -> bool:
    """A literal or the environment: nothing that differs between requests."""
    if isinstance(value, Foreign):
        return value.name == "os" or value.name.startswith(("os.", "builtins."))
    return isinstance(value, Constant | Structure)
