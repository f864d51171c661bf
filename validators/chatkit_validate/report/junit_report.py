"""The report as JUnit's XML, which CI systems list as tests: a suite for each integration or target, a case a verdict.

Source: the elements and attributes that Jenkins' xunit plugin and GitLab both read; there is no standard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from chatkit_validate.report.report import Diagnostic, Report
    from chatkit_validate.rules.verdict import Verdict

_FORBIDDEN: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_KINDS: Final = ("failure", "error", "skipped")


def render(report: Report, *, prefix: str = "") -> str:
    """Failures are failures; what is unknown, not applicable, suppressed or in the baseline is skipped, with a reason.

    What made the run incomplete is an error in a suite of its own. There are no times: equal reports are equal text.

    Args:
        report: What was found.
        prefix: Put before every path.
    """
    top = ET.Element("testsuites", name="chatkit-validate")
    writer = _Writer(prefix)
    for integration in report.integrations:
        suite = ET.SubElement(top, "testsuite", name=_clean(integration.root or "."))
        for verdict in integration.verdicts:
            writer.verdict(suite, verdict)
        for one in integration.suppressed:
            writer.skipped(suite, one.verdict, f"suppressed: {one.reason}")
        for verdict in integration.baselined:
            writer.skipped(suite, verdict, "in the baseline")
    for target in report.targets:
        suite = ET.SubElement(top, "testsuite", name=_clean(target.name))
        for verdict in target.verdicts:
            writer.verdict(suite, verdict)
    if report.diagnostics:
        suite = ET.SubElement(top, "testsuite", name="chatkit-validate")
        for diagnostic in report.diagnostics:
            writer.diagnostic(suite, diagnostic)
    for element in (top, *top):
        _count(element)
    ET.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(top, encoding="unicode")}\n'


class _Writer:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def verdict(self, suite: ET.Element, verdict: Verdict) -> None:
        if verdict.failed:
            self._failed(suite, verdict)
        elif verdict.verdict is Outcome.PASS:
            self._case(suite, verdict)
        else:
            self.skipped(suite, verdict, f"{verdict.verdict.value}: {verdict.reason}")

    def skipped(self, suite: ET.Element, verdict: Verdict, reason: str) -> None:
        ET.SubElement(self._case(suite, verdict), "skipped", message=_clean(reason))

    def diagnostic(self, suite: ET.Element, diagnostic: Diagnostic) -> None:
        case = ET.SubElement(suite, "testcase", classname="chatkit-validate", name=diagnostic.kind)
        self._place(case, diagnostic.path, diagnostic.line)
        ET.SubElement(case, "error" if diagnostic.incomplete else "skipped", message=_clean(diagnostic.message))

    def _failed(self, suite: ET.Element, verdict: Verdict) -> None:
        case = self._case(suite, verdict)
        failure = ET.SubElement(case, "failure", message=_clean(verdict.message), type=verdict.level.value)
        places = ((verdict.where, ""), *((note.where, f" {note.message}") for note in verdict.evidence))
        lines = [f"{self.prefix}{where.path}:{where.line}{said}" for where, said in places if where.path]
        failure.text = _clean("\n".join((*lines, *((f"To do: {verdict.way_out}",) if verdict.way_out else ()))))

    def _case(self, suite: ET.Element, verdict: Verdict) -> ET.Element:
        name = _clean(verdict.subject.name)
        case = ET.SubElement(suite, "testcase", classname=f"{verdict.code} {verdict.name}", name=name)
        self._place(case, verdict.where.path, verdict.where.line)
        return case

    def _place(self, case: ET.Element, path: str, line: int) -> None:
        if path:
            case.set("file", _clean(f"{self.prefix}{path}"))
            case.set("line", str(line))


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for kind, key in zip(_KINDS, ("failures", "errors", "skipped"), strict=True):
        element.set(key, str(len(list(element.iter(kind)))))


def _clean(text: str) -> str:
    """`text` with a replacement for what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
