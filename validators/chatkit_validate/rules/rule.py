"""What a rule is: metadata, documentation, one shown pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.rules.edit import Shown
    from chatkit_validate.rules.verdict import Level, Validator


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's metadata and documentation; pages, tables, `explain` and schema enums are made from it.

    Attributes:
        code: Stable, e.g. `CK105`.
        name: What is wrong, reading as "allow <name>", e.g. `missing-sse-headers`.
        level: How bad a failure is.
        by: The validators that decide it.
        skill: The skill whose text states it.
        subject: Kind of thing its verdicts are about (see `Subject.kind`).
        what: What the rule demands, one or two sentences.
        why: What goes wrong otherwise, with measured effects where known.
        instead: What to write instead.
        acceptable: When the pattern is acceptable and how to say so, or empty.
        sources: Protocol sections, library lines, issues.
        shown: The failing and passing pair.
        fix: Whether failures can be mended by `check --fix`: `safe`, `unsafe` or `safe or unsafe`, a colon, and what
            is done and why it is so; empty where they cannot.
        flow: Whether the evidence of its failures is a way, in order from source to sink.
    """

    code: str
    name: str
    level: Level
    by: tuple[Validator, ...]
    skill: str
    subject: str
    what: str
    why: str
    instead: str
    acceptable: str = ""
    sources: tuple[str, ...] = ()
    shown: Shown | None = None
    fix: str = ""
    flow: bool = False
