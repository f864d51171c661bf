"""Every clause holds for the store that keeps to the contract, and bites on one that breaks it."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.contract.broken import BROKEN
from tests.contract.memory import MemoryStore

from chatkit_validate.contract.bench import Origin
from chatkit_validate.contract.capabilities import Capabilities
from chatkit_validate.contract.clauses import all_clauses
from chatkit_validate.contract.examine import Result, Stage, examine
from chatkit_validate.contract.target import Target
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from chatkit_validate.contract.clause import Clause

CLAUSES = {clause.id: clause for clause in all_clauses()}
ONE_PROCESS = Capabilities(processes=False)


async def results(
    make: Callable[[], Any], clauses: Iterable[Clause], declared: Capabilities = ONE_PROCESS
) -> dict[str, Result]:
    """What comes of the clauses on one store."""
    store = make()

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        yield store

    stage = Stage(
        opened,
        declared=declared,
        target=Target("tests.contract.memory:MemoryStore", MemoryStore),
        origin=Origin("tests.contract.memory:MemoryStore", str(ROOT)),
    )
    return {result.clause.id: result async for result in examine(stage, clauses)}


async def test_the_correct_store_keeps_to_every_clause() -> None:
    answers = await results(MemoryStore, CLAUSES.values())
    wrong = {name: result.got for name, result in answers.items() if result.outcome is not Outcome.PASS}
    assert list(wrong) == ["processes/shared"], wrong
    assert answers["processes/shared"].outcome is Outcome.NOT_APPLICABLE


def test_every_clause_has_a_broken_store() -> None:
    assert set(BROKEN) == set(CLAUSES) - {"items/new-types"}  # which only another library could break


@pytest.mark.parametrize("name", sorted(BROKEN))
async def test_a_store_that_breaks_the_clause_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(ROOT / "validators"))))
    declared = Capabilities() if name.startswith("processes/") else ONE_PROCESS
    result = (await results(BROKEN[name], [CLAUSES[name]], declared))[name]
    assert result.outcome is Outcome.FAIL, result.got
    assert result.got


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("present/save_item", {"CK401"}),
        ("signature/load_thread", {"CK402"}),
        ("async/delete_thread", {"CK403"}),
        ("isolation/delete_thread", {"CK404"}),
        ("not-found/delete_thread-unknown", {"CK405"}),
        ("paging/items-after-with-has-more", {"CK406", "CK407", "CK410"}),
        ("paging/items-ties-in-order", {"CK408", "CK419"}),
        ("paging/threads-has-more", {"CK406", "CK409", "CK410"}),
        ("works/load_thread", {"CK412"}),
        ("overwriting/save_thread", {"CK413"}),
        ("items/widget", {"CK414"}),
        ("upserts/save_thread", {"CK416"}),
        ("upserts/save_item-in-place", {"CK416"}),
        ("concurrency/writes", {"CK417"}),
        ("cancellation/save_thread", {"CK418"}),
        ("times/item-instant", {"CK419"}),
        ("deletes/thread-starts-empty", {"CK420"}),
        ("machine/model", {"CK422"}),
    ],
)
async def test_one_fault_is_reported_under_the_rules_it_breaks_and_no_others(name: str, codes: set[str]) -> None:
    answers = await results(BROKEN[name], CLAUSES.values())
    failed = {result.clause.code: result for result in answers.values() if result.outcome is Outcome.FAIL}
    assert set(failed) == codes, {result.clause.id: result.got for result in failed.values()}


async def test_what_depends_on_an_unusable_method_is_unknown_and_says_why() -> None:
    answers = await results(BROKEN["present/load_thread"], CLAUSES.values())
    assert answers["isolation/load_thread"].outcome is Outcome.UNKNOWN
    assert "load_thread is not usable: present/load_thread does not hold" in answers["isolation/load_thread"].got


async def test_the_shortest_sequence_is_what_remains() -> None:
    """Two items, the first deleted and added again: five calls and a look."""
    result = (await results(BROKEN["machine/model"], [CLAUSES["machine/model"]]))["machine/model"]
    assert 5 <= len(result.transcript) <= 20, result.transcript
