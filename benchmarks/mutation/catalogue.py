"""All mutants: those of `ways`, and the minimal app with what each rule's page shows as wrong."""

from __future__ import annotations

from functools import lru_cache

from chatkit_validate.rules import registry
from chatkit_validate.rules.verdict import Validator
from metamorphic.app import BASES, base
from mutation.mutant import Mutant, mutated
from mutation.turn_ways import TURN_ALSO, TURN_WAYS
from mutation.ways import ALSO, WAYS

_WAYS = {**WAYS, **TURN_WAYS}
_ALSO = {**ALSO, **TURN_ALSO}


@lru_cache
def mutants() -> tuple[Mutant, ...]:
    """Every mutant, in order of rule; none whose app does not have the place."""
    found = list(_shown())
    for rule, ways in _WAYS.items():
        for way in ways:
            found += [each for app in BASES if (each := mutated(app, rule, way, _ALSO.get(rule, {}))) is not None]
    return tuple(sorted(found, key=lambda each: each.rule))


def _shown() -> list[Mutant]:
    minimal, found = base("minimal"), []
    for loaded in registry.load():
        rule = loaded.rule
        if loaded.decide is None or Validator.STATIC not in rule.by or rule.shown is None:
            continue
        text = minimal.files.get(rule.shown.path, "")
        if text.count(rule.shown.good) == 1:
            app = minimal.having({rule.shown.path: text.replace(rule.shown.good, rule.shown.bad)})
            found.append(Mutant(rule.code, "as its page shows", app, _ALSO.get(rule.code, {})))
    return found
