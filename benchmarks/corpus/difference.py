"""Which verdicts differ between two versions of the validator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports import Judgement, Reported


def differences(before: Mapping[str, Reported], after: Mapping[str, Reported]) -> str:
    """A line for each rule and subject whose verdict changed, came or went."""
    lines: list[str] = []
    for checkout in sorted(before.keys() & after.keys()):
        old, new = _by_subject(before[checkout]), _by_subject(after[checkout])
        for key in sorted(old.keys() | new.keys()):
            was, now = old.get(key), new.get(key)
            if (was.verdict if was else None) == (now.verdict if now else None):
                continue
            rule, path, name, _ = key
            change = f"{was.verdict if was else 'nothing'} -> {now.verdict if now else 'nothing'}"
            lines.append(f"{rule} {checkout} {path} {name}: {change}")
            if now:
                lines.append(f"    {now.says}")
    changed = sum(not line.startswith(" ") for line in lines)
    return "\n".join([f"{changed} verdicts differ", *lines])


def _by_subject(report: Reported) -> dict[tuple[str, str, str, int], Judgement]:
    found: dict[tuple[str, str, str, int], Judgement] = {}
    for judgement in report.judgements:
        number = 0
        # Lines move between versions of the code under test, never between versions of the validator: order is enough.
        while (key := (judgement.rule, judgement.path, judgement.name, number)) in found:
            number += 1
        found[key] = judgement
    return found
