"""The text files beside the code: requirements, lock files, configuration, `.env.example`."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass
from chatkit_validate.source.opening import load
from chatkit_validate.source.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

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
        What is no regular file, leaves the tree, is too large or cannot be decoded is a problem, never an exception.
        """
        try:
            if not os.path.lexists(self.root / path):
                return None
        except ValueError:
            return None
        data = load(self.root, path)
        if isinstance(data, Problem):
            return data
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
