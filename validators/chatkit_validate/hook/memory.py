"""What hooks of one session remember from call to call, in the user's cache folder."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

_KEPT_SECONDS: Final = 7 * 24 * 3600
_PATIENCE: Final = 30
"""Seconds after which a check that has begun and not ended will not end."""


class Memory:
    """One session's memory of one project.

    Attributes:
        failures: Marks of the failures that the last check saw (see `failures.marks`); None before the first.
        read: Paths of the files that it read.
        blocked: Marks of failures that an agent was already stopped for.
    """

    def __init__(self, session: str, root: str) -> None:
        self._folder = os.path.join(_cache(), "hooks", _name(session, root))
        data = self._load()
        failures = data.get("failures")
        self.failures: set[str] | None = set(failures) if isinstance(failures, list) else None
        self.read: set[str] = set(data.get("read", ()))
        self.blocked: set[str] = set(data.get("blocked", ()))

    def first(self, *call: str) -> bool:
        """Whether nobody asked with the same words before: plugin and project may both run this hook for one call."""
        name = _name(*call)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            os.close(os.open(os.path.join(self._folder, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        except OSError:
            # Nothing can be remembered here: better twice than never.
            return True
        return True

    def gave_up(self) -> bool:
        """Whether an earlier check of this session ran out of time; otherwise notes that one begins."""
        import time

        started = os.path.join(self._folder, "started")
        try:
            if time.time() - os.stat(started).st_mtime > _PATIENCE:
                return True
        except OSError:
            pass
        with contextlib.suppress(OSError):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            os.close(os.open(started, os.O_CREAT | os.O_WRONLY, 0o600))
        return False

    def keep(self, *, failures: Iterable[str], read: Iterable[str]) -> None:
        """Remembers what a check saw."""
        self.failures, self.read = set(failures), set(read)
        self._save()
        self.finished()

    def finished(self) -> None:
        """Notes that the check that `gave_up` saw begin has ended."""
        with contextlib.suppress(OSError):
            os.remove(os.path.join(self._folder, "started"))

    def block(self, marks: Iterable[str]) -> None:
        """Remembers what an agent was stopped for."""
        self.blocked.update(marks)
        self._save()

    def _load(self) -> dict[str, Any]:
        try:
            with open(os.path.join(self._folder, "memory.json"), encoding="utf-8") as file:
                data = json.load(file)
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _save(self) -> None:
        data = {
            "failures": None if self.failures is None else sorted(self.failures),
            "read": sorted(self.read),
            "blocked": sorted(self.blocked),
        }
        target = os.path.join(self._folder, "memory.json")
        try:
            new = not os.path.exists(target)
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            with open(f"{target}.{os.getpid()}", "w", encoding="utf-8") as file:
                json.dump(data, file)
            os.replace(f"{target}.{os.getpid()}", target)
        except OSError:
            return
        if new:
            _tidy(os.path.dirname(self._folder))
            _remember_interpreter()


def _name(*words: str) -> str:
    """A file name for these words: what is readable of the first, and checksums of all."""
    text = "\0".join(words)
    readable = "".join(c for c in words[0] if c.isascii() and (c.isalnum() or c == "-"))[:60]
    data = text.encode("utf-8", "surrogatepass")
    return f"{readable}-{zlib.crc32(data):08x}{zlib.adler32(data):08x}"


def _cache() -> str:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "chatkit-validate")


def _remember_interpreter() -> None:
    """Tells the launcher which interpreter to begin with."""
    try:
        with open(os.path.join(_cache(), "python"), "w", encoding="utf-8") as file:
            file.write(f"{sys.executable}\n")
    except OSError:
        return


def _tidy(folder: str) -> None:
    """Removes the memories of sessions that are long over."""
    import shutil
    import time

    for entry in os.scandir(folder):
        try:
            if entry.stat().st_mtime < time.time() - _KEPT_SECONDS:
                shutil.rmtree(entry.path, ignore_errors=True)
        except OSError:
            continue
