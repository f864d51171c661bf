"""CK507: each turn has an MCP connection of its own."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK507",
    name="shared-mcp-server",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="mcp-agent-auth",
    subject="endpoint",
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
)
