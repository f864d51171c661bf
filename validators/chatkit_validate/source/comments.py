"""The comments of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.source.file import SourceFile


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment.

    Attributes:
        line: 1-based.
        column: 0-based, in characters.
        text: As written, with its `#`.
    """

    line: int
    column: int
    text: str


def comments(file: SourceFile) -> tuple[Comment, ...]:
    """The comments of `file` in order; a `#` inside a string is none.

    Where tokenizing stops at syntax newer than the running interpreter, those before it.
    """
    if "#" not in file.text:
        return ()
    import contextlib
    import io
    import tokenize

    found: list[Comment] = []
    # The tokenizer knows no line end by a carriage return alone; the parser does.
    text = file.text.replace("\r\n", "\n").replace("\r", "\n")
    with contextlib.suppress(tokenize.TokenError, SyntaxError, RecursionError, MemoryError):
        found.extend(
            Comment(token.start[0], token.start[1], token.string)
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        )
    return tuple(found)
