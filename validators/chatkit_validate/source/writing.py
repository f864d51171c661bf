"""Files written whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(file: Path, data: bytes) -> None:
    """Replaces the content of `file` by `data` in one step; whoever reads it meanwhile sees the old or the new.

    Its permissions stay. Where `file` is a symbolic link, what it leads to is replaced.

    Raises:
        OSError: It cannot be written; what stood there still stands.
    """
    write_all({file: data})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Replaces the contents of several files. The new ones are written beside the old before the first is replaced.

    Raises:
        OSError: One cannot be written; nothing was changed, unless the file system fails while it renames.
    """
    staged: dict[Path, Path] = {}
    try:
        for file, data in contents.items():
            target = file.resolve()
            beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
            staged[beside] = target
            _stage(beside, target, data)
        for beside, target in staged.items():
            beside.replace(target)
    finally:
        for beside in staged:
            beside.unlink(missing_ok=True)


def _stage(beside: Path, target: Path, data: bytes) -> None:
    with beside.open("xb") as stream:
        if target.exists():
            if not os.access(target, os.W_OK):
                raise PermissionError(13, "Permission denied", str(target))
            beside.chmod(target.stat().st_mode & 0o7777)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
