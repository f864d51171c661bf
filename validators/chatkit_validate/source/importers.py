"""Who imports whom, worked out for the few modules that matter."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from chatkit_validate.source.imports import Import, imports
from chatkit_validate.source.modules import Modules, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_BY_DOTS: Final = rb"\bfrom[\s\\]*\.+[\s\\]*import\b"


class Importers:
    """The import statements of some files, with the question which of these import a given module.

    Statements are kept by their text: three of four stand in several files, and most of them matter to nobody.

    Args:
        paths: The Python files of the tree.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._modules = Modules(paths)
        self._files: dict[bytes, list[str]] = {}
        self._by_dots: list[bytes] = []
        self._text = b""
        self._starts: list[int] | None = None
        self._read: dict[bytes, tuple[Import, ...]] = {}
        self._targets: dict[tuple[str, bytes], frozenset[str]] = {}

    def add(self, path: str, statements: Iterable[bytes]) -> None:
        """Learns the import `statements` of the file `path`."""
        self._starts = None
        for statement in statements:
            files = self._files.get(statement)
            if files is None:
                self._files[statement] = [path]
                if (b" ." in statement or b"from." in statement) and re.search(_BY_DOTS, statement):
                    self._by_dots.append(statement)
            else:
                files.append(path)

    def of(self, modules: set[str]) -> set[str]:
        """Those of the files added so far that import one of `modules`, which are paths too."""
        found: set[str] = set()
        for statement, files in self._candidates(modules):
            for path in files:
                if path not in found and not modules.isdisjoint(self._named(path, statement)):
                    found.add(path)
        return found

    def _candidates(self, modules: set[str]) -> Iterator[tuple[bytes, list[str]]]:
        """Statements that may import one of `modules`, each with the files to ask about."""
        ends = {end for path in modules for end in _ends(path)}
        names = {stem(path).encode("utf-8", "surrogateescape") for path in modules}
        for statement in self._naming(names):
            if any(_may_mean(one, ends) for one in self._imports(statement)):
                yield statement, self._files[statement]
        # Files below a package may import it by dots alone.
        packages = tuple(path.removesuffix("__init__.py") for path in modules if path.endswith("__init__.py"))
        for statement in self._by_dots if packages else ():
            yield statement, [path for path in self._files[statement] if path.startswith(packages)]

    def _naming(self, names: Iterable[bytes]) -> set[bytes]:
        """The statements that hold one of `names`: searching one long text takes a tenth of asking each."""
        if self._starts is None:
            self._text = b"\n".join(self._files)
            self._starts = [0, *accumulate(len(statement) + 1 for statement in self._files)]
        found: set[bytes] = set()
        for name in names:
            place = self._text.find(name)
            while place >= 0:
                number = bisect_right(self._starts, place)
                start, end = self._starts[number - 1 : number + 1]
                found.add(self._text[start : end - 1])
                place = self._text.find(name, end)
        return found

    def _named(self, path: str, statement: bytes) -> frozenset[str]:
        """The files of the tree that `statement` may import where it stands in `path`."""
        place = path.rpartition("/")[0], statement
        known = self._targets.get(place)
        if known is None:
            known = self._targets[place] = frozenset(
                target for one in self._imports(statement) for target in self._modules.named(path, one)
            )
        return known

    def _imports(self, statement: bytes) -> tuple[Import, ...]:
        known = self._read.get(statement)
        if known is None:
            known = self._read[statement] = tuple(imports(statement))
        return known


def _ends(path: str) -> Iterator[str]:
    """What the module's name may be, depending on where its imports start: `c`, `b.c`, `a.b.c`."""
    dotted = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    yield dotted
    while "." in dotted:
        dotted = dotted.partition(".")[2]
        yield dotted


def _may_mean(statement: Import, ends: set[str]) -> bool:
    """Whether what is imported is called like a module whose name may be one of `ends`; dots may mean anything."""
    if statement.level or statement.module in ends:
        return True
    if statement.names:
        return any(f"{statement.module}.{name}" in ends for name in statement.names)
    parts = statement.module.split(".")
    return any(".".join(parts[:length]) in ends for length in range(1, len(parts)))
