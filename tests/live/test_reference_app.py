"""The reference app, with everything it talks to, passes every check of a full probe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from driver import environment
from services.identity import APP_AUDIENCE, ISSUER, MCP_AUDIENCE, TASK_SCOPE, Issuer
from services.mcp_tasks import JwtVerifier, McpTaskServer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


def probed(issuer: Issuer, database: str, mcp_url: str, claims: dict[str, Any], *only: str) -> tuple[int, Any]:
    """The exit code and the report's target of a probe of the reference app."""
    variables = environment(issuer, database_url=database, mcp_url=mcp_url, model_url="{model_url}")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "chatkit_validate", "probe", "--app", "app.main:app"),
            *("--app-dir", str(ROOT / "fixtures" / "taskflow"), "--model-stub", "--format", "json"),
            *("--signing-key", issuer.secret, "--claims", json.dumps(claims)),
            *(part for name, value in variables.items() for part in ("--env", f"{name}={value}")),
            *(part for name in only for part in ("--only", name)),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "validators")},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["targets"][0]


@pytest.mark.slow
def test_the_reference_app_passes_a_full_probe(new_database: Callable[[], str], issuer: Issuer) -> None:
    database = new_database()
    claims = {"iss": ISSUER, "aud": [APP_AUDIENCE, MCP_AUDIENCE], "scope": TASK_SCOPE}
    with McpTaskServer(database, JwtVerifier(secret=issuer.secret)) as mcp:
        code, target = probed(issuer, database, mcp.url, claims)

    wrong = {check["id"]: check["got"] for check in target["checks"] if check["verdict"] != "pass"}
    assert wrong == {}
    assert target["notes"] == []
    assert code == 0


@pytest.mark.slow
def test_tools_that_refuse_the_token_are_not_passed_over(new_database: Callable[[], str], issuer: Issuer) -> None:
    database = new_database()
    claims = {"iss": ISSUER, "aud": APP_AUDIENCE, "scope": TASK_SCOPE}
    with McpTaskServer(database, JwtVerifier(secret=issuer.secret)) as mcp:
        code, target = probed(issuer, database, mcp.url, claims, "protocol/first-contact", "concurrency/tools-work")

    (found,) = (check for check in target["checks"] if check["id"] == "concurrency/tools-work")
    assert found["verdict"] == "unknown"
    assert "app/services/task_tools.py" in found["got"]
    assert "401 Unauthorized" in found["got"]
    assert code == 4
