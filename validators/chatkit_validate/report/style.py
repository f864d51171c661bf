"""Colour and hyperlinks on terminals that want them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


@dataclass(frozen=True, slots=True)
class Style:
    """How text is marked up.

    Attributes:
        colour: Whether to write ANSI colours.
        links: The folder that paths are relative to, for OSC 8 hyperlinks; None for none.
    """

    colour: bool = False
    links: Path | None = None

    def paint(self, text: str, *codes: int) -> str:
        """`text` in the ANSI attributes `codes`, e.g. 31 for red and 1 for bold."""
        if not self.colour or not codes:
            return text
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m"

    def path(self, path: str, line: int, column: int | None = None) -> str:
        """`path:line:column` (1-based) as editors understand it, linked to the file where links are on."""
        text = ":".join(str(part) for part in (path, line or None, column) if part is not None)
        if self.links is None:
            return text
        from urllib.parse import quote

        return f"\x1b]8;;file://{quote(str((self.links / path).resolve()))}\x1b\\{text}\x1b]8;;\x1b\\"


def style_for(stream: TextIO, root: Path, *, when: str = "auto") -> Style:
    """The style for `stream`.

    Args:
        stream: Where the text goes.
        root: The folder that paths in the text are relative to.
        when: always, never, or auto: colour on terminals unless NO_COLOR is set or TERM is dumb, and wherever
            FORCE_COLOR is set (no-color.org, force-color.org).
    """
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    colour = when == "always" or (when == "auto" and _wanted(terminal=terminal))
    return Style(colour=colour, links=root if colour and terminal else None)


def _wanted(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or terminal
