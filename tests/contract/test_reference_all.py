"""The reference app goes through `all`: read, talked to, and its store put through the contract."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

import pytest

from driver import environment
from services.identity import APP_AUDIENCE, ISSUER, MCP_AUDIENCE, TASK_SCOPE, Issuer
from services.mcp_tasks import JwtVerifier, McpTaskServer
from tests.conftest import ROOT, Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Answer]


@pytest.mark.slow
def test_every_validator_has_its_column_and_none_fails(
    command: Command, new_database: Callable[[], str], issuer: Issuer
) -> None:
    database = new_database()
    claims = {"iss": ISSUER, "aud": [APP_AUDIENCE, MCP_AUDIENCE], "scope": TASK_SCOPE}
    folder = ROOT / "fixtures" / "taskflow"
    with McpTaskServer(database, JwtVerifier(secret=issuer.secret)) as mcp:
        variables = environment(issuer, database_url=database, mcp_url=mcp.url, model_url="{model_url}")
        probe = ["--model-stub", "--signing-key", issuer.secret, "--claims", json.dumps(claims), "--group", "protocol"]
        probe += [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
        answer = command(
            *("all", folder, "--app", "app.main:app", "--probe-options", shlex.join(probe)),
            *("--store", "tests.contract.reference:make_store", "--store-options=--only isolation,overwriting"),
            *("--format", "json"),
            PYTHONPATH=os.pathsep.join(map(str, (ROOT / "validators", folder, ROOT))),
            TASKFLOW_CHATKIT_DATABASE_URL=database,
        )
    report = answer.json()
    rows = {row["code"]: row for row in report["table"]}
    assert [target["kind"] for target in report["targets"]] == ["endpoint", "store"], answer.err
    assert rows["CK404"]["store"] == "pass"
    assert rows["CK702"]["probe"] == "pass"
    assert rows["CK105"]["check"] == "pass"
    assert {row[by] for row in rows.values() for by in ("probe", "store")} <= {"pass", "not-applicable", None}
