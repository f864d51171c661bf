"""Compositions of rewrites: made by chance, judged, made smaller."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from metamorphic.catalogue import REWRITES
from metamorphic.rewrite import Step, applied
from metamorphic.verdicts import Fact, facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamorphic.app import App

MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """Verdicts that a rewriting changed.

    Attributes:
        steps: The fewest that still do.
        places: Where each was applied.
        gone: What was said of the app before, and is no longer.
        come: What is said instead.
    """

    steps: tuple[Step, ...]
    places: tuple[str, ...]
    gone: frozenset[Fact]
    come: frozenset[Fact]

    def __str__(self) -> str:
        lines = [
            f"  {step.rewrite} (seed {step.seed}) at {place}"
            for step, place in zip(self.steps, self.places, strict=True)
        ]
        lines += [f"    - {' '.join(fact)}" for fact in sorted(self.gone)]
        return "\n".join([*lines, *(f"    + {' '.join(fact)}" for fact in sorted(self.come))])


def steps(seed: str, most: int = MOST_STEPS) -> tuple[Step, ...]:
    """A composition of one to `most` rewrites."""
    chance = Random(seed)  # noqa: S311 - chance that can be repeated
    return tuple(Step(chance.choice(tuple(REWRITES)), chance.randrange(2**32)) for _ in range(chance.randint(1, most)))


def everything(app: App, seed: str) -> tuple[App, tuple[Step, ...], tuple[str, ...]]:
    """The app with every rewrite made once that finds a place, in an order of chance."""
    chance = Random(seed)  # noqa: S311 - chance that can be repeated
    names = [*REWRITES]
    chance.shuffle(names)
    return composed(app, [Step(name, chance.randrange(2**32)) for name in names])


def composed(app: App, composition: Sequence[Step]) -> tuple[App, tuple[Step, ...], tuple[str, ...]]:
    """The app rewritten step by step; the steps that found a place, and the places."""
    used, places = [], []
    for step in composition:
        done = applied(app, REWRITES[step.rewrite], step.seed)
        if done is not None:
            app, place = done
            used.append(step)
            places.append(place)
    return app, tuple(used), tuple(places)


def difference(app: App, composition: Sequence[Step]) -> Difference | None:
    """What the composition changes in the verdicts, by its fewest steps; none where nothing."""
    before = facts(app)
    found = _difference(app, composition, before)
    if found is None:
        return None
    smaller = True
    while smaller:
        smaller = False
        for left in range(len(found.steps)):
            again = _difference(app, found.steps[:left] + found.steps[left + 1 :], before)
            if again is not None:
                found, smaller = again, True
                break
    return found


def _difference(app: App, composition: Sequence[Step], before: frozenset[Fact]) -> Difference | None:
    rewritten, used, places = composed(app, composition)
    after = facts(rewritten)
    return None if after == before else Difference(used, places, before - after, after - before)
