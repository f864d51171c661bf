"""`python -m chat`: print what the reference app costs beside the libraries it is built on."""

from __future__ import annotations

import argparse
import asyncio
import os

from chat import connecting, store, streams, turns
from driver import ChatClient, environment
from driver.serving import Served, served
from services.identity import Issuer
from services.mcp_tasks import JwtVerifier, McpTaskServer
from services.postgres import postgres
from services.scripted_model import ScriptedModel

HEADING = f"{'':<38}{'app':>12} {'bare ChatKit':>12} {'difference':>12}"


def main() -> None:
    """Start everything, measure, stop everything."""
    parser = argparse.ArgumentParser(prog="python -m chat", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="turns per measurement (default: 100)")
    parser.add_argument("--streams", type=int, default=500, help="streams to hold at once (default: 500)")
    options = parser.parse_args()
    issuer = Issuer()
    with (
        postgres(os.environ.get("DATABASE_URL")) as database_url,
        McpTaskServer(database_url, JwtVerifier(secret=issuer.secret)) as mcp,
        ScriptedModel() as model,
    ):
        variables = environment(issuer, database_url=database_url, mcp_url=mcp.url, model_url=model.url)
        variables["LOG_LEVEL"] = "WARNING"
        with served("app.main:app", variables) as app, served("chat.bare:app", variables) as bare:
            asyncio.run(_measure_turns(app, bare, issuer, mcp.url, options.rounds))
        asyncio.run(store.report(database_url, options.rounds))
        with served("app.main:app", variables) as app:
            asyncio.run(streams.report(app.url, app.pid, issuer.token("bench"), model, options.streams))


async def _measure_turns(app: Served, bare: Served, issuer: Issuer, mcp_url: str, rounds: int) -> None:
    token = issuer.token("bench")
    async with ChatClient(app.url, token) as ours, ChatClient(bare.url, token) as theirs:
        print(HEADING)
        await turns.report(ours, theirs, rounds)
        await connecting.report(mcp_url, token, rounds)


if __name__ == "__main__":
    main()
