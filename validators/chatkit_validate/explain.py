"""What a rule demands and why, in the terminal and for programs: the commands `explain` and `rules`."""

from __future__ import annotations

import json
from textwrap import fill
from typing import TYPE_CHECKING, Any

from chatkit_validate.rules import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatkit_validate.rules.registry import LoadedRule
    from chatkit_validate.rules.rule import Rule

_WIDTH = 100


def explain(codes: Iterable[str] | None, *, as_json: bool = False) -> str:
    """The documentation of the rules with these codes, or of all.

    Raises:
        KeyError: A code names no rule.
    """
    rules = [loaded.rule for loaded in registry.load(None if codes is None else list(codes))]
    if as_json:
        return json.dumps([rule_data(rule) for rule in rules], indent=2, ensure_ascii=False) + "\n"
    return "\n\n".join(_text(rule) for rule in rules) + "\n"


def rules(*, as_json: bool = False) -> str:
    """One line a rule: code, level, validators that decide it, name."""
    loaded = registry.load()
    if as_json:
        return explain(None, as_json=True)
    width = max((len(one.rule.name) for one in loaded), default=0)
    return "".join(_line(one, width) for one in loaded)


def _line(loaded: LoadedRule, width: int) -> str:
    rule = loaded.rule
    return f"{rule.code}  {rule.level.value:<8} {rule.name:<{width}}  {', '.join(by.value for by in rule.by)}\n"


def rule_data(rule: Rule) -> dict[str, Any]:
    """A rule's metadata and documentation as plain data."""
    return {
        "code": rule.code,
        "name": rule.name,
        "level": rule.level.value,
        "by": [by.value for by in rule.by],
        "skill": rule.skill,
        "subject": rule.subject,
        "what": rule.what,
        "why": rule.why,
        "instead": rule.instead,
        "acceptable": rule.acceptable,
        "fix": rule.fix,
        "sources": list(rule.sources),
        "shown": None
        if rule.shown is None
        else {"path": rule.shown.path, "good": rule.shown.good, "bad": rule.shown.bad},
    }


def _text(rule: Rule) -> str:
    parts = [
        f"{rule.code} {rule.name} ({rule.level.value}; decided by {', '.join(by.value for by in rule.by)})",
        fill(rule.what, _WIDTH),
        "Why\n" + _indented(rule.why),
        "Instead\n" + _indented(rule.instead),
    ]
    if rule.fix:
        parts.append("Fix (check --fix)\n" + _indented(rule.fix))
    if rule.acceptable:
        parts.append("When it is acceptable\n" + _indented(rule.acceptable))
    if rule.shown:
        parts.append(f"Fails ({rule.shown.path})\n{_code(rule.shown.bad)}\n\nPasses\n{_code(rule.shown.good)}")
    if rule.sources:
        parts.append("Sources\n" + "\n".join(f"  {source}" for source in rule.sources))
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _code(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip("\n").splitlines())
