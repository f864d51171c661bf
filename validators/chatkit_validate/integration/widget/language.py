"""The parsers of front-end languages, which are an extra: where one is missing, that is said and nothing is read."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Parser

INSTALL: Final = "pip install 'chatkit-validate[widget]'"

# Ending -> the distribution's module and the function that gives the grammar.
_GRAMMARS: Final = {
    "ts": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "js": ("tree_sitter_javascript", "language"),
    "html": ("tree_sitter_html", "language"),
}
_ENDINGS: Final = {
    **{ending: ending for ending in ("ts", "tsx", "js")},
    **dict.fromkeys(("mts", "cts"), "ts"),
    **dict.fromkeys(("jsx", "mjs", "cjs"), "js"),
    **dict.fromkeys(("html", "htm", "vue", "svelte"), "html"),
}

ENDINGS: Final = tuple(f".{ending}" for ending in _ENDINGS)
"""The endings of files that can be read."""


@cache
def missing() -> str:
    """Why front ends cannot be read, with the line that installs what is missing; empty where they can."""
    for module in ("tree_sitter", *{module for module, _ in _GRAMMARS.values()}):
        try:
            import_module(module)
        except ImportError:
            return f"reading front ends needs tree-sitter, which is not installed: {INSTALL}"
    return ""


def language_of(path: str) -> str:
    """The grammar for the file at `path`; empty where there is none."""
    return _ENDINGS.get(path.rpartition(".")[2].lower(), "")


@cache
def parser(language: str) -> Parser:
    """The parser of one grammar.

    Raises:
        ImportError: `missing` tells why.
    """
    from tree_sitter import Language, Parser

    module, function = _GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))
