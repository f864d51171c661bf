"""Whether a tree has front ends that name ChatKit: little enough to ask every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.source import Problem, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_WORD = b"chatkit"
_LARGEST = 1_000_000


def named(root: Path, pages: Iterable[str], changed: Mapping[str, str | None]) -> tuple[str, ...]:
    """Those of `pages` that name ChatKit.

    Args:
        root: The checked tree.
        pages: Pages and packages.
        changed: Texts to take instead of what stands in files; None for files to be thought away.
    """
    return tuple(page for page in pages if _WORD in _data(root, page, changed).lower())


def _data(root: Path, page: str, changed: Mapping[str, str | None]) -> bytes:
    if page in changed:
        return (changed[page] or "").encode("utf-8", "surrogatepass")
    data = load(root, page, _LARGEST)
    return b"" if isinstance(data, Problem) else data
