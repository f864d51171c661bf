from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

HEADER = '                "headers": {"Authorization": f"Bearer {context.token}"},\n'


def connecting(expression: str, above: str = "", **files: str) -> dict[str, str]:
    tree = app(files)
    start = tree["app/server.py"].index("        tasks = MCPServer")
    end = tree["app/server.py"].index("        async with tasks:")
    tree["app/server.py"] = (
        "import os, httpx2\nfrom agents import HostedMCPTool\nfrom agents.mcp import MCPServerSse, MCPServerStdio\n"
        + tree["app/server.py"][:start]
        + "".join(f"        {line}\n" for line in above.split("\n") if line)
        + f"        tasks = {expression}\n"
        + tree["app/server.py"][end:]
    )
    return tree


@pytest.mark.parametrize(
    ("expression", "above"),
    [
        ('MCPServerStreamableHttp(params={"url": settings.mcp_server_url})', ""),
        ('MCPServerSse(params={"url": "https://mcp.example", "headers": {"Accept": "text/event-stream"}})', ""),
        ('MCPServerStreamableHttp(params={"url": f"https://mcp.example?user={context.user_id}", "timeout": 5})', ""),
        ("MCPServerStreamableHttp(params=params)", 'params = {"url": "https://mcp.example", "headers": {}}'),
        ('MCPServerStreamableHttp(params=dict(url="https://mcp.example"))', ""),
        ('MCPServerStreamableHttp({"url": "u", "headers": {"Authorization": "Bearer abc"}})', ""),
        ('MCPServerStreamableHttp({"url": "u", "headers": {"Authorization": os.environ["MCP_KEY"]}})', ""),
        ("make()", ""),
    ],
)
def test_a_connection_without_the_callers_token_fails(verdicts: Verdicts, expression: str, above: str) -> None:
    tree = connecting(expression, above)
    tree["app/server.py"] += '\n\ndef make():\n    return MCPServerStreamableHttp(params={"url": "u"})\n'
    assert outcomes(verdicts(tree, "CK213")) == {Outcome.FAIL}


@pytest.mark.parametrize(
    ("expression", "above"),
    [
        ('MCPServerStreamableHttp(params={"url": "u", "headers": {"authorization": "Bearer " + context.token}})', ""),
        ("MCPServerStreamableHttp(params=params)", 'params = {"url": "u"}\nparams["headers"] = bearer(context)'),
        (
            'MCPServerStreamableHttp(params={"url": "u", "headers": headers})',
            'headers = {}\nheaders["Authorization"] = f"Bearer {context.token}"',
        ),
        ('MCPServerStreamableHttp(params={"url": "u", "auth": Exchanged(context.token)})', ""),
        ('MCPServerStreamableHttp(params=dict(url="u", headers=bearer(context)))', ""),
    ],
)
def test_the_callers_token_on_the_transport_passes(verdicts: Verdicts, expression: str, above: str) -> None:
    tree = connecting(expression, above)
    tree["app/server.py"] += (
        '\n\ndef bearer(who):\n    return {"Authorization": f"Bearer {who.token}"}\n'
        "\n\nclass Exchanged(httpx2.Auth):\n    pass\n"
    )
    assert outcomes(verdicts(tree, "CK213")) == {Outcome.PASS}


@pytest.mark.parametrize(
    "expression",
    [
        'MCPServerStdio(params={"command": "python", "args": ["-m", "tools"]})',
        'HostedMCPTool(tool_config={"type": "mcp"})',
    ],
)
def test_stdio_and_hosted_servers_are_not_judged(verdicts: Verdicts, expression: str) -> None:
    assert outcomes(verdicts(connecting(expression), "CK213")) == {Outcome.NOT_APPLICABLE}


def test_a_shared_instance_of_another_module_is_found(verdicts: Verdicts) -> None:
    shared = 'from agents.mcp import MCPServerStreamableHttp\nSHARED = MCPServerStreamableHttp(params={"url": "u"})\n'
    tree = connecting("SHARED", **{"app/shared.py": shared})
    tree["app/server.py"] = "from app.shared import SHARED\n" + tree["app/server.py"]
    (verdict,) = verdicts(tree, "CK213")
    assert (verdict.verdict, verdict.where.path) == (Outcome.FAIL, "app/shared.py")


def test_parameters_built_elsewhere_are_unknown(verdicts: Verdicts) -> None:
    tree = connecting("MCPServerStreamableHttp(params=json.loads(thread.title))")
    tree["app/server.py"] = "import json\n" + tree["app/server.py"]
    assert outcomes(verdicts(tree, "CK213")) == {Outcome.UNKNOWN}
