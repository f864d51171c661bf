"""What git already knows of a tree: its files, and those that contain a word."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE: Final = 20.0
"""Seconds after which git is given up and the tree is walked instead."""

# A repository's own configuration may name programs to run and change what is printed.
_NEUTRAL: Final = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "grep.fullName=false",
    "-c",
    "grep.fallbackToNoIndex=false",
    "-c",
    "submodule.recurse=false",
)

_PIPE_BYTES: Final = 1_048_576


class Command:
    """A git command that was started and runs beside this process; nothing is read until `output` is asked.

    Args:
        root: Where git runs; what it prints is relative to it.
        arguments: What follows `git`.
        warnings: Whether what git complains about is part of the output.
    """

    def __init__(self, root: Path | str, *arguments: str, warnings: bool = False) -> None:
        self._pid = 0
        self._pipe, write = os.pipe()
        _widen(write)
        try:
            self._pid = os.posix_spawnp(
                "git",
                ["git", *_NEUTRAL, "-C", os.fspath(root), *arguments],
                _environment(),
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, write, 1),
                    (os.POSIX_SPAWN_DUP2, write, 2)
                    if warnings
                    else (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                ],
            )
        except OSError:
            self._discard()
        finally:
            os.close(write)

    def output(self, *, accept: tuple[int, ...] = (0,)) -> bytes | None:
        """All it printed; none where it could not run, ended with a code outside `accept`, or outlasted `PATIENCE`."""
        if not self._pid:
            return None
        printed = self._drain()
        if printed is None:
            os.kill(self._pid, 9)
        _, status = os.waitpid(self._pid, 0)
        self._discard()
        return printed if os.waitstatus_to_exitcode(status) in accept else None

    def _drain(self) -> bytes | None:
        import select

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

    def _discard(self) -> None:
        os.close(self._pipe)
        self._pid = 0


def is_work_tree(root: Path | str) -> bool:
    """Whether `root` looks to be inside a git work tree that this system can ask."""
    if not hasattr(os, "posix_spawnp") or sys.platform == "win32":
        return False
    folder = os.path.realpath(root)
    while True:
        if os.path.lexists(f"{folder}/.git"):
            return True
        above = os.path.dirname(folder)  # noqa: PTH120 - pathlib is slow to import
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
