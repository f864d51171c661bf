"""The contract as a pytest class: `class TestMyStore(StoreContract)` with a `store` fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from chatkit_validate.contract import context, target
from chatkit_validate.contract.bench import Bench, Origin
from chatkit_validate.contract.capabilities import Capabilities, Isolation
from chatkit_validate.contract.clauses import all_clauses
from chatkit_validate.contract.examine import Stage, try_clause, without_attachments
from chatkit_validate.rules.verdict import Level, Outcome

if TYPE_CHECKING:
    from chatkit_validate.contract.clause import Clause


class StoreContract:
    """One test for each clause of ChatKit's store contract.

    Subclass it in a test file, name the class `Test...`, and give it a `store` fixture that opens the store for one
    test (`pytest_asyncio.fixture` where opening is asynchronous). The class attributes declare what the store is meant
    to do; a clause that they exclude is skipped with that reason, and one that cannot be tried fails.

    Contexts for two users are worked out from the store's class. Override `make_context` where that does not fit.
    """

    attachments: ClassVar[bool | None] = None
    """Whether attachments are enabled. None: they are, unless the store raises `NotImplementedError` for them."""
    isolation: ClassVar[Isolation] = Isolation.USER
    """Who sees what."""
    concurrency: ClassVar[bool] = True
    """Whether one store object serves several requests at once, as it does in any ASGI application."""
    processes: ClassVar[bool] = True
    """Whether several processes share the data; needs `factory`."""
    factory: ClassVar[str] = ""
    """`module:name` of a factory that opens the same data in another process, for `processes`."""
    root: ClassVar[str] = "."
    """The folder from which `factory` is imported."""

    make_context: ClassVar[Any] = None
    """A function that takes a user id (`alice-...`, `bob-...`) and returns, or is awaited for, that user's context."""

    @pytest.mark.asyncio
    @pytest.mark.parametrize("clause", all_clauses(), ids=lambda clause: clause.id)
    async def test_contract(self, clause: Clause, store: Any) -> None:
        """The store keeps to `clause`."""
        stage = self._stage(store)
        bench = await stage.bench(store)
        off = await without_attachments(bench) if "attachment" in clause.method else ""
        await bench.clear()
        bench = await stage.bench(store)
        result = await try_clause(clause, bench, attachments_off=off)
        await bench.clear()
        if result.outcome is Outcome.NOT_APPLICABLE:
            pytest.skip(result.got)
        if result.outcome is not Outcome.PASS:
            self._tell(clause, result.got, bench)

    def _stage(self, store: Any) -> Stage:
        make = type(self).make_context
        contexts = None
        if make is not None:
            function = getattr(make, "__func__", make)
            contexts = context.Contexts(function, "make_context({user!r})", (), how="by make_context")
        return Stage(
            open=lambda: target.opened(target.Target(type(store).__name__, store)),
            declared=Capabilities(self.attachments, self.isolation, self.concurrency, self.processes),
            contexts=contexts,
            origin=Origin(self.factory, self.root) if self.factory else None,
        )

    def _tell(self, clause: Clause, got: str, bench: Bench) -> None:
        from chatkit_validate.contract.verdicts import name_and_level

        name, level = name_and_level(clause.code)
        lines = [
            f"{clause.code} {name}: {clause.method} ({clause.id})",
            f"  expected: {clause.expected}",
            f"  got:      {got}",
            f"  to do:    {clause.way_out}",
            *(f"    {line}" for line in bench.journal.transcript()),
        ]
        told = "\n".join(lines)
        if (clause.level or level) is Level.ADVICE:
            pytest.skip(f"advice: {told}")
        pytest.fail(told, pytrace=False)
