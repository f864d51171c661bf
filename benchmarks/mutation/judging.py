"""What `check` says of a mutant, beside what it says of the app without the violation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from metamorphic.app import base
from metamorphic.composing import composed, steps
from metamorphic.verdicts import Fact, facts

if TYPE_CHECKING:
    from metamorphic.app import App
    from mutation.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a mutant.

    Attributes:
        mutant: Its rule, app and violation, as text.
        rule: Its rule.
        rewrites: Those that were made of it beforehand.
        killed: Whether its rule fails.
        others: Verdicts of other rules that changed and were not said to.
    """

    mutant: str
    rule: str
    rewrites: tuple[str, ...]
    killed: bool
    others: tuple[str, ...]


@lru_cache
def _sound(app: str) -> frozenset[Fact]:
    return facts(base(app))


def judged(mutant: Mutant, seed: str = "") -> Judged:
    """Checks the mutant, rewritten by up to three rewrites of chance where a seed is given."""
    app, used = rewritten(mutant, seed)
    before, after = _sound(mutant.app.name), facts(app)
    killed = any(rule == mutant.rule and verdict == "fail" for rule, verdict, _ in after)
    changed = sorted(after - before if "*" not in mutant.also else ())
    others = tuple(" ".join(fact) for fact in changed if fact[0] != mutant.rule and fact[0] not in mutant.also)
    return Judged(str(mutant), mutant.rule, used, killed, others)


def rewritten(mutant: Mutant, seed: str) -> tuple[App, tuple[str, ...]]:
    """The mutant's app after rewriting, and the rewrites."""
    if not seed:
        return mutant.app, ()
    app, used, _ = composed(mutant.app, steps(seed, most=3))
    return app, tuple(step.rewrite for step in used)
