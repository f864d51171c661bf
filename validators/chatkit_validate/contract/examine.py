"""Trying the clauses on one store, one after the other."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from chatkit_validate.contract import reproducer
from chatkit_validate.contract.bench import Bench, Origin, attempt
from chatkit_validate.contract.capabilities import Capabilities, Isolation
from chatkit_validate.contract.clause import (
    BrokenError,
    CallError,
    Clause,
    InapplicableError,
    Need,
    NotImplementedByStoreError,
    UntriedError,
    UnusableError,
)
from chatkit_validate.contract.context import ContextError, Contexts, guessed
from chatkit_validate.contract.journal import Journal
from chatkit_validate.contract.target import TargetError
from chatkit_validate.contract.user import User, described
from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from chatkit_validate.contract.target import Target

_COMPARED: Final = frozenset(
    {"works", "not-found", "threads", "upserts", "paging", "cursors", "isolation", "overwriting", "deletes"}
)
"""Groups whose differences the comparison with the model would find again."""

LIMIT: Final = 25.0
"""Seconds within which a clause must have been decided."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a clause.

    Attributes:
        clause: Which.
        outcome: As for verdicts.
        got: What was seen, or the reason of an unknown or not applicable one.
        transcript: What was asked of the store, a line a call.
        script: A Python script that asks it again; empty where it held or could not be tried.
    """

    clause: Clause
    outcome: Outcome
    got: str
    transcript: tuple[str, ...] = ()
    script: str = ""


@dataclass(slots=True)
class Stage:
    """Where the store under test comes from, and what is known of it.

    Attributes:
        target: The factory; None where the stores come from a test suite's fixture.
        open: Opens a store.
        contexts: How contexts are built; None until the first store is open and says so.
        declared: What the store is meant to do.
        origin: For other processes; None where unknown.
        unusable: Methods that earlier clauses disqualified, with the reason.
        attachments_off: Why attachments are not enabled; None while unknown, empty where they are.
    """

    open: Callable[[], AbstractAsyncContextManager[Any]]
    declared: Capabilities = field(default_factory=Capabilities)
    target: Target | None = None
    contexts: Contexts | None = None
    origin: Origin | None = None
    unusable: dict[str, str] = field(default_factory=dict)
    attachments_off: str | None = None

    async def bench(self, store: Any) -> Bench:
        """A bench with two users that nothing knows yet.

        Raises:
            ContextError: No contexts can be built.
        """
        contexts = self.contexts = self.contexts or guessed(type(store))
        run, journal = secrets.token_hex(4), Journal()

        async def user(name: str) -> User:
            user_id = f"{name}-{run}"
            context = await contexts.make(user_id)
            return User(user_id, context, store, journal, self.unusable)

        return Bench(
            await user("alice"),
            await user("bob"),
            declared=self.declared,
            journal=journal,
            origin=self.origin,
            same_user=contexts.same_user,
            run=run,
        )


async def examine(stage: Stage, clauses: Iterable[Clause]) -> AsyncIterator[Result]:
    """Tries `clauses` in their order, on a fresh store for each group and after each that did not hold."""
    broken: list[str] = []
    for _, group in groupby(clauses, key=lambda clause: clause.group):
        async with AsyncExitStack() as stack:
            store: Any = None
            for clause in group:
                try:
                    if store is None:
                        store = await stack.enter_async_context(stage.open())
                except Exception as error:  # noqa: BLE001 - whatever the target's factory raises
                    yield _unopened(clause, error)
                    continue
                result = await _one(stage, clause, store, broken)
                yield result
                if result.outcome is Outcome.FAIL:
                    if clause.group in _COMPARED and clause.level is not Level.ADVICE:
                        broken.append(clause.id)
                    if clause.disqualifies:
                        stage.unusable.setdefault(clause.method, f"{clause.id} does not hold")
                    if clause.group in {"concurrency", "cancellation", "machine"}:
                        await _closed(stack)
                        store = None


async def _closed(stack: AsyncExitStack) -> None:
    try:
        async with asyncio.timeout(LIMIT):
            await stack.aclose()
    except Exception:  # noqa: BLE001 - a store that was just found broken may not close either
        return


def _unopened(clause: Clause, error: Exception) -> Result:
    if isinstance(error, TargetError) and clause.code == "CK401" and clause.method in error.missing:
        return Result(clause, Outcome.FAIL, f"the store cannot be built: {error}")
    told = str(error) if isinstance(error, TargetError) else described(error)
    return Result(clause, Outcome.UNKNOWN, f"the store could not be opened: {told}")


async def _one(stage: Stage, clause: Clause, store: Any, broken: list[str]) -> Result:
    try:
        bench = await stage.bench(store)
    except ContextError as error:
        return Result(clause, Outcome.UNKNOWN, str(error))
    if clause.group == "machine" and broken:
        first = f"{broken[0]} and {len(broken) - 1} more do not" if len(broken) > 1 else f"{broken[0]} does not"
        return Result(clause, Outcome.UNKNOWN, f"not compared, for the difference is known: {first} hold")
    if Need.ATTACHMENTS in clause.needs and stage.attachments_off is None:
        stage.attachments_off = await without_attachments(bench)
        await _cleared(bench)
        bench = await stage.bench(store)
    result = await try_clause(clause, bench, attachments_off=stage.attachments_off or "")
    if result.outcome is Outcome.FAIL:
        script = reproducer.script(bench, clause, result.got, stage.target, stage.contexts)
        result = replace(result, script=script)
    await _cleared(bench)
    return result


async def _cleared(bench: Bench) -> None:
    try:
        async with asyncio.timeout(LIMIT):
            await bench.clear()
    except (CallError, TimeoutError):
        return


async def try_clause(clause: Clause, bench: Bench, *, attachments_off: str = "") -> Result:
    """Tries one clause on `bench`.

    Args:
        clause: Which.
        bench: With two users that have no data.
        attachments_off: Why clauses about attachments do not apply; empty where they do.
    """
    if reason := _inapplicable(clause, bench.declared, attachments_off):
        return Result(clause, Outcome.NOT_APPLICABLE, reason)
    if Need.TWO_USERS in clause.needs and bench.same_user:
        return Result(clause, Outcome.UNKNOWN, f"contexts of two users are needed: {bench.same_user}; name --context")
    try:
        async with asyncio.timeout(LIMIT):
            outcome, got = Outcome.PASS, await clause.trial(bench)
    except BrokenError as error:
        outcome, got = Outcome.FAIL, str(error)
    except InapplicableError as error:
        outcome, got = Outcome.NOT_APPLICABLE, str(error)
    except (UntriedError, UnusableError) as error:
        outcome, got = Outcome.UNKNOWN, str(error)
    except CallError as error:
        blamed = clause.blames(error.method)
        outcome = Outcome.FAIL if blamed else Outcome.UNKNOWN
        got = str(error) if blamed else f"{error}, so this could not be tried"
    except TimeoutError:
        outcome, got = Outcome.UNKNOWN, f"not decided within {LIMIT:g} s"
    except Exception as error:  # noqa: BLE001 - a store may answer anything
        outcome, got = Outcome.UNKNOWN, f"what the store answered could not be judged: {described(error)}"
    return Result(clause, outcome, got, bench.journal.transcript())


def _inapplicable(clause: Clause, declared: Capabilities, attachments_off: str) -> str:
    if Need.ATTACHMENTS in clause.needs and (declared.attachments is False or attachments_off):
        return attachments_off or "attachments are declared not to be enabled"
    if Need.TWO_USERS in clause.needs and declared.isolation is Isolation.SHARED:
        return "the store is declared to show all callers the same"
    if Need.CONCURRENCY in clause.needs and not declared.concurrency:
        return "the store is declared to serve one call at a time"
    if Need.PROCESSES in clause.needs and not declared.processes:
        return "the store is declared to live in one process"
    return ""


async def without_attachments(bench: Bench) -> str:
    """Why attachments are not enabled, by the store's own word (`NotImplementedError`); empty where they are."""
    if bench.declared.attachments is not None:
        return ""
    sample = bench.samples.attachment(bench.new_id("atc"))
    for call in (bench.alice.save_attachment(sample), bench.alice.load_attachment(sample.id)):
        try:
            error = (await attempt(call)).error
        except UnusableError:
            continue
        if isinstance(error, NotImplementedByStoreError):
            return f"attachments are not enabled: {error}"
    return ""
