"""From a path to a parsed file, or to the reason why there is none."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from typing import TYPE_CHECKING, Final

from chatkit_validate.source.decode import UndecodableError, decode
from chatkit_validate.source.file import LINE_END, SourceFile
from chatkit_validate.source.nodes import children
from chatkit_validate.source.opening import load
from chatkit_validate.source.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

MAX_DEPTH: Final = 400
"""Deeper trees are not analysed: every reader may then walk them by recursion."""

MAX_TOKENS: Final = 400_000
"""Files of more words and signs are not parsed: the tree of each takes some 300 bytes."""

MAX_PLACEHOLDERS: Final = 40_000
"""Before Python 3.12 an f-string takes time that grows with the square of its placeholders."""

_WORD: Final = r"#[^\n]*|\w+|[^\w\s]"

_NEWER: Final = (
    (r"^f-string", (3, 12), "an f-string with quotes, backslashes or comments inside (PEP 701)"),
    (r"^\s*(?:async\s+)?(?:def|class)\s+\w+\s*\[", (3, 12), "type parameters (PEP 695)"),
    (r"^\s*type\s+\w+\s*[\[=]", (3, 12), "a type statement (PEP 695)"),
    (r"^\s*except\*?\s+[^(:]+,", (3, 14), "except without parentheses (PEP 758)"),
    (r"""(?<!\w)(?:[tT][rR]?|[rR][tT])["']""", (3, 14), "a template string (PEP 750)"),
    (r"^\s*lazy\s+(?:import|from)\s", (3, 15), "a lazy import (PEP 810)"),
)


def read(root: Path | str, path: str) -> SourceFile | Problem:
    """Opens, decodes and parses one Python file; never raises for what stands in it.

    Args:
        root: The checked tree.
        path: Relative to it, with forward slashes.
    """
    data = load(root, path)
    if isinstance(data, Problem):
        return data
    try:
        text = decode(data)
    except UndecodableError as error:
        return Problem(path, 0, ProblemKind.UNDECODABLE, str(error))
    return parse(path, text)


def parse(path: str, text: str) -> SourceFile | Problem:
    """The syntax tree of `text`, which stands in `path`."""
    if excess := _excess(text):
        return Problem(path, 0, ProblemKind.TOO_LARGE, f"it has {excess} and was not parsed; split it")
    try:
        tree = _parse(text)
    except SyntaxError as error:
        return _explain(path, text, error)
    except (RecursionError, MemoryError):
        return _too_deep(path)
    except ValueError as error:
        return Problem(path, 0, ProblemKind.SYNTAX, f"Python cannot parse it: {error}")
    if _is_deeper(tree, MAX_DEPTH):
        return _too_deep(path)
    return SourceFile(path, text, tree)


def _excess(text: str) -> str:
    """What there is too much of; empty where the text may be parsed."""
    if text.count("{") > MAX_PLACEHOLDERS:
        return f"more than {MAX_PLACEHOLDERS:,} curly brackets"
    if len(text) > MAX_TOKENS and sum(1 for _ in re.finditer(_WORD, text)) > MAX_TOKENS:
        return f"more than {MAX_TOKENS:,} words and signs"
    return ""


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # Warnings about the target's string escapes are not this tool's to print.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError:
            from chatkit_validate.source.newer import rewrite

            older = rewrite(text)
            if older is None:
                raise
            return ast.parse(older)


def _too_deep(path: str) -> Problem:
    return Problem(
        path, 0, ProblemKind.TOO_DEEP, "an expression or statement in it is nested too deeply to be analysed; split it"
    )


def _explain(path: str, text: str, error: SyntaxError) -> Problem:
    line = error.lineno or 0
    running = sys.version_info[:2]
    shown = "".join(re.split(LINE_END, text)[line - 1 : line]) if line else ""
    for pattern, version, construct in _NEWER:
        if running < version and re.search(pattern, error.msg if construct.startswith("an f-string") else shown):
            needed = ".".join(map(str, version))
            return Problem(
                path,
                line,
                ProblemKind.NEWER_SYNTAX,
                f"it seems to use {construct}, which needs Python {needed}; this is {running[0]}.{running[1]}:"
                f" run chatkit-validate with Python {needed} or newer",
            )
    if "too many" in error.msg and "nested" in error.msg:
        return _too_deep(path)
    return Problem(path, line, ProblemKind.SYNTAX, f"Python cannot parse it: {error.msg}; mend the syntax")


def _is_deeper(tree: ast.AST, limit: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        below = [child for node in level for child in children(node)]
        if not below:
            return False
        level = below
    return True
