"""The command survives whatever a tree may hold: within ten seconds and 400 MB, and saying what it could not read."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

VALIDATORS = Path(__file__).resolve().parents[2] / "validators"
SERVER = "from chatkit.server import ChatKitServer\n"
SECONDS = 10
BYTES = 400_000_000


def check(root: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `check`, run with limited memory; fails the test where it is too slow or dies."""
    done = subprocess.run(
        [sys.executable, "-m", "chatkit_validate", "check", "--format", "json", *arguments, str(root)],
        env={"PYTHONPATH": str(VALIDATORS), "PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES)),
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 1, 4), done.stderr
    return done.returncode, json.loads(done.stdout)


TEXTS = {
    "200,000 nested operators": ("x = " + "-" * 200_000 + "1", "too-deep"),
    "nested brackets": ("x = " + "(" * 50_000 + ")" * 50_000, "too-deep"),
    "nested lists": ("x = " + "[" * 5_000 + "]" * 5_000, "too-deep"),
    "a chain of 100,000 terms": ("x = " + " + ".join(["a"] * 100_000), "too-deep"),
    "a chain of 100,000 attributes": ("x = a" + ".b" * 100_000, "too-deep"),
    "a chain of 100,000 calls": ("x = a" + "()" * 100_000, "too-deep"),
    "20,000 elif": ("if a: b\n" + "elif a: b\n" * 20_000, "too-deep"),
    "50,000 lambdas": ("x = " + "lambda: " * 50_000 + "1", "too-deep"),
    "a thousand nested blocks": ("".join(" " * n + "if a:\n" for n in range(1_000)) + " " * 1_000 + "b", "syntax"),
    "a number of five million digits": ("x = " + "9" * 4_900_000, "syntax"),
    "a million statements": ("a=1\n" * 1_000_000, "too-large"),
    "a million constants": ("x = [" + "1," * 1_000_000 + "]", "too-large"),
    "an f-string of 120,000 placeholders": ("x = f'" + "{a}" * 120_000 + "'", "too-large"),
    "more than five megabytes": ("#" * 80 + "\n") * 64_000,
    "nested f-strings": ("x = " + "f'{" * 2_000, None),
    "an unterminated string": ("x = '''" + "a" * 1_000_000, "syntax"),
    "Python 2": ("print 'x'", "syntax"),
    "carriage returns only": ("x = 1\ry = 2\r", ""),
    "a comparison of 100,000 terms": ("x = " + " < ".join(["a"] * 100_000), ""),
    "100,000 decorators": ("@a\n" * 100_000 + "def f(): ...", ""),
    "one comment of five megabytes": ("#" * 4_900_000, ""),
    "95,000 statements": ("a=1\n" * 95_000, ""),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_relevant_file_of_hostile_text(tmp_path: Path, name: str) -> None:
    entry = TEXTS[name]
    text, kind = entry if isinstance(entry, tuple) else (entry, "too-large")
    (tmp_path / "x.py").write_bytes((SERVER + text).encode())
    code, report = check(tmp_path)
    kinds = {diagnostic["kind"] for diagnostic in report["diagnostics"] if diagnostic["path"] == "x.py"}
    if kind == "":
        assert (code, report["complete"], kinds) == (0, True, set())
    else:
        assert (code, report["complete"]) == (4, False)
        assert kinds == {kind} if kind else kinds


@pytest.mark.parametrize("name", TEXTS)
def test_an_irrelevant_file_of_hostile_text_spoils_nothing(tmp_path: Path, name: str) -> None:
    entry = TEXTS[name]
    (tmp_path / "x.py").write_text(str(entry[0] if isinstance(entry, tuple) else entry))
    (tmp_path / "server.py").write_text(SERVER)
    code, report = check(tmp_path)
    assert (code, report["complete"]) == (0, True)


DATA = {
    "no UTF-8": (SERVER + "x = 'ä'").encode("latin-1"),
    "a surrogate": SERVER.encode() + b"x = '\xed\xa0\x80'",
    "NUL": SERVER.encode() + b"\0",
    "an unknown encoding": b"# coding: nonsense\n" + SERVER.encode(),
    "an encoding that takes for ever": b"# coding: punycode\n" + SERVER.encode() + b"a-" * 1_000_000,
}


@pytest.mark.parametrize("name", DATA)
def test_bytes_that_are_no_text(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.py").write_bytes(DATA[name])
    code, report = check(tmp_path)
    assert (code, report["complete"]) == (4, False)
    assert [(each["path"], each["kind"]) for each in report["diagnostics"]] == [("x.py", "undecodable")]


def test_utf_16_is_named_where_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_bytes("x = 1".encode("utf-16"))
    (tmp_path / "main.py").write_text(
        SERVER + "from fastapi import FastAPI\nfrom settings import x\n\n"
        "class S(ChatKitServer): ...\n\napp = FastAPI(title=x)\nserver = S(store=x)\n\n"
        "@app.post('/chat')\nasync def chat(request):\n    return await server.process(await request.body(), x)\n"
    )
    _, report = check(tmp_path)
    assert ("settings.py", "undecodable") in {(each["path"], each["kind"]) for each in report["diagnostics"]}


SPECIAL: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link in a circle": lambda path: path.symlink_to(path.name),
    "a link that leads nowhere": lambda path: path.symlink_to("nowhere.py"),
    "a link out of the tree": lambda path: path.symlink_to(__file__),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
    "a link to the folder around it": lambda path: path.symlink_to("."),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_called_python_and_is_no_file(tmp_path: Path, name: str) -> None:
    SPECIAL[name](tmp_path / "x.py")
    (tmp_path / "main.py").write_text(SERVER)
    code, report = check(tmp_path)
    assert (code, report["complete"]) == (0, True)
    if name != "a folder":
        assert [each["path"] for each in report["diagnostics"]] == ["x.py"]


def test_a_device_is_not_read(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "x.py", 0o020666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs the rights of root")
    (tmp_path / "main.py").write_text(SERVER)
    code, report = check(tmp_path)
    assert (code, [each["kind"] for each in report["diagnostics"]]) == (0, ["not-a-file"])


# As root, permission bits stop nobody.
AS_NOBODY = "if os.getuid() == 0:\n    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(VALIDATORS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def let_everybody_in(folder: Path) -> None:
    for each in (*folder.parents[:-1], folder):
        if not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o011)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_may_not_be_opened_makes_the_answer_incomplete(tmp_path: Path, what: str) -> None:
    """As root, permission bits stop nobody: the check runs as somebody else."""
    root = tmp_path / "tree"
    (root / "app" / "core").mkdir(parents=True)
    (root / "main.py").write_text(SERVER)
    (root / "app" / "core" / "x.py").write_text(SERVER)
    let_everybody_in(tmp_path)
    (root / "app" / "core" / ("x.py" if what == "file" else "")).chmod(0)
    program = (
        f"{AS_NOBODY}found = relevant({str(root)!r}, discover({str(root)!r}))\n"
        f"print(found.paths, [(problem.path, problem.kind.value) for problem in found.problems])\n"
    )
    # All is imported before the rights are given up: where it stands may be closed to others.
    program = "import os\nfrom chatkit_validate.source import discover, relevant\n" + program
    done = python(program)
    (root / "app" / "core").chmod(0o755)
    place = "app/core/x.py" if what == "file" else "app/core"
    assert done.stdout.strip() == f"('main.py',) [('{place}', 'unreadable')]", done.stderr


def test_an_endpoint_that_may_not_be_opened_is_not_said_to_be_missing(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "server.py").write_text(f"{SERVER}\n\nclass Chat(ChatKitServer):\n    pass\n")
    (root / "main.py").write_text("from server import Chat\n")
    let_everybody_in(tmp_path)
    # The first check is there to import all that a check needs, before the rights are given up.
    program = (
        "import os, sys\nfrom chatkit_validate.cli import main\n"
        f"arguments = ['check', {str(root)!r}, '--select', 'CK101', '--format', 'json']\n"
        f"main(arguments)\nprint('---', flush=True)\nos.chmod({str(root / 'main.py')!r}, 0)\n"
        f"{AS_NOBODY}main(arguments)\n"
    )
    done = python(program)
    before, _, after = done.stdout.partition("---")
    verdicts = [json.loads(text)["integrations"][0]["verdicts"][0] for text in (before, after)]
    assert [verdict["verdict"] for verdict in verdicts] == ["fail", "unknown"], done.stderr
    assert "may stand in main.py" in verdicts[1]["reason"]


PYPROJECTS = {
    "broken": b"[tool.chatkit-validate\n",
    "no text": b"\xff\xfe\0\0",
    "of another tool": b'[tool.poetry]\nname = "x"\n[tool.black]\nline-length = 3\n',
    "of wrong types": b'project = 3\ntool = ["x"]\n',
    "deep": b"x = " + b"[" * 100_000,
    "empty": b"",
}


@pytest.mark.parametrize("name", PYPROJECTS)
def test_any_pyproject(tmp_path: Path, name: str) -> None:
    (tmp_path / "main.py").write_text(SERVER)
    (tmp_path / "pyproject.toml").write_bytes(PYPROJECTS[name])
    done = subprocess.run(
        [sys.executable, "-m", "chatkit_validate", "check", str(tmp_path)],
        env={"PYTHONPATH": str(VALIDATORS), "PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode in (0, 2, 4)
    assert b"Traceback" not in done.stderr
    if name in ("of another tool", "empty"):
        assert done.returncode == 0


def test_names_that_are_no_text_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff.py")).write_text(SERVER + "x = (\n")
    code, report = check(tmp_path)
    assert (code, len(report["diagnostics"])) == (4, 1)


def test_a_hostile_ignore_file_takes_no_time(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*a" * 40 + "b\n" + "**/" * 60 + "z\n" + "[\n[z-a]\n\\\n")
    (tmp_path / ("a" * 200 + ".py")).write_text(SERVER)
    assert check(tmp_path)[1]["summary"]["files"] == 1
