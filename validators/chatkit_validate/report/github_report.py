"""The report as workflow commands of GitHub Actions, which become annotations of the lines they name.

Source: GitHub's documentation, "Workflow commands for GitHub Actions"; the escapes are those of actions/toolkit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.report.report import Report
    from chatkit_validate.rules.verdict import Verdict
    from chatkit_validate.source import Place

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.ADVICE: "notice"}
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def render(report: Report, *, prefix: str = "") -> str:
    """A line for each failure and each diagnostic; empty for a clean report.

    Args:
        report: What was found.
        prefix: Put before every path.
    """
    return "".join(f"{line}\n" for line in _lines(report, prefix))


def _lines(report: Report, prefix: str) -> Iterator[str]:
    for verdict in report.verdicts():
        if verdict.failed:
            yield _command(_COMMANDS[verdict.level], _told(verdict), _properties(verdict, prefix))
    for diagnostic in report.diagnostics:
        properties = {"file": f"{prefix}{diagnostic.path}"} if diagnostic.path else {}
        if diagnostic.path and diagnostic.line:
            properties["line"] = str(diagnostic.line)
        properties["title"] = diagnostic.kind
        yield _command("error" if diagnostic.incomplete else "warning", diagnostic.message, properties)


def _told(verdict: Verdict) -> str:
    way_out = f"\nTo do: {verdict.way_out}" if verdict.way_out else ""
    return f"{verdict.message}{way_out}"


def _properties(verdict: Verdict, prefix: str) -> dict[str, str]:
    properties = _where(verdict.where, prefix)
    properties["title"] = f"{verdict.code} {verdict.name}: {verdict.subject.name}"
    return properties


def _where(place: Place, prefix: str) -> dict[str, str]:
    if not place.path:
        return {}
    found = {"file": f"{prefix}{place.path}"}
    if place.line:
        found["line"] = str(place.line)
        found["endLine"] = str(max(place.end_line, place.line))
        if place.end_line == place.line and place.end_column > place.column:  # columns are refused across lines
            found["col"] = str(place.column + 1)
            found["endColumn"] = str(place.end_column)
    return found


def _command(name: str, message: str, properties: dict[str, str]) -> str:
    told = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items())
    return f"::{name} {told}::{_escaped(message, _DATA)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
