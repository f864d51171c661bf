"""CK514: where the MCP server is, the configuration says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import connected
from chatkit_validate.integration.mcp_connection import Transport
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.connected import Connection
    from chatkit_validate.integration.evidence import Found

RULE = Rule(
    code="CK514",
    name="hardcoded-mcp-url",
    level=Level.WARNING,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="connection",
    what="The URL of an MCP server comes from the environment or the settings; a literal is at most the default.",
    why="The address differs between a laptop, a test and production. One that stands in the code is wrong in all but "
    "one of them: `localhost` in a container, or a developer's tunnel that has long been closed and that somebody else "
    "may hold by now. With it go the users' tokens.",
    instead='A field of the settings, `mcp_server_url: str = "http://localhost:8001/mcp"`, and '
    '`params={"url": settings.mcp_server_url, ...}`.',
    acceptable="A public server with one address for everybody: write `# chatkit: ignore[CK514] <why>` on its line.",
    sources=("The Twelve-Factor App: III. Config",),
    shown=Shown(
        path="app/server.py",
        good='"url": settings.mcp_server_url,',
        bad='"url": "http://localhost:8001/mcp",',
    ),
)


def decide(connection: Connection, integration: Integration) -> Decision:
    """Judges the URL of one connection."""
    if connection.held.transport is Transport.STDIO:
        return NotApplicable("A server over stdio has no URL", connection.where)
    return decide_evidence(
        connected.url(integration, connection),
        found=lambda found: _literal(found, connection),
        absent=lambda absent: Pass("The URL comes from the configuration", absent.where),
    )


def _literal(found: Found[str], connection: Connection) -> Decision:
    return Fail(
        f"The MCP server's URL stands in the code: {found.value}",
        found.where,
        "Take it from the settings or the environment; a literal may be the default there.",
        (Note(connection.where, "the connection that uses it"),),
    )
