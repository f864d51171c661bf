"""What a served app says of itself: its standard output and error, read while it runs."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

_MOST = 8_000_000  # bytes that are read of a log, its end: the start of a chatty one is not worth the memory
_FRAME = "Traceback "

NEVER_AWAITED = re.compile(
    r"coroutine '[\w.]*\bprocess' was never awaited"
    r"|'coroutine' object (?:has no attribute 'json'|is not iterable)|async for' requires an object .* got coroutine"
)
"""What Python says when process() was called and its coroutine taken for the result."""

NOT_ENCODED = re.compile(
    r"Object of type (?:bytes|NonStreamingResult) is not JSON serializable|'bytes' object is not callable"
    r"|'NonStreamingResult' object (?:has no attribute|is not)"
)
"""What Python says when `NonStreamingResult.json` is encoded once more, or called."""

NOT_PREPARED = re.compile(
    r"relation \S+ does not exist|UndefinedTable|no such table|schema \S+ does not exist"
    r"|pool is not initiali[sz]ed|NoneType. object has no attribute '(?:acquire|execute|fetch\w*|begin|cursor)'",
    re.IGNORECASE,
)
"""What databases and drivers say of a store that nobody prepared: no tables (PostgreSQL 42P01, SQLite), or no pool."""

TOOLS_AWAY = re.compile(
    r"\bmcp\b.*\b[45]\d\d\b|\b(?:mcp|tools?)\b.*\b(?:refused|unreachable|could not|cannot)\b", re.IGNORECASE
)
"""What the HTTP client of mcp, the Agents SDK and apps say of an MCP server that is away or refuses the token."""


NO_USER_ID = re.compile(
    r"invalid input syntax for type (?:uuid|integer|bigint)|badly formed hexadecimal UUID|valid UUID|UUID string"
    r"|invalid literal for int|invalid input for query argument|invalid ObjectId|not a valid ObjectId",
    re.IGNORECASE,
)
"""What databases, drivers and Python say of a text that is to be an id and can be none (PostgreSQL 22P02)."""


class AppLog:
    """The log of one app. Reading it does not disturb the app, which goes on writing to the same file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._descriptor = file.fileno()

    def text(self) -> str:
        """All that was said so far, or the last 8 MB of it."""
        size = os.fstat(self._descriptor).st_size
        start = max(0, size - _MOST)
        return os.pread(self._descriptor, size - start, start).decode("utf-8", "replace")

    def last(self, count: int) -> list[str]:
        """The last `count` lines that say something.

        A traceback says the most in its last line; the frames are left out.
        """
        return [line for line in self.text().splitlines() if line.strip() and not line.startswith((" ", _FRAME))][
            -count:
        ]

    def line_with(self, pattern: re.Pattern[str]) -> str:
        """The first line in which `pattern` is found, without the blanks around it; empty where there is none."""
        return next((line.strip() for line in self.text().splitlines() if pattern.search(line)), "")

    def which(self, secrets: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Those of `secrets` that were written, each with the line that holds it first."""
        lines = self.text().splitlines()
        found = ((secret, next((line for line in lines if secret in line), None)) for secret in secrets)
        return tuple((secret, line.strip()) for secret, line in found if line is not None)
