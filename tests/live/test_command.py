"""The command itself: an app is served and gone afterwards, nothing stays on the target, bounds hold."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from broken.servers.faults import FAULTS, Endless, Undeletable
from broken.servers.sound import AUDIENCE, SECRET, Sound
from broken.servers.store import MemoryStore
from chatkit_validate.live.wire import Bounds
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.target import TargetReport

ROOT = Path(__file__).resolve().parents[2]
APP = """
import os
from broken.servers.sound import Sound
app = Sound(os.environ["OPENAI_BASE_URL"]).app()
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "validators"), str(ROOT / "fixtures")])}
KEYS = ("--signing-key", SECRET, "--claims", json.dumps({"aud": AUDIENCE}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "served.py").write_text(APP, "utf-8")
    return tmp_path


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatkit_validate", "probe", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def port_of(url: str) -> int:
    match = re.search(r":(\d+)/", url)
    assert match is not None
    return int(match[1])


def is_free(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
def test_an_app_is_served_probed_and_gone(folder: Path) -> None:
    done = command(folder, "--app", "served:app", "--model-stub", *KEYS, "--format", "json")

    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    target = report["targets"][0]
    assert report["complete"]
    assert {check["verdict"] for check in target["checks"]} == {"pass"}
    assert target["notes"] == []
    assert is_free(port_of(target["name"]))
    assert SECRET not in done.stdout
    assert "eyJ" not in done.stdout


def test_a_group_can_be_selected(folder: Path) -> None:
    done = command(folder, "--app", "served:app", "--model-stub", *KEYS, "--group", "errors", "--format", "json")

    checks = json.loads(done.stdout)["targets"][0]["checks"]
    assert {check["id"].partition("/")[0] for check in checks} == {"errors"}
    assert next(check for check in checks if check["id"] == "errors/before-start")["verdict"] == "pass"


def test_a_refused_token_that_was_signed_here_says_for_whom(folder: Path) -> None:
    wrong = ("--signing-key", "another-key-than-the-one-the-app-has", "--claims", json.dumps({"aud": AUDIENCE}))

    done = command(folder, "--app", "served:app", "--model-stub", *wrong, "--only", "protocol/first-contact")

    assert done.returncode == 4, done.stdout + done.stderr
    assert "made-up user chatkit-validate-a" in done.stdout
    assert "--token-command" in done.stdout


LOGIN = """

@app.post("/login")
def login(user: dict[str, str]) -> dict[str, str]:
    import time, jwt
    from broken.servers.sound import AUDIENCE, SECRET
    claims = {"sub": user["name"], "aud": AUDIENCE, "exp": int(time.time()) + 600}
    return {"access_token": jwt.encode(claims, SECRET, algorithm="HS256")}
"""


def test_a_login_of_the_app_that_is_served(folder: Path) -> None:
    (folder / "served.py").write_text(APP + LOGIN, "utf-8")
    (folder / "pyproject.toml").write_text(
        '[tool.chatkit-validate.probe.login]\nurl = "/login"\nusers = [{ name = "ann" }, { name = "ben" }]\n', "utf-8"
    )

    done = command(folder, "--app", "served:app", "--model-stub", "--only", "identity/foreign-reads")

    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_model_what_needs_one_is_unknown_and_the_run_incomplete(folder: Path) -> None:
    (folder / "served.py").write_text(APP.replace('os.environ["OPENAI_BASE_URL"]', '"http://127.0.0.1:9/v1"'), "utf-8")

    done = command(folder, "--app", "served:app", *KEYS, "--only", "streaming/failing-model", "--format", "json")

    report = json.loads(done.stdout)
    assert done.returncode == 4, done.stdout
    assert not report["complete"]
    assert {check["got"] for check in report["targets"][0]["checks"]} == {"it needs --model-stub"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give the URL of an endpoint, or --app"),
        (("http://127.0.0.1:1/chatkit", "--app", "served:app"), "give the URL of an endpoint, or --app"),
        (("ftp://x/chatkit",), "no http or https URL"),
        (("https://chat.example.com/chatkit",), "--yes agrees beforehand"),
        (("--app", "nowhere:app"), "No module named 'nowhere'"),
        (("--app", "broken_app:app"), r"broken_app.py, line 1\)"),
        (("--app", "served:app", "--app-dir", "nowhere"), "there is no folder nowhere"),
        (("--app", "served:app", "--only", "protocol/nothing"), "there is no scenario or check"),
        (("--app", "served:app", "--env", "X"), "NAME=VALUE"),
    ],
)
def test_usage_errors_name_the_thing(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "broken_app.py").write_text("raise RuntimeError('no database')\n", "utf-8")

    done = command(folder, *arguments)

    assert done.returncode == 2
    assert re.search(said, done.stderr), done.stderr
    assert "Traceback" not in done.stderr


def test_what_happens_to_another_machine_is_said(folder: Path) -> None:
    done = command(folder, "https://chat.example.com/chatkit")

    assert "at most 600 requests in 120 s" in done.stderr
    assert "deletes the conversations it started" in done.stderr


def test_a_target_that_is_not_there_leaves_all_unknown(folder: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]

    done = command(folder, f"http://127.0.0.1:{port}/chatkit", "--format", "json")

    report = json.loads(done.stdout)
    assert done.returncode == 4
    assert {check["verdict"] for check in report["targets"][0]["checks"]} <= {"unknown", "not-applicable"}
    assert "accepts no connection" in report["targets"][0]["checks"][0]["got"]


@pytest.mark.slow
def test_interrupting_ends_cleanly(folder: Path) -> None:
    served = folder / "threads.txt"
    app = (
        APP
        + f"\nimport atexit\nstore = lambda: app\natexit.register(lambda: open({str(served)!r}, 'w').write('ended'))\n"
    )
    (folder / "served.py").write_text(app, "utf-8")
    running = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("persistence/"):
            running.send_signal(signal.SIGINT)
            break
    out, err = running.communicate(timeout=60)

    assert running.returncode == 130, out + err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert "cleaning up" in out
    assert served.read_text("utf-8") == "ended"


# Whoever runs the tests in the background of a shell has SIGINT ignored, and so have their children.
_INTERRUPTED = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from chatkit_validate.report import progress
progress.Progress.say = lambda self, phase: print(phase, flush=True)
from chatkit_validate.cli import main
sys.exit(main(["probe", "--app", "served:app", "--model-stub", "--signing-key", {SECRET!r}, "--claims",
               '{{"aud": "{AUDIENCE}"}}']))
"""


def test_nothing_stays_on_the_target(probed: Callable[..., TargetReport]) -> None:
    made: list[Sound] = []

    class Kept(Sound):
        def __init__(self, model_url: str) -> None:
            super().__init__(model_url)
            made.append(self)

    probed(Kept, "protocol/first-contact", "errors/unsupported", "identity/foreign-things", "errors/orphan")

    server = made[0].server
    assert server is not None
    store = server.store
    assert isinstance(store, MemoryStore)
    assert store.threads
    assert not any(store.threads.values())
    assert not any(store.attachments.values())


def test_what_cannot_be_deleted_is_said(probed: Callable[..., TargetReport]) -> None:
    report = probed(Undeletable, "protocol/first-contact")

    assert len(report.notes) == 1
    assert "could not be deleted: 500" in report.notes[0]


def test_bounds_hold_and_cleaning_goes_beyond_them(probed: Callable[..., TargetReport]) -> None:
    report = probed(Sound, bounds=Bounds(requests=6, patience=4))

    unknown = [check for check in report.checks if check.outcome is Outcome.UNKNOWN]
    assert unknown
    assert any("bound of 6 requests" in check.got for check in unknown)
    assert report.notes == ()


def test_an_endless_answer_is_given_up(probed: Callable[..., TargetReport]) -> None:
    report = probed(Endless, "protocol/first-contact", bounds=Bounds(seconds=20, answer=1.0))

    found = next(check for check in report.checks if check.id == "protocol/stream-detected")
    assert any("timed out" in line for line in found.transcript)


def test_reproducers_repeat_the_failure(folder: Path) -> None:
    app = APP.replace("broken.servers.sound import Sound", "broken.servers.faults.protocol import NoHeaders as Sound")
    (folder / "served.py").write_text(app, "utf-8")
    assert FAULTS["protocol/stream-headers"].__name__ == "NoHeaders"

    done = command(
        folder, "--app", "served:app", "--model-stub", *KEYS, "--group", "protocol", "--reproducers", "again"
    )

    assert done.returncode == 1
    written = folder / "again" / "test_protocol_stream_headers.py"
    assert [path.name for path in written.parent.iterdir()] == [written.name]
    compile(written.read_text("utf-8"), str(written), "exec")
    assert "X-Accel-Buffering: absent" in done.stdout
    assert "reproduce: curl -sN" in done.stdout
    assert "$TOKEN_A" in done.stdout
