"""Gold rows: what readers decided about a rule and a subject of a checkout."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INTEGRATION = "integration"
"""Stands in place of a rule's code where the row says that something is no part of an integration."""


@dataclass(frozen=True, slots=True)
class Row:
    """One decision.

    Attributes:
        checkout: Folder name, `owner__name@commit7`.
        root: The application's folder; empty for the checkout itself.
        rule: Its code.
        path: The file that defines the subject.
        line: The line of its definition.
        name: As readers call it.
        verdict: pass, fail, not-applicable or debatable.
        places: Where the reason stands, and other places that a validator may rightly point at.
        why: The reason in a sentence.
    """

    checkout: str
    root: str
    rule: str
    path: str
    line: int
    name: str
    verdict: str
    places: tuple[tuple[str, int], ...]
    why: str

    @property
    def is_fault(self) -> bool:
        """Whether a validator has to fail here."""
        return self.verdict == "fail"


def read(folder: Path) -> list[Row]:
    """The rows of every `*.jsonl` in `folder`, in order.

    Raises:
        ValueError: for a row that is not as `Row` says, naming file and line.
    """
    rows: list[Row] = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    rows.append(_row(json.loads(line)))
                except (KeyError, TypeError, ValueError) as error:
                    raise ValueError(f"{file}:{number}: not a gold row ({error!r})") from error
    return rows


def _row(data: dict[str, Any]) -> Row:
    subject = data["subject"]
    if data["verdict"] not in ("pass", "fail", "not-applicable", "debatable"):
        raise ValueError(f"unknown verdict {data['verdict']!r}")
    return Row(
        checkout=f"{data['repo'].replace('/', '__')}@{data['commit'][:7]}",
        root=data["root"].strip("./"),
        rule=data["rule"],
        path=subject["path"],
        line=subject["line"],
        name=subject["name"],
        verdict=data["verdict"],
        places=((data["file"], data["line"]), *((path, line) for path, line in data["evidence"])),
        why=data["why"],
    )


def by_rule(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each rule's code, codes in order."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.rule):
        found.setdefault(row.rule, []).append(row)
    return found
