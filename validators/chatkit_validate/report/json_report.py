"""The report for programs: one JSON object, described by report.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatkit_validate import __version__

if TYPE_CHECKING:
    from chatkit_validate.report.report import IntegrationReport, Report
    from chatkit_validate.rules.verdict import Note, Trial, Verdict
    from chatkit_validate.source import Place

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """`report` as JSON text; keys and rows are in a fixed order, so equal reports are equal text."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """`report` as plain data, as the schema describes it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "chatkit-validate", "version": __version__},
        "complete": report.complete,
        "integrations": [_integration(integration) for integration in report.integrations],
        "targets": [
            {"kind": target.kind, "name": target.name, "verdicts": [verdict_data(v) for v in target.verdicts]}
            for target in report.targets
        ],
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
    }


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """One verdict as plain data; `way_out`, `fix` and `trial` are there only where it has them."""
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
    if verdict.trial is not None:
        data["trial"] = _trial(verdict.trial)
    return data


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "id": trial.id,
        "expected": trial.expected,
        "got": trial.got,
        "reproducers": [{"kind": one.kind, "text": one.text} for one in trial.reproducers],
        "transcript": list(trial.transcript),
    }


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
