"""What is started before anything else is imported: git's answers about the tree, worked out beside this process.

Only what every interpreter has loaded anyway may be imported here.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

PATIENCE: Final = 20.0
"""Seconds after which git is given up and the tree is walked instead."""

LARGE: Final = 1500
"""Python files; more than that are searched by git rather than read one by one."""

SEED: Final = "chatkit"
"""A file that contains this word, in any case, is where relevance starts."""

MAX_WORDS: Final = 1000
"""More names than this are no pattern to search for."""

# A repository's own configuration may name programs to run, and change what is printed.
_NEUTRAL: Final = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "grep.fullName=false"),
    *("-c", "grep.fallbackToNoIndex=false"),
    *("-c", "submodule.recurse=false"),
)

_LISTED: Final = (
    "*.py",
    # Front ends begin with one of these.
    *("*package.json", "*.html"),
    # These show environments, installed distributions, submodules, and where packages may be imported from.
    *("*pyvenv.cfg", "*conda-meta/history", "*.dist-info/RECORD", "*.gitmodules", "*pyproject.toml", "*setup.cfg"),
)

_PIPE_BYTES: Final = 1_048_576


class Command:
    """A git command that was started and runs beside this process; nothing is read until `output` is asked.

    Args:
        root: Where git runs; what it prints is relative to it.
        arguments: What follows `git`.
        complaints: Whether what git complains about is part of the output.
    """

    def __init__(self, root: Path | str, *arguments: str, complaints: bool = False) -> None:
        self._pid = 0
        self._pipe, write = os.pipe()
        _widen(write)
        null = os.devnull
        try:
            self._pid = os.posix_spawnp(
                "git",
                ["git", *_NEUTRAL, "-C", os.fspath(root), *arguments],
                _environment(),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, null, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, write, 1),
                    (os.POSIX_SPAWN_DUP2, write, 2) if complaints else (os.POSIX_SPAWN_OPEN, 2, null, os.O_WRONLY, 0),
                ],
            )
        except OSError:
            os.close(self._pipe)
        finally:
            os.close(write)

    def output(self, *, accept: tuple[int, ...] = (0,)) -> bytes | None:
        """All it printed, once; none where it could not run, ended otherwise than `accept`, or outlasted `PATIENCE`."""
        if not self._pid:
            return None
        printed = self._drain()
        if printed is None:
            os.kill(self._pid, 9)
        _, status = os.waitpid(self._pid, 0)
        os.close(self._pipe)
        self._pid = 0
        return printed if os.waitstatus_to_exitcode(status) in accept else None

    def drop(self) -> None:
        """Ends it, where its answer is no longer wanted."""
        if self._pid:
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)
            os.close(self._pipe)
            self._pid = 0

    def _drain(self) -> bytes | None:
        import select
        import time

        end = time.monotonic() + PATIENCE
        chunks: list[bytes] = []
        while True:
            ready, _, _ = select.select([self._pipe], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return None
            chunk = os.read(self._pipe, _PIPE_BYTES)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)


class Asked:
    """Git's answers about one tree.

    Attributes:
        root: The tree.
        tracked: What git tracks of `ls-files`' interest here, sorted, with a tag letter and a blank before each path.
        untracked: The running search for files that are neither tracked nor ignored.
        seeds: In a large tree, the running search for files that contain `SEED` or import one of `words`.
        words: First components of imports by which a file can reach another folder at the top of the tree.
        crowded: The folders at the top that hold so many files that their names are not among `words`.
    """

    __slots__ = ("crowded", "root", "seeds", "tracked", "untracked", "words")

    def __init__(self, root: str, tracked: list[str], untracked: Command) -> None:
        self.root = root
        self.tracked = tracked
        self.untracked = untracked
        self.seeds: Command | None = None
        self.words: frozenset[str] = frozenset()
        self.crowded: frozenset[str] = frozenset()

    def search(self) -> None:
        """Starts `seeds` where the tree is large enough to make it worth while."""
        paths = [entry[2:] for entry in self.tracked]
        python = [path for path in paths if path.endswith(".py")]
        if len(python) <= LARGE:
            return
        words, self.crowded = _names_at_top(python)
        words |= _distributed(paths)
        if len(words) > MAX_WORDS:
            return
        self.words = frozenset(words)
        # Two patterns take half the time of one with a bar between them.
        patterns = ["-e", f"(?i:{SEED})"]
        if words:
            patterns += ["-e", rf"\b(?:from|import)[ \t]+(?:[\w., \t]*[ ,\t])?(?:{'|'.join(sorted(words))})\b"]
        # A second thread wins a tenth of the time for half as much work again, which this process needs itself.
        options = ("--no-color", "--threads", "1", "-lzaP")
        self.seeds = Command(self.root, "grep", *options, *patterns, "--", "*.py", complaints=True)


def ask(root: Path | str) -> Asked | None:
    """Starts git on what `source.discover` and `source.relevant` will want to know of `root`.

    Returns:
        None where `root` is in no work tree, or git cannot be asked.
    """
    if not _is_work_tree(root):
        return None
    tracked = Command(root, "ls-files", "-z", "-t", "--", *_LISTED)
    untracked = Command(root, "ls-files", "-z", "-o", "--exclude-standard", complaints=True)
    listed = tracked.output()
    if listed is None:
        untracked.drop()
        return None
    asked = Asked(os.fspath(root), os.fsdecode(listed).split("\0")[:-1], untracked)
    asked.search()
    return asked


def _names_at_top(python: list[str]) -> tuple[set[str], frozenset[str]]:
    """What a file can import from the top of the tree, and the folders there that are too full to search for."""
    counts: dict[str, int] = {}
    for path in python:
        top = path.partition("/")[0]
        counts[top] = counts.get(top, 0) + 1
    crowded = frozenset(top for top, count in counts.items() if count > LARGE)
    return {name for top in counts.keys() - crowded if (name := top.removesuffix(".py")).isidentifier()}, crowded


def _distributed(paths: list[str]) -> set[str]:
    """The names that installing the distributions of the tree puts within everyone's reach, crowded ones aside."""
    marks = ("/pyproject.toml", "/setup.cfg", "/setup.py")
    marked = {path.rpartition("/")[0] for path in paths if path.endswith(marks)}
    # A module of a package may be called `setup` too.
    roots = {root for root in marked if not _holds(paths, f"{root}/__init__.py")}
    counts: dict[str, int] = {}
    for root in roots | {f"{root}/src" for root in roots} | {"src"}:
        for path in paths[bisect_left(paths, f"{root}/") : bisect_left(paths, f"{root}0")]:
            if path.endswith(".py"):
                name = path[len(root) + 1 :].partition("/")[0].removesuffix(".py")
                counts[name] = counts.get(name, 0) + 1
    return {name for name, count in counts.items() if count <= LARGE and name.isidentifier()} - {
        "src",
        "tests",
        "setup",
    }


def _holds(ordered: list[str], path: str) -> bool:
    place = bisect_left(ordered, path)
    return place < len(ordered) and ordered[place] == path


def _is_work_tree(root: Path | str) -> bool:
    if sys.platform == "win32":
        return False
    folder = os.path.realpath(root)
    while True:
        if os.path.lexists(f"{folder}/.git"):
            return True
        above = folder.rpartition("/")[0] or "/"
        if above == folder:
            return False
        folder = above


def _environment() -> dict[str, str]:
    # Inside a git hook these name the hook's repository, which need not be the checked one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _widen(pipe: int) -> None:
    """Lets git finish while this process still imports its modules."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            return
