"""What could not be analysed, and why."""

from __future__ import annotations

from enum import StrEnum

from chatkit_validate.record import dataclass


class ProblemKind(StrEnum):
    """The closed set of reasons why a file or a setting could not be analysed."""

    UNREADABLE = "unreadable"
    NOT_A_FILE = "not-a-file"
    OUTSIDE = "outside"
    TOO_LARGE = "too-large"
    UNDECODABLE = "undecodable"
    SYNTAX = "syntax"
    NEWER_SYNTAX = "newer-syntax"
    TOO_DEEP = "too-deep"
    TIMED_OUT = "timed-out"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A file or folder that could not be analysed.

    Attributes:
        path: Relative to the checked tree, with forward slashes.
        line: 1-based, or 0 where no line is known.
        kind: Why, as a stable word for programs.
        reason: Why, as a sentence for people, with the way out.
    """

    path: str
    line: int
    kind: ProblemKind
    reason: str
