"""The text of an expression, for messages and for names that are compared."""

from __future__ import annotations

import ast


def unparse(node: ast.AST) -> str:
    """As `ast.unparse`; an ellipsis where the expression is nested too deeply to be written out."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return "..."
