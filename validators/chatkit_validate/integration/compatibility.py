"""Which releases of ChatKit's neighbours can be installed together: facts from their published metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.version import ANY, Range, version_range
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Fact:
    """Every release of `package` in `versions` requires `needs` in the versions `needed`.

    Attributes:
        package: Normalised name.
        versions: The releases it speaks of; only those whose metadata was read, or lie between two that were.
        needs: Normalised name of the required package.
        needed: The required versions.
    """

    package: str
    versions: str
    needs: str
    needed: str


# Requires-Dist of the wheels on PyPI. Between the listed releases nothing is claimed.
FACTS = (
    Fact("openai-chatkit", "", "openai-agents", ">=0.3.2"),
    Fact("openai-agents", ">=0.0.12,<0.20", "mcp", "<2"),
    Fact("openai-agents", ">=0.10,<0.20", "mcp", ">=1.19,<2"),
    Fact("openai-agents", ">=0.20,<=0.24.0", "mcp", ">=1.19,<3"),
    Fact("openai-agents", "==0.3.2", "openai", "<2"),
    Fact("openai-agents", ">=0.6.4,<=0.20.0", "openai", ">=2.9,<3"),
    Fact("openai-agents", "==0.24.0", "openai", ">=3,<4"),
    Fact("openai-agents", "==0.24.0", "starlette", ">=1.3.1"),
    Fact("openai-agents", ">=0.6.4,<=0.24.0", "pydantic", ">=2.12.2,<3"),
    Fact("mcp", ">=2.3,<2.4", "pydantic", ">=2.12"),
    Fact("fastapi", "<=0.115.13", "starlette", "<0.47"),
    Fact("fastapi", "<=0.120.0", "starlette", "<0.49"),
    Fact("fastapi", "==0.165.0", "starlette", ">=1.6"),
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A proof that no joint solution exists.

    Attributes:
        package: The package for which no version is left.
        because: The facts that, with the declarations, exclude every version.
    """

    package: str
    because: tuple[Fact, ...]


def conflict(declared: Mapping[str, Range]) -> Conflict | None:
    """The first conflict that `declared` (normalised name -> allowed versions) makes unavoidable, if there is one.

    Complete for chains: what a declared package forces on another is followed, as long as its whole declared range is
    forced alike. A range that also allows releases of which no fact speaks proves nothing.
    """
    allowed = dict(declared)
    used: dict[str, tuple[Fact, ...]] = {}
    for _ in FACTS:
        before = dict(allowed)
        for package in tuple(allowed):
            for needs in {fact.needs for fact in FACTS if fact.package == package}:
                forced = list(_forced(package, needs, allowed[package]))
                possible = [(one, kept) for one in forced if not (kept := one[1].meet(allowed.get(needs, ANY))).empty]
                if forced and not possible:
                    forcing = tuple(fact for fact, _ in forced if fact is not None)
                    chain = (*used.get(package, ()), *forcing, *used.get(needs, ()))
                    return Conflict(needs, tuple(dict.fromkeys(chain)))
                fact = possible[0][0][0] if len(possible) == 1 else None
                if fact is not None:
                    allowed[needs] = possible[0][1]
                    used[needs] = tuple(dict.fromkeys((*used.get(package, ()), *used.get(needs, ()), fact)))
        if allowed == before:
            return None
    return None


def _forced(package: str, needs: str, versions: Range) -> Iterator[tuple[Fact | None, Range]]:
    """What each part of `versions` forces on `needs`; (None, ANY) where a part is free."""
    facts = [fact for fact in FACTS if fact.package == package and fact.needs == needs]
    touching = [fact for fact in facts if not _range(fact.versions).meet(versions).empty]
    if not any(_covers(facts, versions)):
        yield None, ANY
    # Facts that speak of all of `versions` hold together; the others are alternatives.
    together = ANY
    for fact in touching:
        if _range(fact.versions).meet(versions) == versions:
            together = together.meet(_range(fact.needed))
    for fact in touching:
        yield fact, _range(fact.needed).meet(together)


def _covers(facts: list[Fact], versions: Range) -> Iterator[bool]:
    """Whether the union of the facts' ranges holds all of `versions`: walks up from the lower bound."""
    rest = versions
    for fact in sorted(facts, key=lambda one: _range(one.versions).low or ()):
        inside = _range(fact.versions).meet(rest)
        starts_here = (inside.low, inside.low_open) == (rest.low, rest.low_open)
        if inside.empty or not starts_here:
            continue
        if (inside.high, inside.high_open) == (rest.high, rest.high_open):
            yield True
            return
        rest = Range(inside.high, rest.high, low_open=not inside.high_open, high_open=rest.high_open)
    yield False


def _range(text: str) -> Range:
    allowed = version_range(text)
    if allowed is None:
        raise ValueError(text)
    return allowed
