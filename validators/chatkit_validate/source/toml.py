"""TOML files, each parsed once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


@lru_cache(maxsize=32)
def tables(text: str) -> dict[str, Any]:
    """The tables of a TOML file, which nobody changes: several readers want to know of the same pyproject.toml.

    Raises:
        ValueError: `text` is no TOML.
        RecursionError: It is nested too deeply.
    """
    import tomllib  # a tenth of a small check, and many trees have none of these files

    return tomllib.loads(text)
