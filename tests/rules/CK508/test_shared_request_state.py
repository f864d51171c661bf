from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import outcomes
from tests.rules.turns import doing, running

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


ABOVE = (
    "import asyncio\nimport os\nfrom agents import SQLiteSession\n\n"
    "AGENT = Agent(name='shared')\nSTATE = {}\nDONE = asyncio.Event()\n"
)


def writing(lines: str, below: str = "", inside: str = "") -> dict[str, str]:
    tree = doing(lines, below)
    text = tree["app/server.py"].replace("class ChatServer", f"{ABOVE}\n\nclass ChatServer", 1)
    tree["app/server.py"] = text.replace("    async def respond", f"{inside}\n    async def respond", 1)
    return tree


INIT = (
    "    def __init__(self, store):\n        super().__init__(store)\n"
    "        self.state = {}\n        self.agent = AGENT\n"
)


@pytest.mark.parametrize(
    "lines",
    [
        "AGENT.instructions = f'You help {context.user_id}.'",
        "AGENT.mcp_servers = [MCPServerStreamableHttp(params={})]",
        "self.agent.instructions = f'You help {context.user_id}.'",
        "type(self).caller = context\nprint(self.caller)",
        "self.caller = context\nprint(self.caller)",
        "self.state['user'] = context.user_id",
        "STATE['thread'] = thread.id",
        "STATE.update(user=context.user_id)\nhistory = STATE",
        "os.environ['USER_TOKEN'] = context.token",
        "setting(context)",
        "DONE.set()",
        "thread.title, self.title = 'x', thread.id\nprint(self.title)",
    ],
)
def test_what_one_turn_puts_where_others_look_fails(verdicts: Verdicts, lines: str) -> None:
    below = "\n\ndef setting(who):\n    global WHO\n    WHO = who\n    return WHO\n"
    tree = writing(lines, below, INIT)
    tree["app/server.py"] = tree["app/server.py"].replace(
        "                history,\n", "                [*history, STATE],\n"
    )
    assert outcomes(verdicts(tree, "CK508")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    "lines",
    [
        "self.state[thread.id] = context.user_id",
        "self.state.setdefault(context.user_id, []).append(thread.id)",
        "STATE['turns'] = STATE.get('turns', 0) + 1",
        "agent = Agent(name='own')\nagent.instructions = f'You help {context.user_id}.'",
        "thread.title = context.user_id",
        "context.note = thread.id",
        "if self.client is None:\n    self.client = MCPServerStreamableHttp(params={})",
        "mine = {}\nmine['user'] = context.user_id",
        "agent = AGENT.clone(instructions=context.user_id)",
    ],
)
def test_what_is_the_turns_own_or_kept_by_thread_passes(verdicts: Verdicts, lines: str) -> None:
    assert outcomes(verdicts(writing(lines, "", INIT + "        self.client = None\n"), "CK508")) == {Outcome.PASS}


def session(made: str, inside: str = "") -> dict[str, str]:
    tree = running(
        f"result = Runner.run_streamed(agent, history, session={made})\n"
        "async for event in stream_agent_response(agent_context, result):\n    yield event"
    )
    text = tree["app/server.py"].replace("class ChatServer", f"{ABOVE}\n\nclass ChatServer", 1)
    tree["app/server.py"] = text.replace("    async def respond", f"{inside}\n    async def respond", 1)
    return tree


def test_one_session_for_all_threads_fails(verdicts: Verdicts) -> None:
    inside = INIT + "        self.session = SQLiteSession('chat')\n"
    assert outcomes(verdicts(session("self.session", inside), "CK508")) == {Outcome.FAIL}
    assert outcomes(verdicts(session("SQLiteSession('chat', 'chat.db')"), "CK508")) == {Outcome.FAIL}


def test_a_session_for_each_thread_passes(verdicts: Verdicts) -> None:
    assert outcomes(verdicts(session("SQLiteSession(thread.id, 'chat.db')"), "CK508")) == {Outcome.PASS}


def test_a_global_that_another_request_sets_and_the_turn_reads_fails(verdicts: Verdicts) -> None:
    told = (
        "_callback = None\n\n\ndef tell(what):\n    if _callback:\n        _callback(what)\n\n\n"
        "def set_callback(callback):\n    global _callback\n    _callback = callback\n"
    )
    tree = writing("tell(thread.id)", "", "")
    tree["app/told.py"] = told
    tree["app/server.py"] = "from app.told import tell\n" + tree["app/server.py"]
    tree["app/main.py"] += (
        "\n\nfrom app.told import set_callback\n\n\n@app.get('/watch')\nasync def watch(request: Request):\n"
        "    set_callback(request.state.queue.put)\n"
    )
    assert outcomes(verdicts(tree, "CK508")) == {Outcome.FAIL}
