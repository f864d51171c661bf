"""Finding Python files by walking folders."""

from __future__ import annotations

import os
import sys
from typing import Final

from chatkit_validate.record import dataclass, field
from chatkit_validate.source.ignore import IgnoreFile, ignored, parse
from chatkit_validate.source.opening import load, unreadable
from chatkit_validate.source.problem import Problem
from chatkit_validate.source.skip import PAGE_ENDS, is_skipped_by_content, is_skipped_by_name, listed_in

_ENDS: Final = (".py", *PAGE_ENDS)

MAX_IGNORE_BYTES: Final = 250_000
"""A larger `.gitignore` is reported and not heeded."""


@dataclass(slots=True)
class Walk:
    """What one walk found.

    Attributes:
        root: The checked tree.
        exclude: What the user excludes, in the same words as ignore files; nothing below takes it back.
        paths: Python files, relative to it, with forward slashes, in no order; links and pipes among them.
        pages: What front ends begin with, in the same words.
        problems: Folders that could not be listed.
        skipped: Ignore files that could not be heeded.
    """

    root: str
    exclude: tuple[IgnoreFile, ...] = ()
    paths: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    _ahead: list[tuple[str, tuple[IgnoreFile, ...] | None]] = field(default_factory=list, init=False)

    def run(self, folder: str = "", *, at_most: int = sys.maxsize) -> bool:
        """Walks `folder` (relative, ending with a slash; empty for the whole tree) and everything below.

        Where to begin is not skipped itself, whatever it is called and holds.

        Args:
            folder: Where to begin.
            at_most: So many Python files; once there are more, the rest is left for `go_on`.

        Returns:
            Whether everything was walked.
        """
        self._ahead.append((folder, None))
        return self.go_on(at_most=at_most)

    def go_on(self, *, at_most: int = sys.maxsize) -> bool:
        """Walks what `run` left."""
        while self._ahead and len(self.paths) <= at_most:
            here, above = self._ahead.pop()
            entries = self._list(here)
            if entries is not None:
                self._ahead += self._visit(here, above, entries)
        return not self._ahead

    def _list(self, here: str) -> dict[str, os.DirEntry[str]] | None:
        try:
            with os.scandir(f"{self.root}/{here}") as listing:
                return {entry.name: entry for entry in listing}
        except OSError as error:
            self.problems.append(unreadable(here.rstrip("/") or ".", error))
            return None

    def _visit(
        self, here: str, above: tuple[IgnoreFile, ...] | None, entries: dict[str, os.DirEntry[str]]
    ) -> list[tuple[str, tuple[IgnoreFile, ...]]]:
        """Records the Python files directly in `here`; answers the folders to go on with."""
        parent, _, name = here.rstrip("/").rpartition("/")
        if above is not None and is_skipped_by_content(name, parent.rpartition("/")[2], entries):
            return []
        ignore = above or ()
        if ".gitignore" in entries:
            ignore += self._ignore_file(here)
        installed = {
            item
            for entry in [entry for entry in entries if entry.endswith(".dist-info")]
            for item in listed_in(self.text(f"{here}{entry}/RECORD"))
        }
        folders: list[tuple[str, tuple[IgnoreFile, ...]]] = []
        for name, entry in entries.items():
            folder = entry.is_dir(follow_symlinks=False)
            # Four files of five are neither: they cost one comparison.
            if not (name.endswith(_ENDS) or folder) or name in installed:
                continue
            if folder and is_skipped_by_name(name):
                continue
            path = here + name
            if ignored(ignore, path, name, folder=folder):
                continue
            if self.exclude and ignored(self.exclude, path, name, folder=folder):
                continue
            if folder:
                folders.append((path + "/", ignore))
            else:
                (self.paths if name.endswith(".py") else self.pages).append(path)
        return folders

    def _ignore_file(self, here: str) -> tuple[IgnoreFile, ...]:
        path = f"{here}.gitignore"
        data = load(self.root, path, MAX_IGNORE_BYTES)
        if isinstance(data, Problem):
            self.skipped.append(data)
            return ()
        return (parse(data.decode("utf-8", "surrogateescape"), here),)

    def text(self, path: str) -> str:
        """The text of a file that is not Python; empty where it cannot be read."""
        data = load(self.root, path)
        return "" if isinstance(data, Problem) else data.decode("utf-8", "replace")
