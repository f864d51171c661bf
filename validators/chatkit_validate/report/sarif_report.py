"""The report as SARIF 2.1.0, which code scanning sites and editors show: results, rules, flows, fixes.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chatkit_validate import __version__
from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.report.report import Diagnostic, Report
    from chatkit_validate.rules.edit import Edit, Fix
    from chatkit_validate.rules.rule import Rule
    from chatkit_validate.rules.verdict import Note, Verdict
    from chatkit_validate.source import Place

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "subjectAndSnippet/v1"
"""The key of the verdict's fingerprint; what it is made of is part of its name, as SARIF asks."""
PAGES: Final = "CHATKIT_VALIDATE_PAGES"
"""Names the environment variable that says where the rules' pages are read: the URL of the folder `docs/rules`."""

_LEVELS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.ADVICE: "note"}


def render(report: Report, *, prefix: str = "") -> str:
    """Failures as results, those that a comment or the baseline silences as suppressed ones.

    Passes and unknown verdicts are left out: code scanning shows every result as an alert. What made the run
    incomplete is a notification of its invocation.

    Args:
        report: What was found.
        prefix: Put before every path.
    """
    return json.dumps(as_data(report, prefix=prefix), indent=2, ensure_ascii=False) + "\n"


def as_data(report: Report, *, prefix: str = "") -> dict[str, Any]:
    """The same as plain data."""
    writer = _Writer(report, prefix)
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [writer.run()]}


class _Writer:
    def __init__(self, report: Report, prefix: str) -> None:
        self.report = report
        self.prefix = prefix
        codes = {verdict.code for verdict in report.verdicts()}
        codes |= {verdict.code for verdict, _ in self._silenced()}
        self.rules = {loaded.rule.code: loaded.rule for loaded in registry.load(codes)}
        self.index = {code: index for index, code in enumerate(self.rules)}

    def run(self) -> dict[str, Any]:
        driver = {
            "name": "chatkit-validate",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": [_rule(rule) for rule in self.rules.values()],
        }
        invocation = {
            "executionSuccessful": not self.report.crashed,
            "toolExecutionNotifications": [self._notification(one) for one in self.report.diagnostics],
        }
        return {
            "tool": {"driver": driver},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": [
                *(self._result(verdict) for verdict in self.report.verdicts() if verdict.failed),
                *({**self._result(verdict), "suppressions": [why]} for verdict, why in self._silenced()),
            ],
        }

    def _silenced(self) -> Iterator[tuple[Verdict, dict[str, Any]]]:
        for integration in self.report.integrations:
            for one in integration.suppressed:
                yield one.verdict, {"kind": "inSource", "justification": one.reason}
            for verdict in integration.baselined:
                yield verdict, {"kind": "external", "justification": "in the baseline"}

    def _result(self, verdict: Verdict) -> dict[str, Any]:
        todo = f" {verdict.way_out}" if verdict.way_out else ""
        subject = {"name": verdict.subject.name, "kind": verdict.subject.kind}
        result: dict[str, Any] = {
            "ruleId": verdict.code,
            "ruleIndex": self.index[verdict.code],
            "level": _LEVELS[verdict.level],
            "message": {"text": f"{_ended(verdict.message)}{todo}"},
            "locations": [{**self._location(verdict.where), "logicalLocations": [subject]}],
            "partialFingerprints": {FINGERPRINT: verdict.fingerprint},
            "properties": {"by": verdict.by.value},
        }
        if verdict.evidence:
            result["relatedLocations"] = [
                {"id": number, **self._noted(note)} for number, note in enumerate(verdict.evidence, start=1)
            ]
        if self.rules[verdict.code].flow and verdict.evidence:
            result["codeFlows"] = [self._flow(verdict)]
        if verdict.fix is not None:
            result["fixes"] = [self._fix(verdict.fix)]
        return result

    def _flow(self, verdict: Verdict) -> dict[str, Any]:
        steps = [self._noted(note) for note in verdict.evidence]
        if verdict.where not in {note.where for note in verdict.evidence}:
            steps.append({**self._location(verdict.where), "message": {"text": verdict.message}})
        return {"threadFlows": [{"locations": [{"location": step} for step in steps]}]}

    def _fix(self, fix: Fix) -> dict[str, Any]:
        by_path: dict[str, list[Edit]] = {}
        for edit in fix.edits:
            by_path.setdefault(edit.path, []).append(edit)
        safety = "keeps all other behaviour" if fix.safe else "may change other behaviour: read it first"
        return {
            "description": {"text": f"An edit that {safety}."},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": quote(f"{self.prefix}{path}")},
                    "replacements": [
                        {
                            "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
                            "insertedContent": {"text": edit.text},
                        }
                        for edit in edits
                    ],
                }
                for path, edits in by_path.items()
            ],
        }

    def _noted(self, note: Note) -> dict[str, Any]:
        return {**self._location(note.where), "message": {"text": note.message}}

    def _notification(self, diagnostic: Diagnostic) -> dict[str, Any]:
        notification: dict[str, Any] = {
            "descriptor": {"id": diagnostic.kind},
            "level": "error" if diagnostic.incomplete else "warning",
            "message": {"text": diagnostic.message},
        }
        if diagnostic.path:
            region = {"region": {"startLine": diagnostic.line}} if diagnostic.line else {}
            artifact = {"artifactLocation": {"uri": quote(f"{self.prefix}{diagnostic.path}")}}
            notification["locations"] = [{"physicalLocation": {**artifact, **region}}]
        return notification

    def _location(self, place: Place) -> dict[str, Any]:
        if not place.path:
            return {}
        found: dict[str, Any] = {"artifactLocation": {"uri": quote(f"{self.prefix}{place.path}")}}
        if place.line:
            region = {"startLine": place.line, "startColumn": place.column + 1}
            if (place.end_line, place.end_column) > (place.line, place.column):
                region |= {"endLine": place.end_line, "endColumn": place.end_column + 1}
            found["region"] = region
        return {"physicalLocation": found}


def _rule(rule: Rule) -> dict[str, Any]:
    parts = [rule.what, f"**Why.** {rule.why}", f"**Instead.** {rule.instead}"]
    if rule.acceptable:
        parts.append(f"**When it is acceptable.** {rule.acceptable}")
    descriptor: dict[str, Any] = {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.what}\n\n{rule.why}\n\n{rule.instead}", "markdown": "\n\n".join(parts)},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": ["chatkit"], "subject": rule.subject, "by": [by.value for by in rule.by]},
    }
    if pages := os.environ.get(PAGES):
        descriptor["helpUri"] = f"{pages.rstrip('/')}/{rule.code}.md"
    return descriptor


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
