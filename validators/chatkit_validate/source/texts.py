"""The text files beside the code: requirements, lock files, configuration, `.env.example`."""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatkit_validate.source.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 5_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads the text files of one checked tree by their path relative to it.

    Attributes:
        root: The checked tree.
    """

    root: Path

    def read(self, path: str) -> str | Problem | None:
        """The decoded text of `path`; None where there is no such file.

        A byte order mark decides the encoding (`pip freeze` in PowerShell writes UTF-16), otherwise it is UTF-8.
        What is no regular file, leaves the tree, exceeds 5 MB or cannot be decoded is a problem, never an exception.
        """
        try:
            target = (self.root / path).resolve()
            if not target.is_relative_to(self.root.resolve()):
                return Problem(path, 0, ProblemKind.OUTSIDE, "it leads out of the checked tree, so it was not read")
            data = _read_regular(target)
        except FileNotFoundError:
            return None
        except _UnreadableError as unreadable:
            return Problem(path, 0, unreadable.kind, unreadable.reason)
        except (OSError, RuntimeError, ValueError) as error:
            return Problem(path, 0, ProblemKind.UNREADABLE, f"it could not be read ({type(error).__name__})")
        encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            return Problem(path, 0, ProblemKind.UNDECODABLE, f"it is not {encoding}: save it as UTF-8")

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the entries of `folder`, sorted; none where it cannot be listed."""
        try:
            return tuple(sorted(entry.name for entry in os.scandir(self.root / folder)))
        except (OSError, ValueError):
            return ()


class _UnreadableError(Exception):
    def __init__(self, kind: ProblemKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def _read_regular(target: Path) -> bytes:
    # O_NONBLOCK: opening a FIFO without it waits for a writer for ever.
    descriptor = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _UnreadableError(ProblemKind.NOT_A_FILE, "it is no regular file")
        if status.st_size > LARGEST:
            raise _UnreadableError(ProblemKind.TOO_LARGE, f"it is larger than {LARGEST // 1_000_000} MB")
        return stream.read(LARGEST)
