"""What one MCP connection costs: as the app makes it, and as the Agents SDK does by default."""

from __future__ import annotations

import statistics
import time

from agents.mcp import MCPServerStreamableHttp

from app.chatkit_store import RequestContext
from app.services.mcp_gate import ConnectGate
from app.services.mcp_token import CallersToken
from app.services.task_tools import TaskTools


async def report(url: str, token: str, rounds: int) -> None:
    """Print the rows about connecting: connect, list the tools, clean up."""
    context = RequestContext(user_id="anybody", request_id="-", access_token=token)
    tools = TaskTools(
        url=url,
        tokens=CallersToken(),
        gate=ConnectGate(at_once=1, pause=0),
        connect_timeout=60,
        tool_timeout=60,
    )
    ours: list[float] = []
    default: list[float] = []
    for _ in range(rounds + 3):
        started = time.perf_counter()
        async with tools.connected(context):
            ours.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        server = MCPServerStreamableHttp(params={"url": url, "headers": {"Authorization": f"Bearer {token}"}})
        async with server:
            await server.list_tools()
            default.append((time.perf_counter() - started) * 1000)
    mine, sdk = statistics.median(ours[3:]), statistics.median(default[3:])
    print(f"{'MCP connect and list (in both apps)':<38}{mine:>9.1f} ms {mine:>9.1f} ms")
    print(f"{'  the same with the SDK as it comes':<38}{sdk:>9.1f} ms")
