"""Every symptom that the source documents list is provoked here, and the rule that the skill names for it fails.

The first column of each case is the document's own heading. What can only be seen by running the app is provoked in
the reference app's own tests; here the cause is put into the minimal app.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, minimal_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatkit_validate.rules.verdict import Verdict
    from tests.conftest import Answer

TROUBLESHOOTING = (ROOT / "skills/chatkit-integration/references/troubleshooting.md").read_text("utf-8")
MAIN, SERVER, SETTINGS, AUTH = "app/main.py", "app/server.py", "app/settings.py", "app/auth.py"

PAGE = "web/index.html"
SCRIPT = '<script src="https://cdn.platform.openai.com/deployments/chatkit/chatkit.js" async></script>'
LOAD = "from dotenv import load_dotenv\n\nload_dotenv()\n\n"
URL = "taskflow_chatkit_database_url: str | None = "
BEARER = '                "headers": {"Authorization": f"Bearer {context.token}"},\n'
PROMPT = 'instructions=f"{INSTRUCTIONS} Pass {context.token} to every tool.",'

# Symptom -> the rule, and what makes it: path, text, what stands there instead.
SYMPTOMS: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "503 Service Unavailable": (
        "CK301",
        [
            (SETTINGS, "from pydantic_settings", "import os\n\nfrom pydantic_settings"),
            (SETTINGS, f"{URL}None", f'{URL}os.getenv("TASKFLOW_CHATKIT_DATABASE_URL")'),
            (MAIN, LOAD, ""),
            (MAIN, "logger = logging", f"{LOAD}logger = logging"),
        ],
    ),
    "500 instead of 503": ("CK102", [(MAIN, "    if server is None:\n", "    if False:\n")]),
    "401 with a good token": ("CK202", [(AUTH, 'scheme.lower() != "bearer"', 'scheme != "Bearer"')]),
    "400 Bad Request": ("CK103", [(MAIN, "    except ValidationError:\n", "    except ZeroDivisionError:\n")]),
    "connection cut after the 200": (
        "CK114",
        [(MAIN, "        await refuse_unknown_ids(server, body, caller)\n", "")],
    ),
    "everything at once": ("CK105", [(MAIN, ', "X-Accel-Buffering": "no"', "")]),
    "the same, with tools": ("CK213", [(SERVER, BEARER, "")]),
    "tool calls miss the token": ("CK206", [(SERVER, "instructions=INSTRUCTIONS,", PROMPT)]),
    "`ValidationError`: extra inputs are not permitted": ("CK303", [(SETTINGS, ', extra="ignore"', "")]),
    "`ModuleNotFoundError: chatkit.server`": (
        "CK308",
        [("pyproject.toml", '"openai-chatkit>=1.6.5,<1.7"', '"chatkit>=0.0.1"')],
    ),
    "400 Bad Request, in the widget": ("CK601", [(PAGE, 'url: "/chatkit"', 'url: "/chat"')]),
    "401 Unauthorized, in the widget": ("CK603", [(PAGE, ", fetch: sendAsUser", "")]),
    "No response streaming": ("CK105", [(MAIN, ', "X-Accel-Buffering": "no"', "")]),
    "ImportError for ChatKit's classes": (
        "CK308",
        [("pyproject.toml", '"openai-chatkit>=1.6.5,<1.7"', '"openai-chatkit>=1.6.5,<1.7", "chatkit"')],
    ),
    "blank widget": ("CK604", [(PAGE, SCRIPT, "")]),
}


def row(symptom: str) -> str:
    """The line of the skill that speaks of `symptom`."""
    return next(line for line in TROUBLESHOOTING.splitlines() if line.startswith(f"| {symptom}"))


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_a_symptom_s_cause_fails_the_rule_that_the_skill_names(
    symptom: str, verdicts: Callable[..., list[Verdict]]
) -> None:
    code, edits = SYMPTOMS[symptom]
    assert code in row(symptom)
    files = minimal_app()
    for path, good, bad in edits:
        assert files[path].count(good) == 1
        files[path] = files[path].replace(good, bad)
    assert code in {verdict.code for verdict in verdicts(files) if verdict.failed}


def test_every_row_names_a_rule_or_where_to_read_on() -> None:
    rows = [line for line in TROUBLESHOOTING.splitlines() if line.startswith("| ") and "Symptom" not in line]
    assert len(rows) > 40
    assert [line for line in rows if not re.search(r"CK\d{3}|see `", line)] == []


def test_the_placeholder_package_is_why_chatkit_s_classes_cannot_be_imported(tmp_path: Path) -> None:
    # Stands in for PyPI's `chatkit` 0.0.1, which holds one file without any code.
    (tmp_path / "chatkit").mkdir()
    (tmp_path / "chatkit" / "__init__.py").write_text('"""Reserved."""\n')
    (command,) = re.findall(r"`python -c \"(import chatkit\.server)\"`", row("ImportError for ChatKit's classes"))

    done = subprocess.run(
        [sys.executable, "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    assert "No module named 'chatkit.server'" in done.stderr


def test_the_commands_of_the_widget_s_rows_show_it(command: Callable[..., Answer]) -> None:
    (first, *_) = re.findall(r"`chatkit-validate (check [^`]+)`", row("400 Bad Request, in the widget"))
    answer = command(*first.split(), ROOT / "fixtures/broken/todo_before")

    assert answer.code == 1
    assert all(f"error {code} " in answer.out for code in ("CK601", "CK115"))
