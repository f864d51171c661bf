"""What the benchmark prints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rows import INTEGRATION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from matching import Match
    from reports import Judgement
    from rows import Row
    from scores import Score

_COUNTS = f"{'rule':7}{'faults':>7}{'found':>7}{'missed':>7}{'false':>7}"
_HEAD = f"{_COUNTS}{'precision':>11}{'recall':>8}{'unknown':>16}{'unjudged':>10}"


def summary(scores: Sequence[Score]) -> str:
    """A line for each rule, and one for each family and for all."""
    lines = [_HEAD]
    families: dict[str, list[Score]] = {}
    for each in scores:
        families.setdefault(each.rule[:3] + "xx", []).append(each)
    for family, members in families.items():
        lines += [_line(each.rule, [each]) for each in members]
        lines.append(_line(family, members))
    return "\n".join([*lines, _line("all", scores)])


def left_out(rows: Iterable[Row], judged: Collection[str]) -> str:
    """How many rows count nowhere because the validator has no verdict at all on their rule; empty for none."""
    counts = Counter(row.rule for row in rows if row.rule != INTEGRATION and row.rule not in judged)
    if not counts:
        return ""
    rules = ", ".join(f"{rule} {number}" for rule, number in sorted(counts.items()))
    return f"left out: {counts.total()} rows of rules that were not judged anywhere ({rules})\n"


def figures(scores: Sequence[Score], checkouts: int) -> dict[str, Any]:
    """The table's numbers for programs: those of each rule, and of all together."""
    rules = {each.rule: _counted([each]) for each in scores}
    return {"totals": {"checkouts": checkouts, **_counted(scores)}, "rules": rules}


def _counted(scores: Iterable[Score]) -> dict[str, int]:
    held = list(scores)
    return {
        "faults": sum(each.positives for each in held),
        "found": sum(len(each.found) for each in held),
        "false": sum(len(each.false) for each in held),
        "unknown": sum(len(each.unknown) for each in held),
        "verdicts": sum(each.applicable for each in held),
        "unjudged": sum(len(each.unjudged) for each in held),
    }


def _line(name: str, scores: Sequence[Score]) -> str:
    found = sum(len(each.found) for each in scores)
    missed = sum(len(each.missed) for each in scores)
    false = sum(len(each.false) for each in scores)
    unknown = sum(len(each.unknown) for each in scores)
    applicable = sum(each.applicable for each in scores)
    unjudged = sum(len(each.unjudged) for each in scores)
    rate = f"{unknown}/{applicable} {_percent(unknown, applicable)}"
    return (
        f"{name:7}{found + missed:7}{found:7}{missed:7}{false:7}{_share(found, found + false):>11}"
        f"{_share(found, found + missed):>8}{rate:>16}{unjudged:10}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "-"


def disagreements(scores: Iterable[Score], intruders: Iterable[Match]) -> str:
    """Every place where readers and validator differ, with both reasons; then what no reader spoke of."""
    lines: list[str] = []
    for each in scores:
        for title, matches in (("missed", each.missed), ("false", each.false)):
            for found in matches:
                lines += ["", *_disagreement(title, found)]
        for judgement in each.unjudged:
            lines += ["", *_judgement(f"unjudged {judgement.rule}", judgement)]
        for judgement in each.unknown:
            lines += ["", *_judgement(f"unknown {judgement.rule}", judgement)]
    for found in intruders:
        lines += ["", *_disagreement("no integration", found)]
    return "\n".join(lines)


def _disagreement(title: str, found: Match) -> Iterator[str]:
    row = found.row
    yield f"{title} {row.rule} {row.checkout} {row.path}:{row.line} {row.name}"
    yield f"  readers: {row.verdict} at {row.places[0][0]}:{row.places[0][1]}: {row.why}"
    if found.judgement is None:
        yield "  validator: nothing"
    else:
        yield f"  validator: {_said(found.judgement)}"


def _judgement(title: str, judgement: Judgement) -> Iterator[str]:
    yield f"{title} {judgement.checkout} {judgement.path}:{judgement.line} {judgement.name}"
    yield f"  validator: {_said(judgement)}"


def _said(judgement: Judgement) -> str:
    path, line = judgement.places[0]
    return f"{judgement.verdict} at {path}:{line}: {judgement.says}"
