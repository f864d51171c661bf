from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


SHARED = 'TASKS = MCPServerStreamableHttp(params={"url": "u"}, client_session_timeout_seconds=9)\n'


def connecting(made: str, block: str, above: str = "", inside: str = "") -> dict[str, str]:
    tree = app()
    text = tree["app/server.py"]
    start, end = text.index("        tasks = MCPServer"), text.index("        async with tasks:\n")
    rest = text[end:].replace("        async with tasks:\n", f"        {block}\n", 1)
    tree["app/server.py"] = f"{text[:start]}        tasks = {made}\n{rest}"
    tree["app/server.py"] = tree["app/server.py"].replace("class ChatServer", f"{above}\n\nclass ChatServer", 1)
    tree["app/server.py"] = tree["app/server.py"].replace(
        "    async def respond", f"{inside}\n    async def respond", 1
    )
    return tree


@pytest.mark.parametrize(
    ("made", "block", "above", "inside"),
    [
        ("TASKS", "async with tasks:", SHARED, ""),
        ("TASKS", "await tasks.connect()\n        if tasks:", SHARED, ""),
        ("shared()", "async with tasks:", f"{SHARED}\ndef shared():\n    return TASKS\n", ""),
        (
            "server()",
            "async with tasks:",
            (
                "from functools import lru_cache\n\n\n"
                "@lru_cache\ndef server():\n    return MCPServerStreamableHttp(params={})\n"
            ),
            "",
        ),
        (
            "self.tasks",
            "async with tasks:",
            "",
            (
                "    def __init__(self, store):\n        super().__init__(store)\n"
                '        self.tasks = MCPServerStreamableHttp(params={"url": "u"})\n'
            ),
        ),
        (
            "await server()",
            "async with tasks:",
            (
                "_kept = None\n\n\nasync def server():\n    global _kept\n    if _kept is None:\n"
                '        _kept = MCPServerStreamableHttp(params={"url": "u"})\n    return _kept\n'
            ),
            "",
        ),
        # Its headers are changed, which a connected server does not see.
        (
            "TASKS",
            'tasks.params["headers"] = {"Authorization": f"Bearer {context.token}"}\n        if tasks:',
            SHARED,
            "",
        ),
    ],
)
def test_a_server_that_turns_share_and_enter_or_change_fails(
    verdicts: Verdicts, made: str, block: str, above: str, inside: str
) -> None:
    assert outcomes(verdicts(connecting(made, block, above, inside), "CK507")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    ("made", "above", "inside"),
    [
        ('MCPServerStreamableHttp(params={"url": "u"})', "", ""),
        ("server(context)", 'def server(who):\n    return MCPServerStreamableHttp(params={"url": who.token})\n', ""),
        (
            "self.connection(context)",
            "",
            (
                "    def connection(self, who):\n"
                '        made = MCPServerStreamableHttp(params={"url": "u"})\n        return made\n'
            ),
        ),
    ],
)
def test_a_server_for_each_turn_passes(verdicts: Verdicts, made: str, above: str, inside: str) -> None:
    assert outcomes(verdicts(connecting(made, "async with tasks:", above, inside), "CK507")) == {Outcome.PASS}


def test_one_that_the_lifespan_connects_and_no_turn_changes_passes(verdicts: Verdicts) -> None:
    tree = connecting("TASKS", "if tasks:", SHARED)
    tree["app/main.py"] = (
        tree["app/main.py"]
        .replace("        yield\n    finally:", "        await TASKS.connect()\n        yield\n    finally:")
        .replace("from app.server import ChatServer", "from app.server import TASKS, ChatServer")
    )
    assert outcomes(verdicts(tree, "CK507")) == {Outcome.PASS}


def test_a_server_for_each_request_may_keep_one(verdicts: Verdicts) -> None:
    inside = (
        "    def __init__(self, store):\n        super().__init__(store)\n"
        '        self.tasks = MCPServerStreamableHttp(params={"url": "u"})\n'
    )
    tree = connecting("self.tasks", "async with tasks:", "", inside)
    tree["app/main.py"] = tree["app/main.py"].replace(
        '    server = getattr(request.app.state, "chatkit_server", None)\n',
        "    server = ChatServer(PostgresStore(None))\n",
    )
    assert outcomes(verdicts(tree, "CK507")) == {Outcome.PASS}
