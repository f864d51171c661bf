"""Which Python files of a tree may be a project's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chatkit_validate.ahead import Asked, ask
from chatkit_validate.record import dataclass, field
from chatkit_validate.source.beside import Beside
from chatkit_validate.source.ignore import ignored, parse
from chatkit_validate.source.opening import unreadable
from chatkit_validate.source.skip import is_page, is_skipped_by_content, is_skipped_by_name, listed_in, may_be_copy
from chatkit_validate.source.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from chatkit_validate.source.beside import Begun
    from chatkit_validate.source.problem import Problem


@dataclass(frozen=True, slots=True)
class Discovery:
    """The Python files of a tree.

    Attributes:
        paths: Sorted, relative to the tree, with forward slashes. Links and pipes called `*.py` are among them: what
            imports them gets the problem from `read`.
        problems: Folders that could not be listed, so that nothing is known of what they hold.
        skipped: Ignore files that could not be heeded.
        pages: Pages and packages (`*.html`, `package.json`): what front ends begin with, in the same words as `paths`.
        tracked: Those of `paths` that git knows; `asked.seeds`, where there is one, answers for these.
        asked: What git was asked, where its answers could be used.
        beside: The process that walked the tree and searches it.
    """

    paths: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Problem, ...] = ()
    pages: tuple[str, ...] = ()
    tracked: frozenset[str] = field(default=frozenset(), repr=False)
    asked: Asked | None = field(default=None, repr=False, compare=False)
    beside: Beside | None = field(default=None, repr=False, compare=False)


def discover(root: Path | str, *, exclude: Sequence[str] = (), begun: Begun | None = None) -> Discovery:
    """Finds the Python files below the folder `root`, without following links.

    Inside a git work tree: what is tracked (ignored or not) and what is untracked and not ignored, by git's own rules.
    Elsewhere: what no `.gitignore` in or below `root` ignores. Environments, caches, hidden folders, installed and
    copied distributions are left out in both.

    Args:
        root: The tree to look at.
        exclude: Further patterns, in the syntax of `.gitignore`, relative to `root`.
        begun: What `ahead.ask` or `beside.begin` started for the same `root`.
    """
    begun = begun or ask(root)
    walk = Walk(os.fspath(root), (parse("\n".join(exclude), ""),) if exclude else ())
    asked = begun if isinstance(begun, Asked) else None
    tracked = _listed_by_git(walk, asked) if asked else None
    beside = None
    if tracked is None:
        walk, beside = _walked(walk, None if asked else begun)
        asked = None
    return Discovery(
        tuple(sorted(set(walk.paths))),
        tuple(sorted(walk.problems)),
        tuple(sorted(walk.skipped)),
        tuple(sorted(set(walk.pages))),
        tracked or frozenset(),
        asked,
        beside,
    )


def _walked(walk: Walk, begun: Begun | None) -> tuple[Walk, Beside | None]:
    """`walk` at its end, or what was begun instead, with the process that goes on to search what it found."""
    if isinstance(begun, Walk) and not walk.exclude:
        return begun, None
    if isinstance(begun, Beside):
        found = None if walk.exclude else begun.walked()
        if found is not None:
            return found, begun
        begun.drop()
    walk.run()
    return walk, None


def _listed_by_git(walk: Walk, asked: Asked) -> frozenset[str] | None:
    """Fills `walk` from git's answers; its own tracked files, or none where git could not say everything."""
    tracked = {entry[2:] for entry in asked.tracked}
    own = _Own(walk)
    kept = frozenset(path for path in own.among(tracked) if not _is_missing(walk, path))
    others = asked.untracked.output()
    if others is None or b"warning: " in others:
        return None
    untracked = [path for path in os.fsdecode(others).split("\0") if path]
    if not tracked and not untracked:
        # An ignored folder that was named on purpose.
        return None
    walk.paths += kept
    walk.paths += own.among(untracked)
    walk.pages += own.pages
    for folder in [path for path in untracked if path.endswith("/")] + _submodules(walk, tracked):
        walk.run(folder)
    return kept


def _is_missing(walk: Walk, path: str) -> bool:
    # Half the time of a whole status; it follows links and says no for many reasons, so that only its yes counts.
    if os.access(f"{walk.root}/{path}", os.F_OK):
        return False
    try:
        os.lstat(f"{walk.root}/{path}")
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        walk.problems.append(unreadable(path, error))
    return False


def _submodules(walk: Walk, tracked: Iterable[str]) -> list[str]:
    found = []
    for path in tracked:
        if path.rpartition("/")[2] == ".gitmodules":
            for line in walk.text(path).splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "path":
                    found.append(value.strip().strip('"/') + "/")
    return found


class _Own:
    """Tells a project's own files from the rest by what git lists; `Walk` does the same on its way."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._marks: dict[str, set[str]] = {}
        self._installed: set[str] = set()
        self._known: dict[str, bool] = {"": True}
        self.pages: list[str] = []

    def among(self, listed: Iterable[str]) -> list[str]:
        """The project's own Python files among `listed`, which may tell of environments too."""
        python, pages = [], []
        for path in listed:
            if path.endswith(".py"):
                python.append(path)
            elif path.endswith(("pyvenv.cfg", "conda-meta/history", ".dist-info/RECORD")):
                self._mark(path)
                self._known = {"": True}
            elif is_page(path):
                pages.append(path)
        self.pages += [path for path in pages if self._is_own(path)]
        return [path for path in python if self._is_own(path)]

    def _mark(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        if name == "pyvenv.cfg":
            self._marks.setdefault(folder, set()).add(name)
            return
        above, _, mark = folder.rpartition("/")
        if name == "RECORD":
            self._installed.update(f"{above}/{item}".lstrip("/") for item in listed_in(self._walk.text(path)))
        else:
            self._marks.setdefault(above, set()).add(mark)

    def _is_own(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        known = self._known.get(folder)
        return (
            (self._is_own_folder(folder) if known is None else known)
            and path not in self._installed
            and not (self._walk.exclude and ignored(self._walk.exclude, path, name, folder=False))
        )

    def _is_own_folder(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            above, _, name = folder.rpartition("/")
            known = self._known[folder] = (
                self._is_own_folder(above)
                and folder not in self._installed
                and not is_skipped_by_name(name)
                and not is_skipped_by_content(name, above.rpartition("/")[2], self._entries(folder, name))
                and not ignored(self._walk.exclude, folder, name, folder=True)
            )
        return known

    def _entries(self, folder: str, name: str) -> set[str]:
        """All that the judgement of this folder may depend on."""
        marks = self._marks.get(folder, set())
        if not may_be_copy(name):
            return marks
        try:
            return marks.union(os.listdir(f"{self._walk.root}/{folder}"))  # noqa: PTH208 - pathlib is slow to import
        except OSError:
            return marks
