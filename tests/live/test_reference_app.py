"""The reference app, with everything it talks to, passes every check of a full probe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driver import environment
from services.identity import APP_AUDIENCE, ISSUER, MCP_AUDIENCE, TASK_SCOPE, Issuer
from services.mcp_tasks import JwtVerifier, McpTaskServer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_reference_app_passes_a_full_probe(new_database: Callable[[], str], issuer: Issuer) -> None:
    database = new_database()
    claims = {"iss": ISSUER, "aud": [APP_AUDIENCE, MCP_AUDIENCE], "scope": TASK_SCOPE}
    with McpTaskServer(database, JwtVerifier(secret=issuer.secret)) as mcp:
        variables = environment(issuer, database_url=database, mcp_url=mcp.url, model_url="{model_url}")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "chatkit_validate", "probe", "--app", "app.main:app"),
                *("--app-dir", str(ROOT / "fixtures" / "taskflow"), "--model-stub", "--format", "json"),
                *("--signing-key", issuer.secret, "--claims", json.dumps(claims)),
                *(part for name, value in variables.items() for part in ("--env", f"{name}={value}")),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT / "validators")},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    assert done.stdout, done.stderr
    target = json.loads(done.stdout)["targets"][0]
    wrong = {check["id"]: check["got"] for check in target["checks"] if check["verdict"] != "pass"}
    assert wrong == {}
    assert target["notes"] == []
    assert done.returncode == 0
