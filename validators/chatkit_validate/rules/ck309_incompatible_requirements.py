"""CK309: the declared versions of ChatKit's neighbours have a joint solution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.compatibility import FACTS, Conflict, conflict
from chatkit_validate.integration.version import ANY, Range, version_range
from chatkit_validate.rules.edit import Shown
from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Decision, Fail, Level, NotApplicable, Note, Pass, Unknown, Validator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatkit_validate.integration.requirement import Requirement, RequirementFile

RULE = Rule(
    code="CK309",
    name="incompatible-requirements",
    level=Level.ERROR,
    by=(Validator.STATIC,),
    skill="chatkit-integration",
    subject="requirement",
    what="The versions that one requirements file allows for `openai-chatkit`, `openai-agents`, `mcp`, `openai`, "
    "`pydantic`, `fastapi` and `starlette` can be installed together.",
    why="Every `openai-chatkit` requires `openai-agents>=0.3.2`, `openai-agents` before 0.20.0 requires `mcp<2`, and "
    "FastAPI 0.115 requires `starlette<0.47`: pins that exclude each other do not install, or an "
    "installer that ignores conflicts leaves an import error for the first request.",
    instead="Pin `openai-chatkit>=1.6.5,<1.7` and `openai-agents>=0.24,<0.25`, and let those two decide the rest.",
    acceptable="A file that is only ever installed with `--no-deps` on top of another may disagree: "
    'say so with `ignore = ["CK309"]` and a comment beside it in `[tool.chatkit-validate]`.',
    sources=(
        "Requires-Dist of openai-chatkit 0.0.2 to 1.6.5 and openai-agents 0.0.12 to 0.24.0",
        "Requires-Dist of mcp 1.22.0 and 2.3.0, fastapi 0.115.13 to 0.165.0",
        "openai-agents-python#4106 (mcp 2)",
    ),
    shown=Shown(path="pyproject.toml", good='"openai-agents>=0.24,<0.25"', bad='"openai-agents==0.0.12"'),
)

_KNOWN = {fact.package for fact in FACTS} | {fact.needs for fact in FACTS}


def decide(file: RequirementFile, _integration: object) -> Decision:
    """Judges one file that declares requirements."""
    declared = [one for one in file.requirements if one.package in _KNOWN and not one.source]
    if not any(one.package in {"openai-chatkit", "openai-agents"} for one in declared):
        return NotApplicable(f"{file.name} requires neither `openai-chatkit` nor `openai-agents`", file.where)
    ranges: dict[str, Range] = {"openai-chatkit": ANY}
    for one in declared:
        versions = one.versions
        if versions is None:
            return Unknown(f"the versions `{one.specifier}` of `{one.package}` cannot be read", one.where)
        ranges[one.package] = ranges.get(one.package, ANY).meet(versions)
        if ranges[one.package].empty:
            return _contradiction(file, [other for other in declared if other.package == one.package])
    found = conflict(ranges)
    if found is not None:
        return _conflict(file, declared, found)
    return Pass(f"nothing known about these packages excludes a joint installation{_old(declared)}", declared[0].where)


def _contradiction(file: RequirementFile, declared: Sequence[Requirement]) -> Fail:
    return Fail(
        f"{file.name} requires `{declared[0].package}` in versions that exclude each other",
        declared[-1].where,
        "Keep one of the declarations.",
        tuple(Note(one.where, f"`{one.package}{one.specifier}`") for one in declared),
    )


def _conflict(file: RequirementFile, declared: Sequence[Requirement], found: Conflict) -> Fail:
    packages = {name for fact in found.because for name in (fact.package, fact.needs)}
    involved = [one for one in declared if one.package in packages]
    tight = next((one for one in involved if one.package == found.package), involved[-1])
    reasons = "; ".join(
        f"{fact.package} {fact.versions or '(every release)'} requires {fact.needs}{fact.needed}"
        for fact in found.because
    )
    return Fail(
        f"{file.name} leaves no version of `{found.package}` to install: {reasons}",
        tight.where,
        "Pin `openai-chatkit>=1.6.5,<1.7` and `openai-agents>=0.24,<0.25` and let them decide the other versions.",
        tuple(Note(one.where, f"`{one.package}{one.specifier}`") for one in involved),
    )


def _old(declared: Sequence[Requirement]) -> str:
    """Says where a lower bound is merely old: it misleads, and excludes nothing."""
    floor = next(fact for fact in FACTS if (fact.package, fact.needs) == ("openai-chatkit", "openai-agents"))
    needed = version_range(floor.needed)
    for one in declared:
        versions = one.versions
        lows = (versions.low, needed.low) if versions and needed else (None, None)
        if one.package == floor.needs and lows[0] and lows[1] and lows[0] < lows[1]:
            return f" (`{one.package}{one.specifier}` is older than any openai-chatkit accepts: {floor.needed})"
    return ""
