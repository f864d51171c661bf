"""Which files are a project's own, inside and outside git."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from chatkit_validate.source import discover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def plant(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


@pytest.fixture(params=["walked", "untracked", "tracked"])
def settle(request: pytest.FixtureRequest) -> Callable[[Path], Path]:
    def how(root: Path) -> Path:
        if request.param != "walked":
            git(root, "init", "-q")
        if request.param == "tracked":
            git(root, "add", "-A")
        return root

    return how


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True)


CHATKIT = ("actions", "agents", "errors", "server", "store", "types", "widgets")
OWN = {"app/__init__.py": "", "app/main.py": "", "zebra.py": "", "notes.txt": ""}


@pytest.mark.parametrize(
    "foreign",
    [
        {"env/pyvenv.cfg": "", "env/lib/x.py": ""},
        {"conda/conda-meta/history": "", "conda/lib/x.py": ""},
        {"app/__pycache__/x.py": ""},
        {"node_modules/gyp/x.py": ""},
        {"lib/python3.11/site-packages/x.py": ""},
        {".hidden/x.py": ""},
        {"build/lib/app/main.py": ""},
        {"libs/six-1.dist-info/RECORD": "six.py,a=b,1\nyaml/a.py,,\n", "libs/six.py": "", "libs/yaml/a.py": ""},
        {f"backend/chatkit/{name}.py": "" for name in CHATKIT},
    ],
    ids=lambda files: next(iter(files)),
)
def test_what_is_not_the_projects_own_is_left_out(
    plant: Callable[[dict[str, str]], Path], settle: Callable[[Path], Path], foreign: dict[str, str]
) -> None:
    root = settle(plant({**OWN, **foreign}))
    assert discover(root).paths == ("app/__init__.py", "app/main.py", "zebra.py")


@pytest.mark.parametrize(
    "own",
    ["chatkit/server.py", "agents/agent.py", "vendor/models.py", "build/models.py", "libs/own.py", "env/settings.py"],
)
def test_a_name_alone_makes_nothing_foreign(
    plant: Callable[[dict[str, str]], Path], settle: Callable[[Path], Path], own: str
) -> None:
    root = settle(plant({own: "", "chatkit/store.py": "", "libs/six-1.dist-info/RECORD": "six.py,,\n"}))
    assert own in discover(root).paths


def test_ignored_files_are_left_out_without_git_too(
    plant: Callable[[dict[str, str]], Path], settle: Callable[[Path], Path]
) -> None:
    root = plant(
        {
            ".gitignore": "/local/\n*_generated.py\n!keep_generated.py\n",
            "app/.gitignore": "scratch.py\n",
            "app/scratch.py": "",
            "app/main.py": "",
            "scratch.py": "",
            "local/x.py": "",
            "app/local/x.py": "",
            "app/api_generated.py": "",
            "app/keep_generated.py": "",
        }
    )
    assert discover(settle(root)).paths == ("app/keep_generated.py", "app/local/x.py", "app/main.py", "scratch.py")


def test_tracked_files_count_though_ignored_and_deleted_ones_do_not(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant({".gitignore": "local.py\n", "local.py": "", "gone.py": "", "new.py": ""})
    git(root, "init", "-q")
    git(root, "add", "-f", "local.py", "gone.py")
    (root / "gone.py").unlink()
    found = discover(root)
    assert found.paths == ("local.py", "new.py")
    assert found.tracked == {"local.py"}


def test_a_folder_that_git_ignores_is_read_when_it_is_named(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant({".gitignore": "out/\n", "out/app/main.py": ""})
    git(root, "init", "-q")
    assert discover(root / "out").paths == ("app/main.py",)


def test_repositories_inside_a_repository_are_read(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant(
        {"main.py": "", "clone/inner.py": "", "sub/module.py": "", ".gitmodules": '[submodule "s"]\n\tpath = sub\n'}
    )
    git(root, "init", "-q")
    for inner in ("clone", "sub"):
        git(root / inner, "init", "-q")
        git(root / inner, "add", "-A")
        git(root / inner, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
    git(root, "add", ".gitmodules", "main.py", "sub")
    assert discover(root).paths == ("clone/inner.py", "main.py", "sub/module.py")


def test_a_part_of_a_repository_can_be_read_alone(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant({".gitignore": "skip.py\n", "other.py": "", "part/a.py": "", "part/skip.py": ""})
    git(root, "init", "-q")
    git(root, "add", "other.py", "part/a.py")
    assert discover(root / "part").paths == ("a.py",)


def test_excluded_patterns_win_over_everything(
    plant: Callable[[dict[str, str]], Path], settle: Callable[[Path], Path]
) -> None:
    root = settle(plant({**OWN, "app/.gitignore": "!main.py\n", "legacy/v1/x.py": ""}))
    assert discover(root, exclude=["main.py", "/legacy"]).paths == ("app/__init__.py", "zebra.py")


def test_a_hook_of_another_repository_does_not_mislead(
    plant: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant({"other/.keep": "", "tree/main.py": ""})
    git(root / "other", "init", "-q")
    git(root / "tree", "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(root / "other" / ".git"))
    assert discover(root / "tree").paths == ("main.py",)


def test_the_repositorys_configuration_runs_nothing(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant({"main.py": "", "monitor": "#!/bin/sh\ntouch $(dirname $0)/ran\n"})
    (root / "monitor").chmod(0o755)
    git(root, "init", "-q")
    git(root, "config", "core.fsmonitor", str(root / "monitor"))
    assert discover(root).paths == ("main.py",)
    assert not (root / "ran").exists()


def test_git_may_be_missing(plant: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root = plant(OWN)
    git(root, "init", "-q")
    monkeypatch.setenv("PATH", "/nowhere")
    assert discover(root).paths == ("app/__init__.py", "app/main.py", "zebra.py")


def test_a_broken_repository_is_walked(plant: Callable[[dict[str, str]], Path]) -> None:
    root = plant(OWN)
    git(root, "init", "-q")
    shutil.rmtree(root / ".git" / "objects")
    (root / ".git" / "HEAD").unlink()
    assert discover(root).paths == ("app/__init__.py", "app/main.py", "zebra.py")


def test_an_empty_tree_has_no_files(tmp_path: Path) -> None:
    assert discover(tmp_path).paths == ()


def test_what_front_ends_begin_with_is_found_beside(
    plant: Callable[[dict[str, str]], Path], settle: Callable[[Path], Path]
) -> None:
    foreign = {"web/node_modules/react/package.json": "", "env/pyvenv.cfg": "", "env/share/page.html": ""}
    root = settle(plant({"main.py": "", "web/package.json": "", "web/src/App.tsx": "", "index.html": "", **foreign}))

    found = discover(root, exclude=["none"])

    assert found.pages == ("index.html", "web/package.json")
    assert found.paths == ("main.py",)
