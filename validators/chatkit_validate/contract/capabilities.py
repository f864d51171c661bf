"""What a store is meant to do: declared, never guessed from what it fails to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Isolation(StrEnum):
    """Who sees what."""

    USER = "user"
    """Every user sees their own threads, items and attachments only."""
    SHARED = "shared"
    """All callers see the same: an application with one user, or shared on purpose."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the store under test is declared to do.

    Attributes:
        attachments: Whether attachments are enabled. None: they are, unless `save_attachment` or `load_attachment`
            raises `NotImplementedError`.
        isolation: Who sees what.
        concurrency: Whether one store object serves several requests at once, as it does in any ASGI application.
        processes: Whether several processes (workers, restarts) share the data.
    """

    attachments: bool | None = None
    isolation: Isolation = Isolation.USER
    concurrency: bool = True
    processes: bool = True
