"""What is relevant: whatever names the library, and whoever imports that, wherever it stands."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from chatkit_validate import ahead
from chatkit_validate.source import ProblemKind, discover, relevant

if TYPE_CHECKING:
    from pathlib import Path

SERVER = "from chatkit.server import ChatKitServer\n"

# Each: what stands where, and which of it is relevant.
TREES: dict[str, tuple[dict[str, str], set[str]]] = {
    "no ChatKit": ({"app/main.py": "import os\n"}, set()),
    "the word in any case": ({"a.py": "X = 'ChatKit'\n", "b.py": "# CHATKIT\n", "c.py": ""}, {"a.py", "b.py"}),
    "absolute": (
        {"app/server.py": SERVER, "app/main.py": "from app.server import S\n", "app/other.py": "import app.models\n"},
        {"app/server.py", "app/main.py"},
    ),
    "a chain": (
        {
            "a/s.py": SERVER,
            "a/deps.py": "from a.s import S\n",
            "a/routes.py": "import a.deps\n",
            "a/m.py": "from a import routes\n",
        },
        {"a/s.py", "a/deps.py", "a/routes.py", "a/m.py"},
    ),
    "relative": (
        {
            "p/core/s.py": SERVER,
            "p/api/r.py": "from ..core.s import S\n",
            "p/api/m.py": "from . import r\n",
            "p/api/n.py": "from . import q\n",
        },
        {"p/core/s.py", "p/api/r.py", "p/api/m.py"},
    ),
    "re-exported by a package": (
        {
            "p/core/__init__.py": "from .s import S\n",
            "p/core/s.py": SERVER,
            "p/m.py": "from p.core import S\n",
            "p/core/n.py": "from . import S\n",
        },
        {"p/core/__init__.py", "p/core/s.py", "p/m.py", "p/core/n.py"},
    ),
    "another source root": (
        {
            "packages/core/pyproject.toml": "",
            "packages/core/src/core_lib/s.py": SERVER,
            "deploy/web/src/web/main.py": "from core_lib.s import S\n",
        },
        {"packages/core/src/core_lib/s.py", "deploy/web/src/web/main.py"},
    ),
    "the same name in a nearer place": (
        {
            "one/app/s.py": SERVER,
            "one/app/m.py": "from app.s import S\n",
            "two/app/s.py": "",
            "two/app/m.py": "from app.s import S\n",
        },
        {"one/app/s.py", "one/app/m.py"},
    ),
    "modules beside each other": (
        {
            "backend/engine.py": SERVER,
            "backend/main.py": "import engine\n",
            "backend/web/w.py": "from main import app\n",
        },
        {"backend/engine.py", "backend/main.py", "backend/web/w.py"},
    ),
    "inside a function, on one line, star": (
        {
            "a/s.py": SERVER,
            "a/f.py": "def f():\n    from a.s import S\n",
            "a/g.py": "if 1: import a.s\n",
            "a/h.py": "from a.s import *\n",
        },
        {"a/s.py", "a/f.py", "a/g.py", "a/h.py"},
    ),
    "the attribute of an imported package": (
        {"a/__init__.py": SERVER, "a/b.py": "", "m.py": "import a.b\n"},
        {"a/__init__.py", "m.py"},
    ),
    "a circle": (
        {"a.py": SERVER + "import b\n", "b.py": "import a\n", "c.py": "import b\n"},
        {"a.py", "b.py", "c.py"},
    ),
}


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("how", ["walked", "tracked", "searched by git", "untracked among many"])
def test_the_closure_is_the_same_however_it_is_found(
    tmp_path: Path, tree: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, wanted = TREES[tree]
    root = plant(tmp_path, files)
    if how != "walked":
        subprocess.run(["git", "-C", root, "init", "-q"], check=True)
    if how in ("searched by git", "untracked among many"):
        monkeypatch.setattr(ahead, "LARGE", 3)
        plant(root, {f"filler{number}/x.py": "import os\n" for number in range(5)})
    if how in ("tracked", "searched by git"):
        subprocess.run(["git", "-C", root, "add", "-A"], check=True)
    elif how == "untracked among many":
        subprocess.run(["git", "-C", root, "add", "filler*"], check=True)
    discovery = discover(root)
    if how == "searched by git":
        assert discovery.asked is not None
        assert discovery.asked.seeds is not None
    assert set(relevant(root, discovery).paths) == wanted


def test_a_crowded_folder_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "LARGE", 3)
    files = {"big/s.py": SERVER, "big/m.py": "from big.s import S\n", "far/away.py": "from big.m import app\n"}
    root = plant(tmp_path, {**files, **{f"big/filler{number}.py": "" for number in range(5)}})
    subprocess.run(["git", "-C", root, "init", "-q"], check=True)
    subprocess.run(["git", "-C", root, "add", "-A"], check=True)
    assert set(relevant(root, discover(root)).paths) == files.keys()


def test_what_could_not_be_opened_may_be_relevant(tmp_path: Path) -> None:
    root = plant(tmp_path, {"app/main.py": SERVER})
    # Longer than the system allows for a path, though every step of it may be entered: no permission is needed to fail.
    here = os.open(root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    found = relevant(root, discover(root))
    assert found.paths == ("app/main.py",)
    assert [problem.kind for problem in found.problems] == [ProblemKind.UNREADABLE]


def test_links_inside_the_tree_stand_for_their_targets(tmp_path: Path) -> None:
    root = plant(tmp_path, {"shared/s.py": SERVER, "app/main.py": "from app.s import S\n"})
    (root / "app" / "s.py").symlink_to("../shared/s.py")
    assert relevant(root, discover(root)).paths == ("app/main.py", "shared/s.py")


def test_links_that_lead_out_or_nowhere_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = plant(tmp_path / "outside", {"secret.py": SERVER})
    root = plant(tmp_path / "tree", {"main.py": SERVER})
    (root / "out.py").symlink_to(outside / "secret.py")
    (root / "circle.py").symlink_to("circle.py")
    (root / "loop").symlink_to("..")
    found = relevant(root, discover(root))
    assert found.paths == ("main.py",)
    assert found.problems == ()
    assert {(problem.path, problem.kind) for problem in found.skipped} == {
        ("out.py", ProblemKind.OUTSIDE),
        ("circle.py", ProblemKind.OUTSIDE),
    }


def test_a_pipe_is_named_and_not_waited_for(tmp_path: Path) -> None:
    root = plant(tmp_path, {"main.py": SERVER})
    os.mkfifo(root / "pipe.py")
    found = relevant(root, discover(root))
    assert found.paths == ("main.py",)
    assert [(problem.path, problem.kind) for problem in found.skipped] == [("pipe.py", ProblemKind.NOT_A_FILE)]


def test_a_large_file_is_searched_though_it_is_not_parsed(tmp_path: Path) -> None:
    filler = "x = 1\n" * 1_000_000
    root = plant(tmp_path, {"data.py": filler, "large.py": filler + SERVER, "main.py": "import large\n"})
    found = relevant(root, discover(root))
    assert found.paths == ("large.py", "main.py")
    assert [(problem.path, problem.kind) for problem in found.skipped] == [("data.py", ProblemKind.TOO_LARGE)]
