"""CK506: the agent's MCP server is connected while the agent runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import entering
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.connected import Connection
    from chatkit_validate.integration.agent.entering import Entering

RULE = Rule(
    code="CK506",
    name="mcp-not-connected",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="chatkit-integration",
    subject="connection",
    what="The tools that the model calls are run, and the answer comes from their results: the MCP server is "
    "connected before the run and until its end.",
    why="Making an `MCPServerStreamableHttp` connects nothing: a run with it ends in `UserError: Server not "
    "initialized`. A wrong path, a trailing slash or a refused token (404, 307, 401, 403) leaves "
    "`connect()` as a bare `ExceptionGroup`, a server that is down as `UserError`. The user is told of "
    "each the same: `stream.error`.",
    instead="Write `async with MCPServerStreamableHttp(...) as server:` around the run and the reading of its "
    "stream; catch `ExceptionGroup` and `UserError` of connecting and raise `CustomStreamError` with "
    "words of your own.",
    acceptable="An `MCPServerManager`, or a connection that the lifespan opens for tools that know no users.",
    sources=("agents/mcp/server.py: MCPServerStreamableHttp, follow_redirects=False (0.24.0)",),
    shown=Shown(
        path="app/server.py",
        good="        async with tasks:\n",
        bad="        if tasks:\n",
    ),
)


def decide(connection: Connection, integration: Integration) -> Decision:
    """Judges whether one connection is open while the runs that use it are read."""
    if not connection.of_sdk:
        return NotApplicable(f"`{connection.name}` is connected by what uses it", connection.where)
    return decide_evidence(
        integration.once(entering.enterings, connection),
        found=lambda found: _entered(integration, connection, found.value),
        absent=lambda absent: Fail(
            "Nothing connects this MCP server: a run with it ends in `UserError: Server not initialized`",
            absent.where,
            "Write `async with` around the run and the reading of its stream.",
        ),
    )


def _entered(integration: Integration, connection: Connection, places: tuple[Entering, ...]) -> Decision:
    for place in places:
        late = entering.read_outside(integration, connection, place)
        if late is not None:
            return Fail(
                "The run's events are read after the MCP server has been left",
                late,
                "Read the stream inside the `async with` block.",
                (Note(place.where, "the block that connects it"),),
            )
    return Pass("The MCP server is connected", places[0].where)
