"""What an application declares it needs: one model for every form in which Python projects say so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from chatkit_validate.integration.version import Range, version_range
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.source import Place

_NAME = r"[-_.]+"
_LINE = (
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*"
    r"(?:@\s*(?P<url>\S+)|\(?(?P<specifier>[^;#@)]*)\)?)\s*(?:;.*)?"
)


def normalised(name: str) -> str:
    """The name as package indexes compare it (PEP 503)."""
    return re.sub(_NAME, "-", name).lower()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One needed distribution.

    Attributes:
        package: Normalised name, e.g. `openai-chatkit`.
        specifier: The declared versions as written, e.g. `>=1.6,<1.7`; empty for any.
        where: The line that declares it.
        source: A folder, file or URL it comes from instead of the index, or empty.
    """

    package: str
    specifier: str
    where: Place
    source: str = ""

    @property
    def versions(self) -> Range | None:
        """The versions it allows; None where the specifier cannot be read or an index does not decide."""
        return None if self.source else version_range(self.specifier)


@dataclass(frozen=True, slots=True)
class RequirementFile:
    """One file that declares what the application needs; the subject of rules about requirements.

    Attributes:
        name: Its path relative to the checked tree.
        where: The file.
        requirements: In the order of the file, included files at their place.
        locked: Whether it records a resolution rather than a wish.
    """

    kind: ClassVar[str] = "requirement"
    name: str
    where: Place
    requirements: tuple[Requirement, ...]
    locked: bool = False

    def of(self, package: str) -> tuple[Requirement, ...]:
        """The requirements on one package, by its normalised name."""
        return tuple(one for one in self.requirements if one.package == package)


def parse_requirement(text: str, where: Place) -> Requirement | None:
    """Reads one PEP 508 requirement, or None where the text is none (an option, a bare path or URL)."""
    match = re.fullmatch(_LINE, text)
    if match is None:
        return None
    return Requirement(normalised(match["name"]), (match["specifier"] or "").strip(), where, match["url"] or "")
