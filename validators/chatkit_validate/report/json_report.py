"""The report for programs: one JSON object, described by report.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatkit_validate import __version__

if TYPE_CHECKING:
    from chatkit_validate.report.report import IntegrationReport, Report
    from chatkit_validate.report.target import CheckReport, TargetReport
    from chatkit_validate.rules.verdict import Note, Verdict
    from chatkit_validate.source import Place

SCHEMA_VERSION = 1


def render(report: Report, table: list[dict[str, Any]] | None = None) -> str:
    """`report` as JSON text; keys and rows are in a fixed order, so equal reports are equal text.

    Args:
        report: What was found.
        table: The rows of `all`, where it was that command.
    """
    data = as_data(report) if table is None else {**as_data(report), "table": table}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """`report` as plain data, as the schema describes it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "chatkit-validate", "version": __version__},
        "complete": report.complete,
        "integrations": [_integration(integration) for integration in report.integrations],
        "targets": [_target(target) for target in report.targets],
        "diagnostics": [
            {
                "kind": diagnostic.kind,
                "path": diagnostic.path,
                "line": diagnostic.line,
                "message": diagnostic.message,
                "incomplete": diagnostic.incomplete,
            }
            for diagnostic in report.diagnostics
        ],
        "notes": list(report.notes),
        "summary": {
            "files": report.files,
            "analysed": report.analysed,
            "integrations": len(report.integrations),
            "targets": len(report.targets),
            **report.counts(),
        },
    }


def _integration(integration: IntegrationReport) -> dict[str, Any]:
    return {
        "root": integration.root,
        "endpoints": [
            {"path": endpoint.path, "line": endpoint.line, "route": endpoint.route}
            for endpoint in integration.endpoints
        ],
        "verdicts": [verdict_data(verdict) for verdict in integration.verdicts],
        "suppressed": [
            {
                "verdict": verdict_data(suppressed.verdict),
                "reason": suppressed.reason,
                "path": suppressed.where.path,
                "line": suppressed.where.line,
            }
            for suppressed in integration.suppressed
        ],
        "baselined": [verdict_data(verdict) for verdict in integration.baselined],
    }


def _target(target: TargetReport) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "name": target.name,
        "verdicts": [verdict_data(verdict) for verdict in target.verdicts],
        "checks": [_check(check) for check in target.checks],
        "notes": list(target.notes),
    }


def _check(check: CheckReport) -> dict[str, Any]:
    return {
        "id": check.id,
        "code": check.code,
        "subject": check.subject,
        "verdict": check.outcome.value,
        "expected": check.expected,
        "got": check.got,
        "way_out": check.way_out,
        "transcript": list(check.transcript),
        "reproducer": list(check.reproducer),
    }


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """One verdict as plain data; `way_out` and `fix` are there only where the verdict has them."""
    data: dict[str, Any] = {
        "code": verdict.code,
        "name": verdict.name,
        "level": verdict.level.value,
        "verdict": verdict.verdict.value,
        "by": verdict.by.value,
        "subject": {
            "kind": verdict.subject.kind,
            "name": verdict.subject.name,
            "path": verdict.subject.path,
            "line": verdict.subject.line,
        },
        "message": verdict.message,
        "reason": verdict.reason,
        **_place(verdict.where),
        "evidence": [_note(note) for note in verdict.evidence],
        "fingerprint": verdict.fingerprint,
    }
    if verdict.way_out:
        data["way_out"] = verdict.way_out
    if verdict.fix is not None:
        data["fix"] = {
            "safety": "safe" if verdict.fix.safe else "unsafe",
            "edits": [
                {"path": edit.path, "start": edit.start, "end": edit.end, "text": edit.text}
                for edit in verdict.fix.edits
            ],
        }
    return data


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _note(note: Note) -> dict[str, Any]:
    return {**_place(note.where), "message": note.message}
