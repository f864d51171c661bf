"""Decisions of rules, and the verdicts that reports carry."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chatkit_validate.rules.edit import Fix
    from chatkit_validate.source import Place


class Level(StrEnum):
    """How bad a failure is: broken or insecure, degraded in production, or worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Validator(StrEnum):
    """Who decided: by reading, over HTTP, over the store object, or over agent and skill files."""

    STATIC = "static"
    LIVE = "live"
    STORE = "store"
    BUNDLE = "bundle"


class Outcome(StrEnum):
    """The four answers a rule can give about a subject."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Note:
    """A further place that proves a decision, with what it shows."""

    where: Place
    message: str


@dataclass(frozen=True, slots=True)
class Pass:
    """The rule holds.

    Attributes:
        message: What was seen.
        where: The place that proves it.
        evidence: Further places.
    """

    message: str
    where: Place
    evidence: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Fail:
    """The rule is violated.

    Attributes:
        message: What is wrong, naming the thing.
        where: The place to change.
        way_out: What to do.
        evidence: Further places, for flows in order from source to sink.
        level: Replaces the rule's level for this failure (some notes lower it to advice).
        fix: Makes the edits that mend it, where the rule has a fix: asked only where edits are wanted. Answers None
            where the code is written in a way that cannot be edited.
    """

    message: str
    where: Place
    way_out: str
    evidence: tuple[Note, ...] = ()
    level: Level | None = None
    fix: Callable[[], Fix | None] | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Could not be decided: what could not be resolved, and where."""

    reason: str
    where: Place


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The rule says nothing about this subject, for this reason."""

    reason: str
    where: Place | None = None


Decision: TypeAlias = Pass | Fail | Unknown | NotApplicable


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verdict is about.

    Attributes:
        kind: endpoint, server, store, store method, turn, connection, setting, requirement, widget, file or project.
        name: As people call it, e.g. `POST /chatkit` or `TaskServer.respond`.
        path: The file that defines it, relative to the checked tree; a URL for live verdicts.
        line: 1-based line of its definition; 0 where it has none.
    """

    kind: str
    name: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's answer about one subject, as reports carry it."""

    code: str
    name: str
    level: Level
    verdict: Outcome
    by: Validator
    subject: Subject
    message: str
    reason: str
    where: Place
    way_out: str = ""
    evidence: tuple[Note, ...] = ()
    fingerprint: str = ""
    fix: Fix | None = field(default=None)

    @property
    def failed(self) -> bool:
        """Whether this verdict is a failure at any level."""
        return self.verdict is Outcome.FAIL


def sentence(text: str) -> str:
    """`text` as a sentence: an upper-case letter first, or code in backticks."""
    first, space, rest = text.partition(" ")
    if first.isidentifier() and first.isascii() and "_" not in first:
        return f"{first[0].upper()}{first[1:]}{space}{rest}"
    if re.fullmatch(r"[\w.]+(?:\(\))?|[\w./-]+\.(?:py|toml|txt|cfg|lock)", first) and re.search(r"[^\W_]", first):
        return f"`{first}`{space}{rest}"
    return text


def fingerprint(code: str, subject: Subject, snippet: str) -> str:
    """A stable identity of a verdict without line numbers: survives edits elsewhere in the file.

    Args:
        code: The rule's code.
        subject: What the verdict is about; its line is not used.
        snippet: The source text of the deciding place; white space is folded.

    Returns:
        16 hexadecimal digits.
    """
    text = "\0".join((code, subject.kind, subject.name, subject.path, " ".join(snippet.split())))
    digest: str = _sha256()(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest[:16]


@cache
def _sha256() -> Callable[[bytes], Any]:
    """The interpreter's own: `hashlib` would load OpenSSL, which takes longer than all fingerprints of a run."""
    for name in ("_sha2", "_sha256"):
        try:
            found: Callable[[bytes], Any] = import_module(name).sha256
        except ImportError:
            continue
        return found
    from hashlib import sha256

    return sha256
