"""Opening files of a tree that nobody vouches for: regular files inside the tree, and nothing that can block."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

from chatkit_validate.record import replace
from chatkit_validate.source.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 5_000_000
"""Larger files are not parsed: nobody writes them, and the syntax tree of one would not fit in memory."""

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)

_CHUNK: Final = 1_000_000


def load(root: Path | str, path: str, limit: int = MAX_BYTES) -> bytes | Problem:
    """The bytes of a file; a link is followed to a regular file inside the tree, and only there.

    Args:
        root: The checked tree.
        path: Relative to it, with forward slashes.
        limit: In bytes; a larger file is a problem.
    """
    data = load_unlinked(root, path, limit)
    if data is not None:
        return data
    target = follow(root, path)
    if isinstance(target, Problem):
        return target
    data = load_unlinked(root, target, limit)
    if data is None:
        return Problem(path, 0, ProblemKind.OUTSIDE, "it is a link that changes while it is read; run the check again")
    return replace(data, path=path) if isinstance(data, Problem) else data


def load_unlinked(root: Path | str, path: str, limit: int = MAX_BYTES) -> bytes | Problem | None:
    """As `load`, but none for a link."""
    try:
        descriptor = os.open(f"{os.fspath(root)}/{path}", _FLAGS)
    except OSError as error:
        return None if error.errno in (errno.ELOOP, errno.EMLINK) else unreadable(path, error)
    except ValueError as error:
        return Problem(path, 0, ProblemKind.UNREADABLE, f"its name cannot be opened: {error}")
    try:
        return _drain(descriptor, path, limit)
    except OSError as error:
        return unreadable(path, error)
    finally:
        os.close(descriptor)


def follow(root: Path | str, path: str) -> str | Problem:
    """What a link leads to, relative to the tree, with forward slashes; a problem where that is not inside the tree."""
    try:
        target = os.path.realpath(f"{os.fspath(root)}/{path}", strict=True)
        base = os.path.realpath(root, strict=True).rstrip("/\\") + os.sep
    except OSError:
        return Problem(
            path, 0, ProblemKind.OUTSIDE, "it is a link that leads nowhere or in a circle; mend or remove it"
        )
    if not target.startswith(base):
        return Problem(
            path, 0, ProblemKind.OUTSIDE, f"it is a link to {target}, outside the checked tree; check a tree with both"
        )
    return target[len(base) :].replace(os.sep, "/")


def unreadable(path: str, error: OSError) -> Problem:
    """The problem that the operating system's `error` about `path` amounts to."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem(path, 0, ProblemKind.UNREADABLE, "it is not there any more; run the check again")
    if error.errno in (errno.ENXIO, errno.ENODEV):
        return _no_file(path)
    reason = (error.strerror or type(error).__name__).lower()
    return Problem(
        path, 0, ProblemKind.UNREADABLE, f"it cannot be read ({reason}); make it readable or list it in .gitignore"
    )


def _drain(descriptor: int, path: str, limit: int) -> bytes | Problem:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return _no_file(path)
    size = status.st_size
    if size <= limit:
        data = os.read(descriptor, size + 1)
        if 0 < len(data) <= size:
            return data
        # It grows while it is read, or states no size (/proc).
        while len(data) <= limit and (more := os.read(descriptor, _CHUNK)):
            data += more
        if len(data) <= limit:
            return data
        size = len(data)
    reason = f"it has {size / 1_000_000:.1f} MB, more than {limit / 1_000_000:g}, and was not read"
    return Problem(path, 0, ProblemKind.TOO_LARGE, f"{reason}; move data out of Python files")


def _no_file(path: str) -> Problem:
    return Problem(path, 0, ProblemKind.NOT_A_FILE, "it is a pipe, a socket, a device or a folder; remove or ignore it")
