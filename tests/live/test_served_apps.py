"""What a probe sees of an app that it serves itself: its start, and its log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from broken.servers.served import FAULTS
from broken.servers.sound import AUDIENCE, SECRET

ROOT = Path(__file__).resolve().parents[2]


def probed(folder: Path, made: str, *only: str) -> dict[str, dict[str, Any]]:
    (folder / "served.py").write_text(
        "import os\nfrom broken.servers.served import FAULTS, EncodesBytes\nfrom broken.servers.sound import Sound\n"
        f"app = ({made})(os.environ['OPENAI_BASE_URL']).app()\n",
        "utf-8",
    )
    path = os.pathsep.join([str(ROOT / "validators"), str(ROOT / "fixtures")])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "chatkit_validate", "probe", "--app", "served:app", "--model-stub"),
            *("--signing-key", SECRET, "--claims", json.dumps({"aud": AUDIENCE}), "--format", "json"),
            *(part for name in only for part in ("--only", name)),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout, done.stderr
    assert "eyJ" not in done.stdout
    return {check["id"]: check for check in json.loads(done.stdout)["targets"][0]["checks"]}


@pytest.mark.parametrize("check", sorted(FAULTS))
def test_a_broken_app_fails_the_check(check: str, tmp_path: Path) -> None:
    found = probed(tmp_path, f"FAULTS[{check!r}]", "protocol/first-contact", check)[check]

    assert found["verdict"] == "fail", found["got"]
    assert found["reproducer"]
    assert found["way_out"]


def test_the_sound_app_passes_them_all(tmp_path: Path) -> None:
    found = probed(tmp_path, "Sound", "protocol/first-contact", *FAULTS)

    assert {check: found[check]["verdict"] for check in FAULTS} == dict.fromkeys(FAULTS, "pass")


def test_a_log_that_names_another_cause_is_no_proof(tmp_path: Path) -> None:
    broken = "type('Refusing', (Sound,), {'process': lambda self, body, caller: 1 / 0})"

    found = probed(tmp_path, broken, "protocol/first-contact")

    assert found["protocol/requests-served"]["verdict"] == "fail"
    assert {found[name]["verdict"] for name in ("protocol/process-awaited", "protocol/store-works")} == {"unknown"}


def test_a_user_id_that_can_be_none_is_told_by_the_log(tmp_path: Path) -> None:
    looked_up = "lambda self, body, caller: __import__('uuid').UUID(caller.user_id)"
    logged = f"type('Table', (Sound,), {{'refuse': {looked_up}}})"

    found = probed(tmp_path, logged, "protocol/first-contact", "errors/unknown-thread")

    assert {one["verdict"] for one in found.values()} == {"pass", "unknown"}
    assert "--token" in found["errors/unknown-thread"]["got"]
    assert "badly formed hexadecimal UUID" in found["errors/unknown-thread"]["got"]


def test_plain_answers_that_all_fail_are_not_said_to_be_right(tmp_path: Path) -> None:
    found = probed(tmp_path, "EncodesBytes", "protocol/first-contact")

    assert found["protocol/stream-detected"]["verdict"] == "pass"
    assert found["protocol/json-answers"]["verdict"] == "fail"
    assert "bytes is not JSON serializable" in found["protocol/json-answers"]["got"]
