"""One decoded and parsed Python file, and places in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    import ast

LINE_END: Final = r"\r\n|\r|\n"
"""Pattern of what ends a line for the parser; `str.splitlines` knows more."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands.

    Attributes:
        path: Relative to the checked tree, with forward slashes.
        line: 1-based; 0 for the file as a whole.
        column: 0-based, in characters.
        end_line: 1-based, inclusive.
        end_column: 0-based, exclusive.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file that was read, decoded (PEP 263) and parsed.

    Attributes:
        path: Relative to the checked tree, with forward slashes.
        text: The decoded text, line ends as in the file.
        tree: Its syntax tree.
    """

    path: str
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)
    _lines: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def lines(self) -> list[str]:
        """The lines as the parser counts them, without their ends; line 1 is item 0."""
        if not self._lines:
            self._lines.extend(re.split(LINE_END, self.text))
        return self._lines

    def place(self, node: ast.AST) -> Place:
        """Where `node` of this file's tree stands; the whole file for a node without a position."""
        line = getattr(node, "lineno", 0)
        if not line:
            return Place(self.path)
        end_line = getattr(node, "end_lineno", None) or line
        return Place(
            self.path,
            line,
            self._characters(line, getattr(node, "col_offset", 0)),
            end_line,
            self._characters(end_line, getattr(node, "end_col_offset", None) or 0),
        )

    def offset(self, line: int, column: int) -> int:
        """The offset into `text` of a 1-based line and a 0-based column in characters."""
        end = 0
        for number, match in enumerate(re.finditer(LINE_END, self.text), start=2):
            if number > line:
                break
            end = match.end()
        return end + column

    def _characters(self, line: int, column: int) -> int:
        """The parser counts columns in UTF-8 bytes."""
        if self.text.isascii():
            return column
        text = self.lines[line - 1]
        return (
            column if text.isascii() else len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        )
