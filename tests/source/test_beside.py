"""A second process finds and searches large trees; what comes of it is what one process finds alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from tests.source.test_relevance import SERVER, TREES

from chatkit_validate.source import Discovery, Relevant, beside, discover, relevant
from chatkit_validate.source.looking import look
from chatkit_validate.source.walk import Walk

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a second process is forked on Linux only")


@pytest.fixture(autouse=True)
def _every_tree_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "SMALL", 0)


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path, begun: beside.Beside | Walk | None = None) -> tuple[Discovery, Relevant]:
    discovery = discover(root, begun=begun)
    return discovery, relevant(root, discovery)


def begin(root: Path) -> beside.Beside:
    begun = beside.begin(root)
    assert isinstance(begun, beside.Beside)
    return begun


def alike(root: Path) -> None:
    """Asserts that both ways find the same, and that no process is left."""
    alone, together = found(root), found(root, begin(root))
    assert together[0].beside is not None
    assert (together[0].paths, together[0].pages, together[0].problems, together[0].skipped) == (
        alone[0].paths,
        alone[0].pages,
        alone[0].problems,
        alone[0].skipped,
    )
    assert together[1] == alone[1]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("name", TREES)
def test_two_processes_find_what_one_finds(tmp_path: Path, name: str) -> None:
    write(tmp_path, TREES[name][0] | {f"more/m{number}.py": "import os\n" for number in range(200)})
    alike(tmp_path)


def test_problems_and_links_come_through(tmp_path: Path) -> None:
    write(tmp_path, {"a/s.py": SERVER, "a/m.py": "import linked\n", "b/large.py": "#" * 5_000_001, "index.html": ""})
    os.mkfifo(tmp_path / "a/pipe.py")
    (tmp_path / "a/linked.py").symlink_to("s.py")
    (tmp_path / "a/lost.py").symlink_to("nowhere.py")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / os.fsdecode(b"\xff.py")).write_text(SERVER)
    (tmp_path / ".gitignore").write_text("#" * 300_000)
    alike(tmp_path)


def test_a_tree_is_read_to_its_end_where_it_is_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "SMALL", 10)
    write(tmp_path, {"s.py": SERVER, "m.py": "import s\n"})
    begun = beside.begin(tmp_path)
    assert isinstance(begun, Walk)
    assert found(tmp_path, begun) == found(tmp_path)


@pytest.mark.parametrize("dies", ["walking", "looking"])
def test_a_process_that_dies_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: str) -> None:
    write(tmp_path, {"a/s.py": SERVER, "a/m.py": "import s\n"} | {f"m{number}.py": "" for number in range(100)})
    alone, here = found(tmp_path), os.getpid()

    def die(original: object) -> object:
        def call(*arguments: object, **options: object) -> object:
            if os.getpid() != here:
                raise KeyboardInterrupt
            assert callable(original)
            return original(*arguments, **options)

        return call

    if dies == "walking":
        monkeypatch.setattr(Walk, "go_on", die(Walk.go_on))
        monkeypatch.setattr(Walk, "run", lambda *_, **__: False)
        begun = begin(tmp_path)
        monkeypatch.undo()
    else:
        monkeypatch.setattr(beside, "look", die(look))
        begun = begin(tmp_path)
    together = found(tmp_path, begun)
    assert together[0].paths == alone[0].paths
    assert together[1] == alone[1]


def test_what_the_user_excludes_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"a/s.py": SERVER, "b/s.py": SERVER})
    assert discover(tmp_path, exclude=["b/"], begun=begin(tmp_path)).paths == ("a/s.py",)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
