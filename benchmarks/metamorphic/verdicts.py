"""What `check` says of an app, in the names that the app had before it was rewritten."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration

if TYPE_CHECKING:
    from metamorphic.app import App

Fact: TypeAlias = tuple[str, str, str]
"""Rule, verdict, and subject: kind and name; where it stands may change."""


def facts(app: App) -> frozenset[Fact]:
    """The verdicts on `app`; a crash or an incomplete analysis is one more."""
    folder = Path(tempfile.mkdtemp(prefix="rewritten-"))
    try:
        report = check(app.write(folder), Configuration())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = {
        (verdict.code, verdict.verdict.value, f"{verdict.subject.kind} {_before(app, verdict.subject.name)}")
        for verdict in report.verdicts()
    }
    if not report.complete:
        found |= {(each.kind, "incomplete", f"{each.path}: {each.message}") for each in report.diagnostics}
    return frozenset(found)


def _before(app: App, name: str) -> str:
    if name.endswith(".py"):
        return app.renamed.get(name, name)
    return re.sub(r"\w+", lambda word: app.renamed.get(word[0], word[0]), name)


def reasons(app: App, codes: set[str]) -> list[str]:
    """What the verdicts of these rules say, for people."""
    folder = Path(tempfile.mkdtemp(prefix="rewritten-"))
    try:
        report = check(app.write(folder), Configuration())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        f"{each.code} {each.verdict.value} {each.where.path}:{each.where.line}: {each.message or each.reason}"
        for each in report.verdicts()
        if each.code in codes
    ]
