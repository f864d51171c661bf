"""Versions and version ranges as packages declare them (PEP 440; poetry's caret and tilde)."""

from __future__ import annotations

import re
from typing import TypeAlias

from chatkit_validate.record import dataclass

_VERSION = (
    r"(?i)v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>\d*))?"
    r"(?P<post>(?:-\d+)|(?:[-_.]?(?:post|rev|r)[-_.]?\d*))?"
    r"(?P<dev>[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9._-]+)?"
)
_CLAUSE = r"(===|==|~=|!=|<=|>=|<|>|\^|~|=)?\s*([^\s,;]+)"
_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}

Key: TypeAlias = tuple[int, tuple[int, ...], int, int]
"""Orders versions: epoch, release without trailing zeros, phase (before, alpha .. final, after), number."""


def version_key(text: str) -> Key | None:
    """The ordering key of one version, or None where `text` is no version."""
    match = re.fullmatch(_VERSION, text.strip())
    if match is None:
        return None
    release = [int(part) for part in match["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    phase, number = 3, 0
    if match["pre"]:
        phase, number = _PRE[match["pre"].lower()], int(match["pre_n"] or 0)
    elif match["dev"]:
        phase = -1
    elif match["post"]:
        phase = 4
        number = int("".join(filter(str.isdigit, match["post"])) or 0)
    return int(match["epoch"] or 0), tuple(release), phase, number


@dataclass(frozen=True, slots=True)
class Range:
    """A contiguous set of versions.

    Attributes:
        low: The smallest version, or None for no lower bound.
        high: The bound above, or None.
        low_open: Whether `low` itself is outside.
        high_open: Whether `high` itself is outside.
    """

    low: Key | None = None
    high: Key | None = None
    low_open: bool = False
    high_open: bool = True

    @property
    def empty(self) -> bool:
        """Whether no version lies inside."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: Range) -> Range:
        """The versions inside both."""
        low, low_open = max(
            ((self.low, self.low_open), (other.low, other.low_open)),
            key=lambda bound: (bound[0] is not None, bound[0] or (), bound[1]),
        )
        highs = [
            bound for bound in ((self.high, self.high_open), (other.high, other.high_open)) if bound[0] is not None
        ]
        high, high_open = min(highs, key=lambda bound: (bound[0] or (), not bound[1]), default=(None, True))
        return Range(low, high, low_open, high_open)


ANY = Range()


def version_range(specifier: str) -> Range | None:
    """The contiguous range that a specifier allows, `!=` left out; None where a clause cannot be read.

    Reads PEP 440 (`>=1.6,<1.7`, `==1.6.*`, `~=1.4`), poetry's `^1.6` and `~1.6` and a bare version, as in lock files.
    """
    allowed = ANY
    for clause in filter(None, (part.strip() for part in specifier.strip("() ").split(","))):
        if clause in {"*", "latest"}:
            continue
        match = re.fullmatch(_CLAUSE, clause)
        if match is None:
            return None
        one = _clause_range(match[1] or "==", match[2])
        if one is None:
            return None
        allowed = allowed.meet(one)
    return allowed


def _clause_range(operator: str, text: str) -> Range | None:
    base = text.removesuffix(".*")
    key, parts = version_key(base), len(_release(base))
    if key is None:
        return None
    if operator == "!=":
        return ANY
    if base != text:
        return _from(base, parts)
    if kept := {"~=": max(parts - 1, 1), "~": min(parts, 2), "^": _caret(text)}.get(operator):
        return _from(text, kept)
    below, above = operator in {"<", "<="}, operator in {">", ">="}
    return Range(
        low=None if below else key,
        high=None if above else key,
        low_open=operator == ">",
        high_open=operator in {"<", ">", ">="},
    )


def _release(text: str) -> list[int]:
    match = re.fullmatch(_VERSION, text)
    return [int(part) for part in match["release"].split(".")] if match else [0]


def _caret(text: str) -> int:
    """How many leading parts `^` keeps: up to and including the first that is not zero."""
    release = _release(text)
    return next((index + 1 for index, part in enumerate(release) if part), len(release))


def _from(text: str, kept: int) -> Range:
    """From `text` up to, and without, the next value of its first `kept` parts."""
    release = _release(text)
    upper = [*release[: kept - 1], (release[kept - 1] if kept <= len(release) else 0) + 1]
    return Range(low=version_key(text), high=version_key(".".join(map(str, upper))))
