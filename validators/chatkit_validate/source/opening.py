"""Opening files of a tree that nobody vouches for: regular files inside the tree, and nothing that can block."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

from chatkit_validate.source.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 5_000_000
"""Larger files are not parsed: nobody writes them, and a tree of one would not fit in memory."""

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def load(root: Path | str, path: str, limit: int = MAX_BYTES) -> bytes | Problem:
    """The bytes of a file.

    A link is followed only to a regular file inside the tree.

    Args:
        root: The checked tree.
        path: Relative to it, with forward slashes.
        limit: In bytes; a larger file is a problem.
    """
    top = os.fspath(root)
    full = f"{top}/{path}"
    try:
        descriptor = os.open(full, _FLAGS)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EMLINK):
            return unreadable(path, error)
        return _load_linked(top, path, limit)
    except ValueError as error:
        return Problem(path, 0, ProblemKind.UNREADABLE, f"its name cannot be opened: {error}")
    return _drain(descriptor, path, limit)


def unreadable(path: str, error: OSError) -> Problem:
    """The problem that the operating system's `error` about `path` amounts to."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem(path, 0, ProblemKind.UNREADABLE, "it is not there any more; run the check again")
    reason = (error.strerror or type(error).__name__).lower()
    if error.errno in (errno.ENXIO, errno.ENODEV):
        return Problem(path, 0, ProblemKind.NOT_A_FILE, "it is a device or a socket, not a file; remove or ignore it")
    return Problem(
        path, 0, ProblemKind.UNREADABLE, f"it cannot be read ({reason}); make it readable or list it in .gitignore"
    )


def _load_linked(top: str, path: str, limit: int) -> bytes | Problem:
    try:
        target = os.path.realpath(f"{top}/{path}", strict=True)
        base = os.path.realpath(top, strict=True)
    except OSError:
        return Problem(
            path, 0, ProblemKind.OUTSIDE, "it is a link that leads nowhere or in a circle; mend or remove it"
        )
    if not target.startswith(base.rstrip("/\\") + os.sep):
        return Problem(
            path, 0, ProblemKind.OUTSIDE, f"it is a link to {target}, outside the checked tree; check a tree with both"
        )
    try:
        descriptor = os.open(target, _FLAGS)
    except OSError as error:
        return unreadable(path, error)
    return _drain(descriptor, path, limit)


def _drain(descriptor: int, path: str, limit: int) -> bytes | Problem:
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Problem(
                path, 0, ProblemKind.NOT_A_FILE, "it is a folder, a pipe or a device, not a file; remove or ignore it"
            )
        # One more than stated shows files that grow, or that state no size (/proc).
        size = max(status.st_size, 0)
        if size <= limit:
            data = os.read(descriptor, size + 1)
            while len(data) <= limit and (more := os.read(descriptor, limit + 1 - len(data))):
                data += more
            if len(data) <= limit:
                return data
            size = len(data)
    except OSError as error:
        return unreadable(path, error)
    finally:
        os.close(descriptor)
    return Problem(
        path,
        0,
        ProblemKind.TOO_LARGE,
        f"it is larger than {limit / 1_000_000:g} MB ({size / 1_000_000:.1f} MB) and was not parsed;"
        " move data out of Python files",
    )
