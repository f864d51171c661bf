"""Each rule finds its violations, and reading and running say the same of a sample."""

from __future__ import annotations

import pytest

from agreement.__main__ import sample
from agreement.bench import bench
from agreement.comparing import compared
from agreement.explained import explained
from mutation.__main__ import tasks
from mutation.catalogue import mutants
from mutation.judging import judged
from mutation.mutant import Way, mutated


def test_a_violation_that_is_none_survives_and_what_it_changes_is_told() -> None:
    harmless = mutated("minimal", "CK104", Way("a name", 'name="assistant"', 'name="helper"', path="app/server.py"), {})
    other = mutated("minimal", "CK104", Way("GET", '.post("/chatkit")', '.get("/chatkit")'), {})
    assert harmless is not None
    assert other is not None
    assert not judged(harmless).killed
    assert any(told.startswith("CK101 fail") for told in judged(other).others)


def test_a_way_without_its_place_makes_no_mutant() -> None:
    assert mutated("minimal", "CK104", Way("nothing", "no such text", ""), {}) is None


def test_a_plan_has_every_mutant_before_any_is_rewritten() -> None:
    planned = tasks(len(mutants()) + 5, 1)
    assert {number for number, seed in planned if not seed} == set(range(len(mutants())))
    assert sum(bool(seed) for _, seed in planned) == 5


@pytest.mark.slow
def test_mutants_of_a_sample_are_found() -> None:
    found = [judged(mutants()[number]) for number, _ in tasks(40, 3)]
    assert [each.mutant for each in found if not each.killed] == []


@pytest.mark.slow
def test_reading_and_running_agree_on_a_sample() -> None:
    with bench() as running:
        found = [compared(running, mutant) for mutant in sample(8, 5)]
    opposite = [(each.mutant, rule) for each in found for rule in each.opposite]
    unexplained = [each for each in opposite if not explained(*each)]
    assert unexplained == []
    assert any(each.both for each in found)
