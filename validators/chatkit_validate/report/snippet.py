"""The source lines that verdicts point at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from chatkit_validate.source import Place

_LARGEST = 5_000_000  # bytes; nothing points into a larger file


class Snippets:
    """Lines of the files under one tree, read once each; what cannot be read has no lines."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines: dict[str, tuple[str, ...]] = {}

    def know(self, path: str, text: str) -> None:
        """Takes the text of `path` as already decoded."""
        self._lines.setdefault(path, tuple(text.splitlines()))

    def lines(self, path: str) -> tuple[str, ...]:
        """All lines of `path`, without line ends."""
        if path not in self._lines:
            try:
                file = self._root / path
                text = file.read_text("utf-8", "replace") if file.is_file() and file.stat().st_size <= _LARGEST else ""
            except OSError:
                text = ""
            self._lines[path] = tuple(text.splitlines())
        return self._lines[path]

    def at(self, place: Place) -> str:
        """The text of `place`, whole lines; empty where it names no line."""
        if not place.line:
            return ""
        return "\n".join(self.lines(place.path)[place.line - 1 : max(place.end_line, place.line)])
