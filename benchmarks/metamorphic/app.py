"""The apps that are rewritten: their files as texts, and how their names were called before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
_KEPT = (".py", ".toml", ".txt", ".example")
BASES: Mapping[str, str] = {
    "taskflow": "fixtures/taskflow",
    "todo_app": "fixtures/todo_app/backend",
    "minimal": "validators/chatkit_validate/rules/minimal",
}


@dataclass(frozen=True)
class App:
    """One app.

    Attributes:
        name: Which base it was made from.
        files: Path -> text; paths are relative, with forward slashes.
        renamed: New name -> the one it had in the base.
    """

    name: str
    files: Mapping[str, str]
    renamed: Mapping[str, str] = field(default_factory=dict)

    def modules(self) -> Iterator[tuple[str, str]]:
        """Path and text of each Python file, in order."""
        return ((path, text) for path, text in sorted(self.files.items()) if path.endswith(".py"))

    def having(self, changed: Mapping[str, str], renamed: Mapping[str, str] | None = None) -> App:
        """The app with these texts, and with these names remembered."""
        earlier = {new: self.renamed.get(old, old) for new, old in (renamed or {}).items()}
        return replace(self, files={**self.files, **changed}, renamed={**self.renamed, **earlier})

    def fresh(self, name: str) -> str:
        """A name like `name` that occurs nowhere in the app."""
        number = 1
        while any(f"{name}_{number}" in text for text in self.files.values()):
            number += 1
        return f"{name}_{number}"

    def write(self, folder: Path) -> Path:
        """Puts the files below `folder`."""
        for path, text in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        return folder


@lru_cache
def base(name: str) -> App:
    """An untouched app, one of `BASES`."""
    folder = ROOT / BASES[name]
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name.endswith(_KEPT) and not _is_aside(path.relative_to(folder).parts)
    }
    return App(name, files)


def _is_aside(parts: tuple[str, ...]) -> bool:
    return bool({"tests", "driver", "migrations", "__pycache__", ".venv"} & {*parts}) or parts[-1] == "bridge_main.py"


def dotted(path: str) -> str:
    """The name that the module at `path` is imported by."""
    pure = PurePosixPath(path).with_suffix("")
    return ".".join(pure.parts[:-1] if pure.name == "__init__" else pure.parts)
