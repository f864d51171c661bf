"""Many at once: streams of two users, and tools that act for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chatkit_validate.live import requests
from chatkit_validate.live.app_log import TOOLS_AWAY
from chatkit_validate.live.check import Check, Group, Need, Scenario
from chatkit_validate.live.stage import CannotGoOnError
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chatkit_validate.live.identity import Identity
    from chatkit_validate.live.serving import Served
    from chatkit_validate.live.stage import Stage
    from chatkit_validate.live.turn import Turn

APART = Check(
    "concurrency/streams-apart",
    "CK719",
    "of many turns at once each has its own thread, its own message and its own answer",
    "Keep nothing about a turn on the server object, the agent or a module: all turns share those.",
)
SERVED = Check(
    "concurrency/all-served",
    "CK720",
    "many turns at once all come to their end, and another request is answered meanwhile",
    "Hold no database connection while the model answers, and give each statement a connection of its own.",
)
TOOLS = Check(
    "concurrency/tools-work",
    "CK506",
    "the tool that the model calls is run, and the answer comes from its result",
    "Connect the MCP server for the turn: `async with MCPServerStreamableHttp(...) as server`.",
)
OWN_TOOLS = Check(
    "concurrency/tools-act-for-caller",
    "CK507",
    "what A's tool adds is in A's list and not in B's, also when both ask at once",
    "Make one MCP connection for each turn, with the caller's token; change no headers of a connected one.",
)
TOOL_TOKEN = Check(
    "concurrency/tools-know-caller",
    "CK213",
    "the tools tell A and B apart",
    "Send the caller's token, or one minted for them, as Authorization header of the MCP connection.",
)
PROMPT = Check(
    "leaks/token-in-prompt",
    "CK206",
    "no request to the model holds a user's token",
    "Keep the token out of instructions, messages and tool arguments; put it on the tools' connection.",
)
LOG = Check(
    "leaks/token-in-log",
    "CK208",
    "the app writes no user's credentials into its log",
    'Log the verified user id; of a header log only whether it came: `"authorization" in request.headers`.',
)

NO_MODEL = "nothing reached the scripted model: the app has none, or another one"
_STREAMS = 12
_PAUSE = 0.05


async def many_streams(stage: Stage) -> None:
    """Starts a dozen conversations of two users at once."""
    users = [stage.a, stage.cast.b or stage.a]
    marks = [f"crowd-{number:02d}" for number in range(_STREAMS)]
    script = {"delay": _PAUSE} if stage.cast.model else None
    calm = (await stage.ask(stage.a, requests.threads_list(limit=1))).took
    speaking = [
        asyncio.ensure_future(stage.say(users[number % 2], f"say {mark} please", script=script))
        for number, mark in enumerate(marks)
    ]
    meanwhile = await stage.ask(stage.a, requests.threads_list(limit=1))
    turns = await asyncio.gather(*speaking)
    broken = [turn for turn in turns if not turn.exchange.ok or turn.error is not None]
    faults = [f"{len(broken)} of {_STREAMS} fail, the first with {turn.exchange.described()}" for turn in broken[:1]]
    if not meanwhile.ok or meanwhile.took > max(3.0, 2 * _STREAMS * calm):
        faults.append(f"threads.list meanwhile gives {meanwhile.described()} after {meanwhile.took:.1f} s")
    proof = [turn.exchange for turn in (broken or turns)[:1]]
    stage.judge(SERVED, faults, f"all {_STREAMS} are served", *proof, meanwhile)
    whole = [(mark, turn) for mark, turn in zip(marks, turns, strict=True) if turn not in broken]
    if not whole:
        raise CannotGoOnError(faults[0])
    stage.judge(APART, _mixed(whole, marks), "each has its own", *(turn.exchange for _, turn in whole[:1]))


def _mixed(turns: list[tuple[str, Turn]], marks: list[str]) -> Iterator[str]:
    threads = [turn.thread for _, turn in turns]
    if len(set(threads)) != len(threads):
        yield "two turns have the same thread"
    for mark, turn in turns:
        said = turn.user_message
        own = "".join(part.text for part in said.content) if said else ""
        if mark not in own:
            yield f"the turn that asked for {mark} has the message {own!r}"
        if others := [other for other in marks if other != mark and other in turn.text + turn.streamed]:
            yield f"the turn that asked for {mark} is answered about {others[0]}"


async def tools(stage: Stage) -> None:
    """Has A's and B's models use the task tools at the same time."""
    asked = len(stage.model.requests)
    first = await stage.started(stage.a, "Which tools do you have?")
    if len(stage.model.requests) == asked:
        raise CannotGoOnError(NO_MODEL)
    offered = {
        str(tool.get("name") or (tool.get("function") or {}).get("name"))
        for request in stage.model.requests[asked:]
        for tool in request.body.get("tools") or []
    }
    if not offered and stage.cast.app is not None and (connection := await _connection(stage.cast.app.folder)):
        raise CannotGoOnError(_without_tools(stage.cast.app, connection))
    if not {"add_task", "list_tasks"} <= offered:
        for check in (TOOLS, OWN_TOOLS, TOOL_TOKEN):
            stage.not_applicable(
                check, f"the model is offered {', '.join(sorted(offered)) or 'no tools'}, not task tools"
            )
        return
    name = f"chatkit-validate {stage.wire.elapsed:.3f}"
    added = await stage.say(stage.a, f"add a task {name}", thread=first.thread)
    fine = name in added.text and "The tool " not in added.text and added.error is None
    stage.expect(TOOLS, holds=fine, got=f"the answer is {added.text!r}", proof=[added.exchange])
    if not fine:
        raise CannotGoOnError(f"the tools do not work: {added.text!r}")
    try:
        if stage.cast.b is None:
            _alone(stage)
        else:
            await _compare(stage, name)
    finally:
        await stage.say(stage.a, f"delete task {name}", thread=first.thread)


async def _connection(folder: Path) -> str:
    """Where the code in `folder` connects a turn to an MCP server; empty where it does not."""
    from chatkit_validate.check import check
    from chatkit_validate.configuration import Configuration

    report = await asyncio.to_thread(check, folder, Configuration(select=(TOOL_TOKEN.code,)))
    verdicts = (verdict for one in report.integrations for verdict in one.verdicts)
    return next(
        (f"{one.where.path}:{one.where.line}" for one in verdicts if one.verdict is not Outcome.NOT_APPLICABLE), ""
    )


def _without_tools(app: Served, connection: str) -> str:
    line = app.log.line_with(TOOLS_AWAY)
    said = f"; its log says: {line[:200]}" if line else ""
    return (
        f"the model is offered no tools, though {connection} connects to an MCP server{said}. Is the server running, "
        "is its URL set for this run, and does it accept the token (key, issuer, audience, scope)?"
    )


def _alone(stage: Stage) -> None:
    for check in (OWN_TOOLS, TOOL_TOKEN):
        if stage.open:
            stage.not_applicable(check, "the endpoint serves everybody alike; CK201 speaks of that")
        else:
            stage.unknown(check, stage.b_refused or f"it needs {Need.SECOND_USER}")


async def _compare(stage: Stage, name: str) -> None:
    async def listed(who: Identity) -> Turn:
        return await stage.say(who, "list my tasks")

    alone = await listed(stage.b)
    shared = name in alone.text
    got = f"A's task is {'also' if shared else 'not'} in the list of B, who asks alone"
    stage.expect(TOOL_TOKEN, holds=not shared, got=got, proof=[alone.exchange])
    if shared:
        stage.not_applicable(OWN_TOOLS, "the tools know no users; CK213 speaks of that")
        return
    lists = await asyncio.gather(*(listed(who) for who in (stage.a, stage.b) * 3))
    missing = sum(name not in turn.text for turn in lists[::2])
    foreign = sum(name in turn.text for turn in lists[1::2])
    got = f"of lists at the same time, A's task is missing in {missing} of A's 3, and is in {foreign} of B's 3"
    proof = [turn.exchange for turn in lists[:2]]
    stage.expect(OWN_TOOLS, holds=missing == foreign == 0, got=got, proof=proof)


async def prompts(stage: Stage) -> None:
    """Looks for tokens in all that reached the model."""
    secrets = [one.token for one in (stage.cast.a, stage.cast.b) if one is not None and one.token]
    if not secrets:
        stage.not_applicable(PROMPT, "no token was sent")
        return
    seen = stage.model.requests
    if not seen:
        stage.unknown(PROMPT, NO_MODEL)
        return
    holding = [request for request in seen if any(secret in request.text for secret in secrets)]
    faults = [f"{len(holding)} of {len(seen)} requests to the model hold a user's token"] if holding else []
    turns = [exchange for exchange in stage.wire.log if exchange.is_stream]
    stage.judge(PROMPT, faults, f"none of {len(seen)} does", *turns[:1])


async def logs(stage: Stage) -> None:
    """Looks for credentials in all that the app printed and logged."""
    app, users = stage.cast.app, (stage.cast.a, stage.cast.b)
    secrets = {_telling(text): who.placeholder for who in users if who is not None for text in _credentials(who)}
    if app is None or not secrets:
        stage.not_applicable(LOG, "no credentials were sent")
        return
    written = app.log.which(secrets)
    # The whole line would carry the token on, into this report.
    before = {secret: line.partition(secret)[0].rpartition(" ")[0][-60:] for secret, line in written}
    faults = [f"{secrets[secret]} is in the log, after {text!r}" for secret, text in before.items()]
    stage.judge(LOG, faults, f"its {len(app.log.text().splitlines())} lines hold none", *stage.wire.log[:1])


def _credentials(who: Identity) -> list[str]:
    own = [value for name, value in who.headers if name.lower() in ("authorization", "cookie", "x-api-key")]
    return [text for text in (who.token, *own) if text]


def _telling(credential: str) -> str:
    """The part to look for: of a JWT its claims, so that a token cut off in the middle is found as well."""
    return credential.split(".")[1] if credential.count(".") == 2 else credential


SCENARIOS = (
    Scenario("concurrency/many-streams", Group.CONCURRENCY, (SERVED, APART), many_streams),
    Scenario(
        "concurrency/tools",
        Group.CONCURRENCY,
        (TOOLS, TOOL_TOKEN, OWN_TOOLS),
        tools,
        needs=(Need.MODEL_STUB,),
    ),
    Scenario("leaks/prompts", Group.LEAKS, (PROMPT,), prompts, needs=(Need.MODEL_STUB,), last=True),
    Scenario("leaks/log", Group.LEAKS, (LOG,), logs, needs=(Need.APP,), last=True),
)
