"""What an installation would change, decided before anything is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from chatkit_validate.install.carried import CarriedFile

RECORD: Final = "chatkit-validate.json"
"""What was installed, in the folder it was installed into: path -> SHA-256."""


class Action(StrEnum):
    """What happens to one file."""

    ADD = "add"
    UPDATE = "update"
    REMOVE = "remove"
    KEEP = "keep"
    """It is ours no longer: somebody changed it since."""
    CONFLICT = "conflict"
    """Something else stands where ours would."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One file and what happens to it.

    Attributes:
        action: What is done.
        path: Relative to the folder that is installed into.
        file: The content to write; None where nothing is written.
    """

    action: Action
    path: str
    file: CarriedFile | None = None


def installation(folder: Path, files: Iterable[CarriedFile], recorded: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps that bring `files` into `folder`, and take away what an older version brought and this one does not."""
    wanted = {file.path: file for file in files}
    steps = [_step(folder, file, recorded.get(file.path)) for file in wanted.values()]
    steps += [_removal(folder, path, digest) for path, digest in recorded.items() if path not in wanted]
    return tuple(sorted(steps, key=lambda step: step.path))


def removal(folder: Path, recorded: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps that take everything recorded away, except what was changed since."""
    return tuple(_removal(folder, path, digest) for path, digest in sorted(recorded.items()))


def _step(folder: Path, file: CarriedFile, recorded: str | None) -> Step:
    target = folder / file.path
    if not target.exists() and not target.is_symlink():
        return Step(Action.ADD, file.path, file)
    there = digest_of(target)
    if there == digest(file.content):
        return Step(Action.NOTHING, file.path, file)
    return Step(Action.UPDATE if recorded is not None and there == recorded else Action.CONFLICT, file.path, file)


def _removal(folder: Path, path: str, recorded: str) -> Step:
    there = digest_of(folder / path)
    if there is None:
        return Step(Action.NOTHING, path)
    return Step(Action.REMOVE if there == recorded else Action.KEEP, path)


def read_record(folder: Path) -> dict[str, str]:
    """What was installed into `folder` before; empty where nothing was, or the record cannot be read."""
    try:
        data: Any = json.loads((folder / RECORD).read_text("utf-8"))
        files = data["files"]
        return {str(path): str(value) for path, value in files.items() if _is_inside(str(path))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_inside(path: str) -> bool:
    # The record decides what is deleted, so it may not name anything outside.
    return not path.startswith(("/", "\\")) and ".." not in path.split("/") and ":" not in path


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str | None:
    """The digest of the file at `path`; None where there is no readable file."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return None
