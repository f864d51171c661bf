"""Which files of a tree an import statement may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.source.imports import Import


class Modules:
    """The Python files of a tree as modules.

    Where the interpreter will look depends on how a program is started, so every folder above the importing file counts
    as a place to start from; only what none of them has is looked for under any other folder.

    Args:
        paths: Relative to the tree, with forward slashes.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_stem: dict[str, list[str]] = {}

    def named(self, path: str, statement: Import) -> Iterator[str]:
        """The files that `statement`, which stands in `path`, may import; none for other people's modules."""
        parts = statement.module.split(".") if statement.module else []
        folder = path.rpartition("/")[0]
        if statement.level:
            above = folder.split("/") if folder else []
            if statement.level - 1 <= len(above):
                base = above[: len(above) - statement.level + 1]
                yield from self._at("/".join(base + parts), statement.names)
        elif statement.names:
            yield from self._absolute(folder, parts, statement.names)
        else:
            for length in range(1, len(parts) + 1):
                yield from self._absolute(folder, parts[:length], ())

    def _absolute(self, folder: str, parts: list[str], names: tuple[str, ...]) -> list[str]:
        dotted = "/".join(parts)
        found: list[str] = []
        start = folder
        while True:
            found += self._at(f"{start}/{dotted}" if start else dotted, names)
            if not start:
                break
            start = start.rpartition("/")[0]
        wanted = (dotted, *(f"{dotted}/{name}" for name in names))
        return found or [path for name in wanted for path in self._ending(name)]

    def _at(self, base: str, names: tuple[str, ...]) -> list[str]:
        """The module or package at `base`, and the modules of that package among `names`."""
        wanted = [base, *(f"{base}/{name}" if base else name for name in names)]
        return [
            path
            for name in wanted
            for path in (f"{name}.py", f"{name}/__init__.py" if name else "__init__.py")
            if path in self._paths
        ]

    def _ending(self, dotted: str) -> list[str]:
        """Every file that is called so under some folder."""
        if not self._by_stem:
            for path in self._paths:
                self._by_stem.setdefault(stem(path), []).append(path)
        ends = (f"/{dotted}.py", f"/{dotted}/__init__.py")
        return [path for path in self._by_stem.get(dotted.rpartition("/")[2], ()) if path.endswith(ends)]


def stem(path: str) -> str:
    """The last component of the module's name: of a package, its folder."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] if folder and name == "__init__.py" else name.removesuffix(".py")
