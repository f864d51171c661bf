"""CK507: each turn has an MCP connection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.agent import entering
from chatkit_validate.integration.agent.lifetime import Life
from chatkit_validate.rules.decide import decide as decide_evidence
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from chatkit_validate.integration import Integration
    from chatkit_validate.integration.agent.connected import Connection
    from chatkit_validate.integration.agent.entering import Entering

RULE = Rule(
    code="CK507",
    name="shared-mcp-server",
    level=Level.ERROR,
    by=(Validator.STATIC, Validator.LIVE),
    skill="mcp-agent-auth",
    subject="connection",
    what="What a tool does, it does for the user who asked, also when two users ask at once: no MCP connection "
    "serves turns of different users.",
    why="Headers that are changed after connecting have no effect: the second user's tools go on acting as "
    "the first. A second `connect()` replaces the session for everybody. Of four turns that entered one "
    "instance at once, one worked and three failed with `UserError: Server not initialized`, because the "
    "first to leave closes it for all. Calls over one instance wait for each other: four of 0.5 s took "
    "2.03 s.",
    instead="Make the `MCPServerStreamableHttp` in `respond()`, with the caller's token in its headers, and leave "
    "it with the turn. A warm connection costs about 25 ms.",
    acceptable="One connection whose `httpx2.Auth` reads the caller from a ContextVar: right with mcp 2, not with "
    "mcp 1, and calls still wait for each other. Tools that know no users.",
    sources=(
        "agents/mcp/server.py: _request_lock (0.24.0)",
        "mcp/shared/_context_streams.py (2.3.0)",
        "openai-agents-python#1969",
    ),
    shown=Shown(
        path="app/server.py",
        good="""        async with tasks:
""",
        bad="""        self.tasks = getattr(self, "tasks", None) or tasks
        async with self.tasks:
""",
    ),
)

_WAY_OUT = "Make the server in `respond()`, with the caller's token in its headers, and leave it with the turn."


def decide(connection: Connection, integration: Integration) -> Decision:
    """Judges how long one connection lives, and what turns do with it."""
    if not connection.of_sdk:
        return NotApplicable(f"`{connection.name}` holds no session that turns could share", connection.where)
    made = (Note(connection.where, "made here"),)
    life = entering.life(integration, connection)
    changed = entering.changed(integration, connection)
    if changed is not None and life is not Life.TURN:
        return Fail("A turn changes the headers of an MCP server that all turns share", changed, _WAY_OUT, made)
    if life is Life.TURN:
        return Pass("Every turn has an MCP server of its own", connection.where)
    return decide_evidence(
        integration.once(entering.enterings, connection),
        found=lambda found: _entered(integration, connection, found.value, life),
        absent=lambda absent: Pass("No turn connects or changes the MCP server", absent.where),
    )


def _entered(integration: Integration, connection: Connection, places: tuple[Entering, ...], life: Life) -> Decision:
    again = next((one for one in places if not one.lazy and entering.per_turn(integration, one)), None)
    if again is None:
        return Pass("The MCP server is connected once, and no turn changes it", connection.where)
    if life is Life.UNKNOWN:
        return Unknown("How long the MCP server's object lives cannot be followed", connection.where)
    said = f"Every turn {'enters and leaves' if again.block else 'connects anew'} an MCP server that all turns share"
    return Fail(said, again.where, _WAY_OUT, (Note(connection.where, "made here"),))
