"""CK902: a skill is loaded, by every client of the Agent Skills format, and nothing in it is cut off or ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.bundle.schema import violations
from chatkit_validate.rules.verdict import Decision, Fail, Level, Pass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.bundle.document import Document
    from chatkit_validate.bundle.layout import Bundle, Skill

PORTABLE: Final = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
MAX_LINES: Final = 500
LISTED_CHARACTERS: Final = 1536
"""Of `description` and `when_to_use` together, the client lists no more."""

_RESERVED: Final = ("anthropic", "claude")
_ASKS: Final = {
    "allowed-tools": "every call of the skill by the model then asks the user for permission, and fails without one",
    "hooks": "every call of the skill by the model then asks the user for permission, and fails without one",
    "paths": "the skill is hidden until a file that matches has been touched",
}


def judge(skill: Skill, bundle: Bundle) -> Iterator[Decision]:
    """Every fault of the skill's folder and frontmatter, or one pass."""
    del bundle
    if skill.document is None:
        yield Fail(f"{skill.folder} has no SKILL.md, so there is no such skill", Place(f"{skill.folder}/SKILL.md"),
                   "Add SKILL.md (in capitals), or move the folder out of skills/.")  # fmt: skip
        return
    faults = list(_faults(skill, skill.document))
    yield from faults
    if not faults:
        yield Pass("every client of the format loads it whole", Place(skill.document.path, 1))


def _faults(skill: Skill, document: Document) -> Iterator[Fail]:
    path = document.path
    for line, message, way_out in document.faults:
        yield Fail(f"{path}: {message}", Place(path, line), way_out)
    if not document.frontmatter:
        return
    for violation in violations(document.frontmatter, "skill"):
        yield Fail(violation.message, Place(path, document.line(violation.key)), violation.way_out)
    yield from _name(skill, document)
    listed = len(document.text("description")) + len(document.text("when_to_use"))
    if listed > LISTED_CHARACTERS:
        message = f"description and when_to_use have {listed} characters; {LISTED_CHARACTERS} are listed"
        yield Fail(message, Place(path, document.line("description")), "Say it shorter.")
    if not document.body.strip():
        yield Fail("it has no text after the frontmatter", Place(path, 1), "Write what the skill is to teach.")
    lines = document.body.count("\n")
    if lines > MAX_LINES:
        yield Fail(f"its text has {lines} lines; the format recommends at most {MAX_LINES}", Place(path, 1),
                   "Move depth into references/.", level=Level.WARNING)  # fmt: skip
    yield from _portability(document)


def _name(skill: Skill, document: Document) -> Iterator[Fail]:
    name = document.text("name")
    where = Place(document.path, document.line("name"))
    if name and name != skill.name:
        yield Fail(f"`name` is `{name}`, the folder is called `{skill.name}`", where, f"Write `name: {skill.name}`.")
    if reserved := [word for word in _RESERVED if word in name.split("-")]:
        message = f"`name` holds `{reserved[0]}`, which other clients refuse"
        yield Fail(message, where, "Choose a name without it.", level=Level.WARNING)


def _portability(document: Document) -> Iterator[Fail]:
    for key in document.frontmatter:
        where = Place(document.path, document.line(key))
        if key in _ASKS:
            yield Fail(f"with `{key}` {_ASKS[key]}", where, f"Remove `{key}`.", level=Level.WARNING)
        elif key not in PORTABLE and key in _known():
            way_out = "Remove it, or put it under `metadata`, if other clients are to load the skill."
            yield Fail(f"only Claude Code knows `{key}`; others refuse the skill", where, way_out, level=Level.ADVICE)


def _known() -> frozenset[str]:
    from chatkit_validate.bundle.schema import properties

    return properties("skill")
