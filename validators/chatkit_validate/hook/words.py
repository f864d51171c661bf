"""Failures in few words, for a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from chatkit_validate.rules.verdict import Verdict

MOST: Final = 10
"""More failures than this are counted, not listed."""

_LONGEST: Final = 400
COMMAND: Final = Path(__file__).resolve().parents[2] / "chatkit-validate"


def said(head: str, failures: list[Verdict]) -> str:
    """`head`, the failures with the way out of each, and where to read more."""
    ordered = sorted(failures, key=lambda v: (list(Level).index(v.level), v.code, v.where))
    lines = [head]
    for verdict in ordered[:MOST]:
        place = f"{verdict.where.path}:{verdict.where.line}" if verdict.where.line else verdict.where.path
        lines.append(f"- {verdict.code} {verdict.name} ({verdict.level.value}), {place}: {_cut(verdict.message)}")
        lines.append(f"  To do: {_cut(verdict.way_out)}")
    if len(ordered) > MOST:
        lines.append(f"- and {len(ordered) - MOST} more.")
    lines.append(f"Why: `{COMMAND} explain {ordered[0].code}`; all: `{COMMAND} check`.")
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
