"""`check --fix`, `--unsafe` and `--diff` as a user meets them."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from chatkit_validate import fixing
from chatkit_validate.configuration import Configuration, UsageError
from tests.conftest import Answer, minimal_app, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., Answer]

HEADERS = ("X-Accel-Buffering", "X-Other")  # CK105, safe
INVALID = ("except ValidationError:", "except TypeError:")  # CK103, unsafe


@pytest.fixture
def app(tmp_path: Path) -> Path:
    files = minimal_app()
    for old, new in (HEADERS, INVALID):
        assert old in files["app/main.py"]
        files["app/main.py"] = files["app/main.py"].replace(old, new)
    return write_tree(tmp_path / "app", files)


def main_of(app: Path) -> str:
    return (app / "app" / "main.py").read_text("utf-8")


def test_a_failure_says_that_it_can_be_fixed(command: Command, app: Path) -> None:
    told = command("check", app).out
    assert "fix: check --fix\n" in told
    assert "fix: check --fix --unsafe\n" in told


def test_the_edits_stand_in_the_json_report(command: Command, app: Path) -> None:
    report = command("check", "--format", "json", "--select", "CK105", app).json()
    [verdict] = [one for one in report["integrations"][0]["verdicts"] if one["verdict"] == "fail"]
    assert verdict["fix"]["safety"] == "safe"
    [edit] = verdict["fix"]["edits"]
    text = main_of(app)
    assert edit["path"] == "app/main.py"
    assert '"X-Accel-Buffering": "no"' in text[: edit["start"]] + edit["text"] + text[edit["end"] :]


def test_diff_changes_nothing_and_git_applies_it(command: Command, app: Path) -> None:
    before = main_of(app)
    answer = command("check", "--fix", "--diff", "--unsafe", app)
    assert answer.code == 1
    assert answer.err == "chatkit-validate: Would fix 2 of 2 failures in 1 file.\n"
    assert main_of(app) == before
    subprocess.run(["git", "apply", "-"], cwd=app, input=answer.out.encode(), check=True)
    assert command("check", app).code == 0


def test_fix_applies_what_is_safe_and_says_what_is_left(command: Command, app: Path) -> None:
    answer = command("check", "--fix", app)
    assert answer.code == 1  # CK103 is left
    assert "fixed CK105 missing-sse-headers of POST /chatkit (app/main.py:" in answer.out
    assert "Fixed 1 of 2 failures in 1 file; 1 more with --unsafe, which may change other behaviour." in answer.out
    assert '"X-Accel-Buffering": "no"' in main_of(app)
    assert INVALID[1] in main_of(app)


def test_unsafe_applies_all(command: Command, app: Path) -> None:
    assert command("check", "--fix", "--unsafe", app).code == 0
    after = main_of(app)
    assert command("check", "--fix", "--unsafe", app).code == 0
    assert main_of(app) == after


def test_only_selected_rules_are_fixed(command: Command, app: Path) -> None:
    assert command("check", "--fix", "--unsafe", "--select", "CK103", app).code == 0
    assert "X-Other" in main_of(app)


def test_a_suppressed_failure_is_left(command: Command, app: Path) -> None:
    main = app / "app" / "main.py"
    main.write_text(
        main_of(app).replace("async def chatkit", "# chatkit: ignore[CK105] ours\nasync def chatkit"), "utf-8"
    )
    command("check", "--fix", app)
    assert "X-Other" in main_of(app)


def test_permissions_stay_and_links_are_followed(command: Command, app: Path) -> None:
    main = app / "app" / "main.py"
    real = app / "app" / "real.py"
    main.rename(real)
    real.chmod(0o640)
    main.symlink_to("real.py")
    command("check", "--fix", app)
    assert main.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert '"X-Accel-Buffering": "no"' in real.read_text("utf-8")
    assert sorted(path.name for path in real.parent.glob("*.tmp")) == []


def test_what_the_encoding_cannot_hold_stops_everything(app: Path) -> None:
    main = app / "app" / "main.py"
    main.write_bytes(b"# coding: ascii\n" + main.read_bytes())
    done = fixing.fix(app, Configuration(select=("CK105",)), unsafe=False)
    done.texts["app/main.py"] += "# größer\n"
    with pytest.raises(UsageError, match=r"app/main\.py cannot be fixed, and nothing was changed: ascii"):
        fixing.contents(app, done)


def test_what_somebody_wrote_meanwhile_is_not_overwritten(app: Path) -> None:
    main = app / "app" / "main.py"
    done = fixing.fix(app, Configuration(select=("CK105",)), unsafe=False)
    assert list(done.texts) == ["app/main.py"]
    main.write_text(main_of(app) + "# mine\n", "utf-8")
    with pytest.raises(UsageError, match="was changed while it was being fixed"):
        fixing.contents(app, done)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere: run as another user")
def test_a_file_that_may_not_be_written_stops_everything(command: Command, app: Path) -> None:
    before = main_of(app)
    (app / "app" / "main.py").chmod(0o440)
    answer = command("check", "--fix", app)
    assert answer.code == 2
    assert "cannot be written, and nothing was changed" in answer.err
    assert main_of(app) == before


def test_nothing_to_fix_is_said(command: Command, tmp_path: Path) -> None:
    clean = write_tree(tmp_path / "clean", minimal_app())
    answer = command("check", "--diff", clean)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "chatkit-validate: Would fix 0 of 0 failures in 0 files.\n"


def test_unsafe_alone_is_a_usage_error(command: Command, app: Path) -> None:
    answer = command("check", "--unsafe", app)
    assert answer.code == 2
    assert "--fix or --diff" in answer.err


def test_the_baseline_hears_of_what_is_fixed(command: Command, app: Path, tmp_path: Path) -> None:
    file = tmp_path / "known.json"
    command("check", "--baseline", file, "--update-baseline", app)
    answer = command("check", "--fix", "--baseline", file, app)
    assert answer.code == 1
    assert "CK105 missing-sse-headers of POST /chatkit, which no longer fails" in answer.out
