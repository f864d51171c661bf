"""Puts the text of regions into the code blocks that claim them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.bundle.regions import blocks, region

if TYPE_CHECKING:
    from pathlib import Path


def rewritten(text: str, root: Path) -> str:
    """`text` with every claiming block holding its region's text of today; other blocks stay as they are.

    Args:
        text: Markdown.
        root: What the regions' paths are relative to.

    Raises:
        RegionError: A claimed region does not exist.
    """
    lines = text.splitlines(keepends=True)
    for block in reversed(list(blocks(text))):
        if block.region:
            fence = lines[block.line - 1]
            indent = fence[: len(fence) - len(fence.lstrip(" "))]
            body = region(root, block.region).splitlines()
            lines[block.line : block.end_line - 1] = [f"{indent}{line}".rstrip() + "\n" for line in body]
    return "".join(lines)
