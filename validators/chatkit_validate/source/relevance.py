"""Which files of a tree have to do with ChatKit: those that name it, and whoever imports them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass
from chatkit_validate.source.importers import Importers
from chatkit_validate.source.looking import look
from chatkit_validate.source.opening import MAX_BYTES, follow
from chatkit_validate.source.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chatkit_validate.source.discovery import Discovery
    from chatkit_validate.source.looking import Look


@dataclass(frozen=True, slots=True)
class Relevant:
    """The part of a tree that is worth reading.

    Attributes:
        paths: Sorted. Every file whose text contains `SEED`, and every file that imports a relevant one.
        problems: Files and folders that could not be read, so that nobody knows whether they are relevant.
        skipped: Files that could not be searched or parsed, and that nothing shows to be relevant.
    """

    paths: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Problem, ...] = ()


def relevant(root: Path | str, discovery: Discovery) -> Relevant:
    """Seeds, and the closure over who imports them, across folders and source roots.

    Args:
        root: The tree.
        discovery: What `discover` found in it.
    """
    closure = _Closure(os.fspath(root), discovery)
    found = closure.run()
    return Relevant(
        tuple(sorted(found)),
        tuple(sorted({*discovery.problems, *closure.unknown})),
        tuple(sorted({*discovery.skipped, *closure.skipped})),
    )


class _Closure:
    """Reads what may matter, and follows imports backwards until nothing new is reached."""

    def __init__(self, root: str, discovery: Discovery) -> None:
        self._root = root
        self._paths = discovery.paths
        self._importers = Importers(discovery.paths)
        self._hits = _hits(discovery)
        self._beside = discovery.beside
        self._crowded = discovery.asked.crowded if discovery.asked else frozenset()
        self._below: dict[str, list[str]] = {}
        self._searched: set[str] = set()
        self._links: dict[str, str] = {}
        self._seeds: set[str] = set()
        self._large: set[str] = set()
        self.unknown: list[Problem] = []
        self.skipped: list[Problem] = []

    def run(self) -> set[str]:
        """The paths of all relevant files."""
        for path, seen in self._beside.looks() if self._beside else ():
            self._take(path, seen)
        self._search(self._paths if self._hits is None else self._hits)
        relevant: set[str] = set()
        fresh = set(self._seeds)
        while fresh:
            relevant |= fresh
            searched = len(self._searched)
            self._search(self._near(fresh))
            # Who was searched only now may import what has been known for long.
            fresh = self._importers.of(relevant if len(self._searched) > searched else fresh)
            fresh |= self._seeds.union(link for link, target in self._links.items() if target in relevant)
            fresh -= relevant
        self.skipped += [_unparsed(path) for path in self._large - relevant]
        return relevant - self._links.keys()

    def _near(self, paths: Iterable[str]) -> Iterable[str]:
        """The files that can import one of `paths` in ways that git was not asked about: under the same top folder."""
        if self._hits is None:
            return ()
        tops = {path.partition("/")[0] for path in paths}
        if not tops.isdisjoint(self._crowded):
            self._hits = None
            return self._paths
        if not self._below:
            for path in self._paths:
                self._below.setdefault(path.partition("/")[0], []).append(path)
        return [path for top in tops for path in self._below[top]]

    def _search(self, paths: Iterable[str]) -> None:
        """Learns of each file whether it is a seed, and its import statements."""
        for path in paths:
            if path in self._searched:
                continue
            self._take(path, look(self._root, path))

    def _take(self, path: str, seen: Look) -> None:
        """Remembers what a look at `path` told."""
        self._searched.add(path)
        if seen is None:
            self._link(path)
        elif isinstance(seen, Problem):
            (self.unknown if seen.kind is ProblemKind.UNREADABLE else self.skipped).append(seen)
        else:
            seed, large, statements = seen
            self._importers.add(path, statements)
            if seed:
                self._seeds.add(path)
            if large:
                self._large.add(path)

    def _link(self, path: str) -> None:
        """A link stands for its target where it is imported, and is no file of its own."""
        target = follow(self._root, path)
        if isinstance(target, Problem):
            self.skipped.append(target)
        else:
            self._links[path] = target


def _hits(discovery: Discovery) -> frozenset[str] | None:
    """The files that may be seeds or import one from afar, as git says; none where git did not say."""
    asked = discovery.asked
    printed = asked.seeds.output(accept=(0, 1)) if asked and asked.seeds else None
    if printed is None or b"error: " in printed or b"warning: " in printed:
        return None
    found = discovery.tracked.intersection(os.fsdecode(printed).split("\0"))
    return found.union(discovery.paths) - discovery.tracked.difference(found)


def _unparsed(path: str) -> Problem:
    reason = f"it has more than {MAX_BYTES / 1_000_000:g} MB: it was searched, but not parsed"
    return Problem(path, 0, ProblemKind.TOO_LARGE, reason)
