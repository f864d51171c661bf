"""What a long run is doing, on a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO

_PATIENCE = 0.5  # seconds: shorter runs say nothing


class Progress:
    """Shows the current phase on one line of `stream`, once a run has taken half a second; wipes it at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._began = time.monotonic()
        self._shown = False

    def say(self, phase: str) -> None:
        """Notes that `phase` begins."""
        if self._terminal and time.monotonic() - self._began > _PATIENCE:
            self._stream.write(f"\r\x1b[K{phase} ...")
            self._stream.flush()
            self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
