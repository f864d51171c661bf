"""One decoded and parsed Python file, and places in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast


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

    def place(self, node: ast.AST) -> Place:
        """Where `node` of this file's tree stands; the whole file for a node without a position."""
        line = getattr(node, "lineno", 0)
        end_line = getattr(node, "end_lineno", None) or line
        return Place(
            self.path,
            line,
            getattr(node, "col_offset", 0),
            end_line,
            getattr(node, "end_col_offset", None) or 0,
        )
