"""Files written whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(file: Path, data: bytes) -> None:
    """Replaces the content of `file` by `data` in one step; whoever reads it meanwhile sees the old or the new.

    Its permissions stay. Where `file` is a symbolic link, what it leads to is replaced.

    Raises:
        OSError: It cannot be written; what stood there still stands.
    """
    target = file.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with beside.open("xb") as stream:
            if target.exists():
                beside.chmod(target.stat().st_mode & 0o7777)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
