"""Syntax newer than the running interpreter, written in older syntax where that says the same to a reader of names.

Type parameters and their bounds go (PEP 695, 696), `type X = …` becomes an assignment (PEP 695), and exception types
without parentheses get them (PEP 758). Lines stay as they are, and columns up to the end of the construct.
"""

from __future__ import annotations

import io
import re
import tokenize
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from chatkit_validate.source.file import LINE_END

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LAYOUT: Final = frozenset({tokenize.COMMENT, tokenize.NL})
_STATEMENT_ENDS: Final = frozenset({tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
_LINE: Final = r"[^\n]*\n?"


def rewrite(text: str) -> str | None:
    """`text` in older syntax; none where there is nothing to rewrite, or its tokens cannot be told apart."""
    text = re.sub(LINE_END, "\n", text)
    try:
        tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in _LAYOUT]
    except (tokenize.TokenError, SyntaxError, RecursionError, MemoryError):
        return None
    edits = list(_Rewriting(text, tokens).edits())
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text if edits else None


class _Rewriting:
    """Finds what is to be replaced in `text`, given its tokens."""

    def __init__(self, text: str, tokens: Sequence[tokenize.TokenInfo]) -> None:
        self._text = text
        self._tokens = tokens
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def edits(self) -> Iterator[tuple[int, int, str]]:
        """Start, end and new text of each, in order and apart."""
        fresh = True
        for index, token in enumerate(self._tokens[:-3]):
            if token.type in _STATEMENT_ENDS or token.string in (";", ":"):
                fresh = True
            elif fresh and token.string != "async":
                fresh = False
                yield from self._statement(index)

    def _statement(self, index: int) -> Iterator[tuple[int, int, str]]:
        first, second, third = self._tokens[index : index + 3]
        generic = third.string == "["
        if first.string in ("def", "class") and generic:
            yield self._blank(index + 2)
        elif first.string == "type" and second.type == tokenize.NAME and third.string in ("[", "="):
            start, end = self._start(index), self._end(index + 1)
            yield start, end, second.string.ljust(end - start)
            if generic:
                yield self._blank(index + 2)
        elif first.string == "except":
            yield from self._parenthesise(index + 2 if second.string == "*" else index + 1)

    def _blank(self, opening: int) -> tuple[int, int, str]:
        """Spaces in place of a bracket and what is in it; backslashes join the lines that the bracket joined."""
        start, end = self._start(opening), self._end(self._closing(opening))
        lines = re.findall(_LINE, self._text[start:end])
        return (
            start,
            end,
            "".join(" " * (len(line) - 2) + "\\\n" if line.endswith("\n") else " " * len(line) for line in lines),
        )

    def _parenthesise(self, index: int) -> Iterator[tuple[int, int, str]]:
        """Brackets around exception types that commas alone hold together."""
        position, several = index, False
        while self._tokens[position].string not in (":", "as") and position < len(self._tokens) - 1:
            several = several or self._tokens[position].string == ","
            position = self._closing(position) + 1
        if several:
            start = self._start(index)
            room = self._text[start - 1] == " "
            yield (start - 1 if room else start), start, "("
            yield (end := self._end(position - 1)), end, ")"

    def _closing(self, opening: int) -> int:
        """The index of the bracket that closes the one at `opening`; `opening` itself where there is none."""
        depth = 0
        for index in range(opening, len(self._tokens)):
            depth += (self._tokens[index].string in ("(", "[", "{")) - (self._tokens[index].string in (")", "]", "}"))
            if depth <= 0:
                return index
        return opening

    def _start(self, index: int) -> int:
        line, column = self._tokens[index].start
        return self._lines[line - 1] + column

    def _end(self, index: int) -> int:
        line, column = self._tokens[index].end
        return self._lines[line - 1] + column
