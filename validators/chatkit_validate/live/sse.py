"""Server-sent events as bytes arrive, each with the time it was complete."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\n|\Z)")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream.

    Attributes:
        at: Seconds from sending the request until the frame's last byte was there.
        data: Its `data:` lines, joined by line feeds; empty where it has none.
        fields: Names of its other fields (`event`, `id`, `retry`), in order; comments are not among them.
    """

    at: float
    data: str
    fields: tuple[str, ...] = ()


class SseParser:
    """Cuts a stream into frames (WHATWG HTML, 9.2.6). Comments are dropped: they keep connections alive."""

    def __init__(self) -> None:
        self._buffer = b""
        self._data: list[str] = []
        self._fields: list[str] = []

    def feed(self, chunk: bytes, at: float) -> list[Frame]:
        """Takes what arrived at `at` (seconds); answers the frames that it completes."""
        self._buffer += chunk
        frames = []
        while match := _LINE_END.search(self._buffer):
            line = self._buffer[: match.start()].decode("utf-8", "replace")
            self._buffer = self._buffer[match.end() :]
            if line:
                self._field(line)
            elif self._data or self._fields:
                frames.append(Frame(at, "\n".join(self._data), tuple(self._fields)))
                self._data, self._fields = [], []
        return frames

    @property
    def rest(self) -> str:
        """What stands after the last complete frame; not empty where a stream was cut in the middle of one."""
        return "\n".join([*self._data, self._buffer.decode("utf-8", "replace")]).strip("\n")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
        elif name:
            self._fields.append(name)
