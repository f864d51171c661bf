"""Which judgement of the validator answers which gold row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reports import Judgement
    from rows import Row

_OTHER_FILE = 10_000
_SAME_ROOT = 1_000_000

# Of these an application has one, or readers and validator may hold on to different files of the same thing.
_LOOSE = frozenset({"connection", "file", "lifespan", "project", "requirement", "setting", "store"})

_TURN = "turn"
"""Readers name the line that calls the model, a rule may name respond(): in two files they are one if a place is."""


@dataclass(frozen=True, slots=True)
class Match:
    """A gold row and what the validator says there; no judgement where it says nothing."""

    row: Row
    judgement: Judgement | None

    @property
    def answer(self) -> str:
        """The validator's verdict; `none` where it is silent."""
        return self.judgement.verdict if self.judgement else "none"


def match(rows: Sequence[Row], judgements: Sequence[Judgement]) -> tuple[list[Match], list[Judgement]]:
    """Pairs the rows of one rule in one checkout with the judgements of that rule there, nearest first.

    Returns:
        A match for every row, and the judgements that no row speaks of.
    """
    distances = sorted(
        (distance, row_number, number)
        for row_number, row in enumerate(rows)
        for number, judgement in enumerate(judgements)
        if (distance := _distance(row, judgement)) is not None
    )
    paired: dict[int, int] = {}
    taken: set[int] = set()
    for _, row_number, number in distances:
        if row_number not in paired and number not in taken:
            paired[row_number] = number
            taken.add(number)
    for _, row_number, number in distances:
        # One judgement on a whole file speaks for all its rows; a failure speaks for its own place only.
        if row_number not in paired and judgements[number].verdict != "fail":
            paired[row_number] = number
    matches = [Match(row, judgements[paired[number]] if number in paired else None) for number, row in enumerate(rows)]
    return matches, [judgement for number, judgement in enumerate(judgements) if number not in taken]


def _distance(row: Row, judgement: Judgement) -> int | None:
    """How far apart they stand, in lines; much more in different files, none where they have nothing in common."""
    other_name = 0 if row.name == judgement.name else 1
    if row.path == judgement.path:
        return 2 * min(abs(row.line - judgement.line), _lines_apart(row.places, judgement.places)) + other_name
    apart = _lines_apart(((row.path, row.line), *row.places), ((judgement.path, judgement.line), *judgement.places))
    if judgement.kind == _TURN:
        return _OTHER_FILE + other_name if apart == 0 else None
    if judgement.kind not in _LOOSE:
        return None
    if apart < _OTHER_FILE:
        return _OTHER_FILE + 2 * apart + other_name
    return _SAME_ROOT + other_name if row.root == judgement.root else None


def _lines_apart(these: Iterable[tuple[str, int]], those: Sequence[tuple[str, int]]) -> int:
    return min(
        (abs(line - other) for path, line in these for elsewhere, other in those if path == elsewhere),
        default=_OTHER_FILE,
    )
