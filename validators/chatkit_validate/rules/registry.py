"""Finds the rule files of this folder and loads them."""

from __future__ import annotations

import os
import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from types import ModuleType

    from chatkit_validate.rules.rule import Rule
    from chatkit_validate.rules.verdict import Decision

    Decide = Callable[[Any, Any], Decision | Iterable[Decision]]

_SUBJECT = b'\n    subject="'
_RULE_FILE = r"(ck[0-9]{3})_[a-z0-9_]+\.py"
# A hundred files are looked at in every run: pathlib would take as long again.
_FOLDER = os.path.dirname(__file__)  # noqa: PTH120 - same


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule file's contents.

    Attributes:
        rule: Metadata and documentation.
        decide: Called with one subject of the rule's kind and the integration it belongs to; answers one decision, or
            several where one subject holds several places. None where only other validators decide the rule.
        begin: Called with every subject before any rule is asked, where a program of its own is to work on the answer
            meanwhile.
        module: Dotted name of the rule file.
    """

    rule: Rule
    decide: Decide | None
    begin: Callable[[Any, Any], None] | None
    module: str


@cache
def _modules() -> dict[str, str]:
    """Upper-case code -> dotted module name, in order of code."""
    names = sorted(os.listdir(_FOLDER))  # noqa: PTH208 - same
    return {
        match[1].upper(): f"{__package__}.{name[:-3]}" for name in names if (match := re.fullmatch(_RULE_FILE, name))
    }


def codes() -> tuple[str, ...]:
    """The codes of all rules, in order."""
    return tuple(_modules())


def decided() -> dict[str, str]:
    """The codes of the rules that reading decides, in order, each with the kind of thing that it judges.

    Found without importing a rule: of most of them a tree holds nothing to judge.
    """
    found = {}
    for code, name in _modules().items():
        text = _text(name)
        if b"\ndef decide(" in text:
            found[code] = text.partition(_SUBJECT)[2].partition(b'"')[0].decode()
    return found


def _text(module: str) -> bytes:
    descriptor = os.open(f"{_FOLDER}/{module.rpartition('.')[2]}.py", os.O_RDONLY)
    try:
        return os.read(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def load(wanted: Collection[str] | None = None) -> tuple[LoadedRule, ...]:
    """Loads the rules of `wanted` codes, or all, in order of code.

    Raises:
        KeyError: A wanted code names no rule.
    """
    modules = _modules()
    names = modules if wanted is None else {code: modules[code] for code in sorted(wanted)}
    return tuple(_read(import_module(name)) for name in names.values())


def _read(module: ModuleType) -> LoadedRule:
    return LoadedRule(
        rule=module.RULE,
        decide=getattr(module, "decide", None),
        begin=getattr(module, "begin", None),
        module=module.__name__,
    )
