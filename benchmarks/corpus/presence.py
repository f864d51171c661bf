"""Whether every known endpoint is found, and nothing where there is no integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reports import Reported

NEAR = 4
"""Lines: a label may stand at a decorator, a report at the function, or the other way round."""


def presence(
    reports: Mapping[str, Reported], labels: Iterable[dict[str, Any]], negatives: Iterable[dict[str, Any]]
) -> str:
    """Counts, and a line for each endpoint that is missed, each that no label names, and each false integration."""
    lines: list[str] = []
    total = found = 0
    for label in labels:
        report = reports.get(_checkout(label))
        if report is None:
            continue
        left = list(report.endpoints)
        for handler in label["facts"]["handlers"]:
            total += 1
            near = [place for place in left if place[0] == handler["file"] and abs(place[1] - handler["line"]) <= NEAR]
            if near:
                found += 1
                left.remove(near[0])
            else:
                lines.append(f"missed endpoint {report.checkout} {handler['file']}:{handler['line']}")
        lines += [f"endpoint without label {report.checkout} {path}:{line}" for path, line in left]
    for negative in negatives:
        report = reports.get(_checkout(negative))
        if report is not None and report.integrations:
            lines.append(f"integration where there is none: {report.checkout} ({negative['shape']})")
    return "\n".join([f"{found} of {total} endpoints found", *lines])


def _checkout(row: dict[str, Any]) -> str:
    return f"{row['repo'].replace('/', '__')}@{row['commit'][:7]}"
