"""CK515: how long a tool may take is decided, not left to 5 seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import connected
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.connected import Connection

RULE = Rule(
    code="CK515",
    name="default-mcp-timeout",
    level=Level.ADVICE,
    by=(Validator.STATIC,),
    skill="mcp-agent-auth",
    subject="connection",
    what="An MCP server of the Agents SDK is made with `client_session_timeout_seconds`.",
    why="The default is 5 seconds, for each call of a tool and for connecting. A tool that takes longer, or a process "
    "that has to start first, ends in `MCPError: Request 'tools/call' timed out`; the model reads that as the tool's "
    "answer, tries again or gives up, and the work may have been done all the same. `timeout` in `params` is about "
    "HTTP and changes nothing here.",
    instead="`MCPServerStreamableHttp(params=..., client_session_timeout_seconds=30)`, somewhat more than your slowest "
    "tool takes.",
    acceptable="Tools that all answer within a second or so.",
    sources=(
        "agents/mcp/server.py: client_session_timeout_seconds (0.24.0)",
        "openai-agents-python#1024, #1026, #1029, #1892",
    ),
    shown=Shown(
        path="app/server.py",
        good="            client_session_timeout_seconds=30,\n",
        bad="",
    ),
)


def decide(connection: Connection, integration: Integration) -> Decision:
    """Judges the options of one connection."""
    if not connection.of_sdk:
        return NotApplicable(f"`{connection.name}` has no such default", connection.where)
    return decide_evidence(
        connected.timeout(integration, connection),
        found=lambda found: Pass("The time limit of tools is set", found.where),
        absent=lambda absent: Fail(
            "Tools that take longer than 5 seconds are cut off: the SDK's default",
            absent.where,
            "Set `client_session_timeout_seconds` to somewhat more than the slowest tool takes.",
        ),
    )
