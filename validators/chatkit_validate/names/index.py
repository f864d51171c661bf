"""Which file a dotted module name means, seen from the file that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Folders that hold an import root although nothing in them says so.
_SOURCE_FOLDERS = ("src", "lib", "app", "backend")


@dataclass(slots=True)
class Index:
    """The Python files of the checked tree by path, with the questions import resolution asks.

    Attributes:
        files: Paths relative to the tree, with forward slashes.
    """

    files: frozenset[str]
    _folders: frozenset[str] = field(init=False)
    _roots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _tops: dict[str, list[str]] | None = None

    def __post_init__(self) -> None:
        folders: set[str] = set()
        for path in self.files:
            folder = path.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        self._folders = frozenset(folders)

    def locate(self, root: str, dotted: str) -> str | None:
        """The file of module `dotted` under import root `root`; a folder without `__init__.py` ends in a slash."""
        path = join(root, dotted.replace(".", "/"))
        if f"{path}/__init__.py" in self.files:
            return f"{path}/__init__.py"
        if f"{path}.py" in self.files:
            return f"{path}.py"
        if path in self._folders:
            return f"{path}/"
        return None

    def roots(self, folder: str) -> tuple[str, ...]:
        """Import roots for files in `folder`, likeliest first.

        Enclosing folders that are no packages come first, nearest first, then source folders beside them, then
        enclosing packages (an application started from inside its own package).
        """
        known = self._roots.get(folder)
        if known is None:
            plain = [parent for parent in enclosing(folder) if f"{join(parent, '__init__.py')}" not in self.files]
            packages = [parent for parent in enclosing(folder) if parent not in plain]
            beside = [join(parent, name) for parent in plain for name in _SOURCE_FOLDERS]
            beside = [parent for parent in beside if parent in self._folders and parent not in plain]
            known = tuple(dict.fromkeys((*plain, *beside, *packages)))
            self._roots[folder] = known
        return known

    def elsewhere(self, top: str) -> tuple[str, ...]:
        """Import roots anywhere in the tree that hold a top-level package or module `top`."""
        if self._tops is None:
            self._tops = {}
            for path in self.files:
                folder, _, name = path.rpartition("/")
                if name == "__init__.py":
                    parent, _, name = folder.rpartition("/")
                    if join(parent, "__init__.py") not in self.files:
                        self._tops.setdefault(name, []).append(parent)
        return tuple(sorted(self._tops.get(top, ())))


def join(folder: str, name: str) -> str:
    """`folder/name`, or `name` where `folder` is the tree itself."""
    return f"{folder}/{name}" if folder else name


def enclosing(folder: str) -> Iterator[str]:
    """`folder` and every folder above it up to the tree itself."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def index(paths: Iterable[str]) -> Index:
    """An index of `paths`."""
    return Index(frozenset(paths))
