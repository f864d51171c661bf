"""Edits of source text: fixes, and the shown pair of a rule."""

from __future__ import annotations

from chatkit_validate.record import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the characters from `start` to `end` (offsets into the decoded text) of `path` by `text`."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that make a failing rule pass.

    Attributes:
        safe: Whether behaviour other than the fault is certain to stay as it is.
        edits: Non-overlapping, in order of path and start.
    """

    safe: bool
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The pair that a rule's page shows: one edit of the shared minimal app (`rules/minimal`).

    Attributes:
        path: File of the minimal app, e.g. `app/main.py`.
        good: Text that stands there exactly once and passes.
        bad: What stands in its place in the failing version.
    """

    path: str
    good: str
    bad: str
