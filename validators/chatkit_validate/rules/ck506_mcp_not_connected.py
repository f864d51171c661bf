"""CK506: the agent's MCP server is connected while the agent runs."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK506",
    name="mcp-not-connected",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="chatkit-integration",
    subject="endpoint",
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
)
