"""`# chatkit: ignore[CK105] reason` comments: which verdicts they silence, and which of them silence nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass
from chatkit_validate.source import Place, SourceFile, comments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from chatkit_validate.rules.verdict import Verdict

_COMMENT = r"#\s*chatkit:\s*ignore\b(?:\[(?P<codes>[^\]]*)\])?[ \t:-]*(?P<reason>.*)"
# In a front end: a comment of TypeScript, of JSX or of HTML.
_OTHER_COMMENT = (
    r"(?://|/\*|<!--)\s*chatkit:\s*ignore\b(?:\[(?P<codes>[^\]]*)\])?[ \t:-]*(?P<reason>.*?)\s*(?:\*/\}?.*|-->.*)?$"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment.

    Attributes:
        where: The comment's place.
        covers: The lines whose verdicts it silences: its own, and the next one if it stands alone on its line, or else
            that on which its statement begins, where a formatter has broken that into lines.
        codes: The codes in brackets.
        reason: The text after the brackets.
    """

    where: Place
    covers: tuple[int, ...]
    codes: tuple[str, ...]
    reason: str

    @property
    def fault(self) -> str | None:
        """Why the comment silences nothing, whatever the verdicts, or None where it is well-formed."""
        if not self.codes:
            return "a suppression names the codes it silences: # chatkit: ignore[CK105] reason"
        if not self.reason:
            return f"a suppression gives its reason: # chatkit: ignore[{', '.join(self.codes)}] reason"
        return None

    def silences(self, verdict: Verdict) -> bool:
        """Whether `verdict` is a failure that begins or ends at a covered line, or whose subject is defined at one."""
        if self.fault or verdict.code not in self.codes or not verdict.failed:
            return False
        at = verdict.where
        if at.path == self.where.path and (at.line in self.covers or at.end_line in self.covers):
            return True
        return verdict.subject.path == self.where.path and verdict.subject.line in self.covers


def find(files: Iterable[SourceFile], texts: Mapping[str, str]) -> tuple[Suppression, ...]:
    """The suppressions in Python files and in the texts of front ends (by path), in order of path and line."""
    found = [one for path, text in texts.items() if "chatkit:" in text for one in _in_text(path, text)]
    for file in files:
        if "chatkit:" not in file.text:
            continue
        lines = file.text.splitlines()
        for comment in comments(file):
            if match := re.search(_COMMENT, comment.text):
                alone = comment.line <= len(lines) and lines[comment.line - 1].lstrip().startswith("#")
                end = comment.column + len(comment.text)
                place = Place(file.path, comment.line, comment.column, comment.line, end)
                beside = comment.line + 1 if alone else _beginning(file, comment.line)
                found.append(_suppression(place, match, beside))
    return tuple(sorted(found, key=lambda suppression: suppression.where))


def _in_text(path: str, text: str) -> Iterator[Suppression]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.search(_OTHER_COMMENT, line):
            place = Place(path, number, match.start(), number, len(line.rstrip()))
            yield _suppression(place, match, number if line[: match.start()].strip(" \t{") else number + 1)


def _beginning(file: SourceFile, line: int) -> int:
    """The line on which the simple statement that goes over `line` begins; `line` where there is none."""
    import ast

    for node in ast.walk(file.tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and node.lineno < line <= (node.end_lineno or 0):
            return node.lineno
    return line


def _suppression(where: Place, match: re.Match[str], beside: int) -> Suppression:
    return Suppression(
        where,
        (where.line,) if beside == where.line else (where.line, beside),
        tuple(code.strip().upper() for code in (match["codes"] or "").split(",") if code.strip()),
        match["reason"].strip(),
    )


def apply(
    verdicts: Iterable[Verdict], suppressions: Collection[Suppression]
) -> tuple[tuple[Verdict, ...], dict[Verdict, Suppression]]:
    """Splits `verdicts` into those that remain and those that are silenced, with what silences each."""
    remaining: list[Verdict] = []
    silenced: dict[Verdict, Suppression] = {}
    for verdict in verdicts:
        by = next((suppression for suppression in suppressions if suppression.silences(verdict)), None)
        if by is None:
            remaining.append(verdict)
        else:
            silenced[verdict] = by
    return tuple(remaining), silenced
