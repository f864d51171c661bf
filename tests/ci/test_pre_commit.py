"""The hook for pre-commit, run by pre-commit itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.ci.conftest import commit

from tests.conftest import ROOT, minimal_app, write_tree

if TYPE_CHECKING:
    from pathlib import Path

[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("app/main.py", True),
        ("pyproject.toml", True),
        ("back/requirements-dev.txt", True),
        (".env", True),
        ("back/.env.example", True),
        ("README.md", False),
        ("web/app.tsx", True),
        ("web/index.html", True),
        ("web/logo.svg", False),
        ("notes/requirements.md", False),
    ],
)
def test_it_runs_where_a_verdict_can_change(path: str, *, matches: bool) -> None:
    assert bool(re.search(HOOK["files"], path)) is matches


def test_it_installs_what_the_extras_name() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert HOOK["additional_dependencies"] == [*extras["ruff"], *extras["widget"]]


@pytest.mark.slow
def test_pre_commit_installs_and_runs_it(shipped: Path, tmp_path: Path, offline: dict[str, str]) -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed: pip install pre-commit")
    project = tmp_path / "project"
    hooks = [{"id": "chatkit-validate", "args": ["--select", "CK105"]}]
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=shipped, check=True, capture_output=True, text=True
    ).stdout.strip()
    config = {"repos": [{"repo": str(shipped), "rev": revision, "hooks": hooks}]}
    write_tree(project, {**minimal_app(), ".pre-commit-config.yaml": yaml.safe_dump(config)})
    commit(project)

    def run() -> subprocess.CompletedProcess[str]:
        variables = {**offline, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--all-files"],
            cwd=project, env=variables, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    passed = run()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    main = project / "app" / "main.py"
    main.write_text(main.read_text("utf-8").replace("X-Accel-Buffering", "X-Other"), "utf-8")
    failed = run()
    assert failed.returncode == 1
    assert "CK105 missing-sse-headers" in failed.stdout
