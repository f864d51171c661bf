"""Ignore files, with git itself as the oracle."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatkit_validate.source.ignore import ignored, parse

PATHS = [
    f"{above}{name}"
    for above in ("", "a/", "b/", "a/b/", "a/b/c/", "b/a/", ".d/")
    for name in ("a.py", "b.py", "ab.py", "a b.py", "a]b.py", "!a.py", "#a.py", "x1.py", "c/z.py")
]

WORDS = "a b c ab * ** ? / / *.py a.py [ab] [!a] [a-c] [[:alpha:]] x1 []b] \\ ! # ] .py . z.py [^b] [z-a] **/ /**"
PIECES = st.sampled_from([*WORDS.split(), " "])
# git cuts off the literal start of a pattern first: in `a**/b` the stars then cross slashes, against its manual.
QUIRK = re.compile(r"[^/*]\*\*")
PATTERNS = st.lists(PIECES, min_size=1, max_size=5).map("".join).filter(lambda pattern: not QUIRK.search(pattern))


@pytest.fixture(scope="module")
def tree() -> Path:
    root = Path(mkdtemp())
    subprocess.run(["git", "-C", root, "init", "-q"], check=True)
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def by_git(root: Path) -> set[str]:
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "-o", "--exclude-per-directory=.gitignore"],
        check=True,
        capture_output=True,
    )
    return set(PATHS) - set(listed.stdout.decode().split("\0"))


def by_us(files: dict[str, str]) -> set[str]:
    parsed = [parse(text, base) for base, text in sorted(files.items())]

    def is_ignored(path: str) -> bool:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            inside = tuple(each for each in parsed if here.startswith(each.base))
            if ignored(inside, here, parts[depth - 1], folder=depth < len(parts)):
                return True
        return False

    return {path for path in PATHS if is_ignored(path)}


@settings(max_examples=150, deadline=None)
@given(st.lists(PATTERNS, max_size=4), st.lists(PATTERNS, max_size=2))
@example(["*.py", "!a.py"], ["a.py"])
@example(["a/"], ["!b.py"])
@example(["**/b"], [])
@example(["a/**"], [])
@example(["a/**/z.py"], [])
@example(["/a.py", "a b.py"], ["/b/a.py"])
@example(["\\!a.py", "\\#a.py"], [])
@example(["a\\ b.py  "], [])
def test_it_ignores_what_git_ignores(tree: Path, top: list[str], inner: list[str]) -> None:
    files = {"": "\n".join(top) + "\n", "a/": "\n".join(inner) + "\n"}
    for base, text in files.items():
        (tree / base / ".gitignore").write_text(text)
    assert by_us(files) == by_git(tree)
