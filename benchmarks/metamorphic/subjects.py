"""The apps that compositions start from: whole ones, and the minimal app with each rule's violation in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Validator
from metamorphic.app import BASES, App, base

if TYPE_CHECKING:
    from collections.abc import Mapping


def subjects() -> Mapping[str, App]:
    """Name -> app."""
    minimal = base("minimal")
    found = {name: base(name) for name in BASES}
    for loaded in registry.load():
        rule = loaded.rule
        if (
            Validator.STATIC in rule.by
            and loaded.decide is not None
            and rule.shown
            and rule.shown.path in minimal.files
        ):
            text = minimal.files[rule.shown.path].replace(rule.shown.good, rule.shown.bad)
            found[f"minimal, {rule.code} violated"] = minimal.having({rule.shown.path: text})
    return found
