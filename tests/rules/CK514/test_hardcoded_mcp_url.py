from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]


URL = '"url": settings.mcp_server_url,'


def addressed(url: str, above: str = "", **files: str) -> dict[str, str]:
    tree = app(files, ("app/server.py", URL, f'"url": {url},'))
    tree["app/server.py"] = f"import os\n{above}\n{tree['app/server.py']}"
    return tree


@pytest.mark.parametrize(
    ("url", "above"),
    [
        ('"http://localhost:8001/mcp"', ""),
        ("TASKS", 'TASKS = "https://tasks.example/mcp"'),
        ("TASKS + '/mcp'", 'TASKS = "https://tasks.example"'),
        ("f'{TASKS}/mcp'", 'TASKS = "https://tasks.example"'),
        ('f"https://tasks.example/mcp?user={context.user_id}"', ""),
        ("address()", 'def address():\n    return "https://tasks.example/mcp"\n'),
        ("Config.url", 'class Config:\n    url = "https://tasks.example/mcp"\n'),
    ],
)
def test_a_literal_address_fails(verdicts: Verdicts, url: str, above: str) -> None:
    (verdict,) = verdicts(addressed(url, above), "CK514")
    assert verdict.verdict is Outcome.FAIL
    assert "://" in verdict.message


@pytest.mark.parametrize(
    ("url", "above"),
    [
        ('os.getenv("MCP_URL", "http://localhost:8001/mcp")', ""),
        ('os.environ["MCP_URL"]', ""),
        ('os.environ.get("MCP_URL") or "http://localhost:8001/mcp"', ""),
        ("TASKS", 'TASKS = os.getenv("MCP_URL", "http://localhost:8001/mcp")'),
        ("f\"{os.environ['TASKS']}/mcp\"", ""),
        ('f"http://localhost:{settings.port}/mcp"', ""),
        ("settings.mcp_server_url", ""),
        ('settings.mcp_server_url.rstrip("/") + "/mcp"', ""),
    ],
)
def test_an_address_from_the_configuration_passes(verdicts: Verdicts, url: str, above: str) -> None:
    assert outcomes(verdicts(addressed(url, above), "CK514")) == {Outcome.PASS}


def test_a_hosted_server_counts(verdicts: Verdicts) -> None:
    tree = app({}, ("app/server.py", "mcp_servers=[tasks]", "tools=[HOSTED]"))
    tree["app/server.py"] = (
        'from agents import HostedMCPTool\nHOSTED = HostedMCPTool(tool_config={"type": "mcp", '
        '"server_url": "https://tunnel.example/mcp"})\n' + tree["app/server.py"]
    )
    assert Outcome.FAIL in outcomes(verdicts(tree, "CK514"))


def test_a_server_over_stdio_has_none(verdicts: Verdicts) -> None:
    tree = app()
    start, end = (
        tree["app/server.py"].index("MCPServerStreamableHttp(\n"),
        tree["app/server.py"].index("        async with t"),
    )
    tree["app/server.py"] = (
        tree["app/server.py"][:start]
        + 'MCPServerStdio(params={"command": "tasks"}, client_session_timeout_seconds=30)\n'
        + tree["app/server.py"][end:]
    ).replace("import MCPServerStreamableHttp", "import MCPServerStdio")
    assert outcomes(verdicts(tree, "CK514")) == {Outcome.NOT_APPLICABLE}
