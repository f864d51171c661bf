"""What one look at a file's bytes tells: whether it names ChatKit, and what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from chatkit_validate.ahead import SEED
from chatkit_validate.source.imports import statements
from chatkit_validate.source.opening import MAX_BYTES, load_unlinked
from chatkit_validate.source.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

SEARCHED_BYTES: Final = 64_000_000
"""Of a larger file nothing is known but its name."""

_SEED: Final = SEED.encode()

Look: TypeAlias = tuple[bool, bool, list[bytes]] | Problem | None
"""Whether it holds `SEED`, whether it is too large to be parsed, its import statements; None for a link.

A tuple, because thousands of them go from process to process.
"""


def look(root: Path | str, path: str) -> Look:
    """Reads `path` (relative to `root`) once."""
    data = load_unlinked(root, path, SEARCHED_BYTES)
    if data is None or isinstance(data, Problem):
        return data
    return _SEED in data.lower(), len(data) > MAX_BYTES, statements(data)
