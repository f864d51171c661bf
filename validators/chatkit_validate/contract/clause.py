"""What a clause of the contract is, how one ends, and the register of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatkit_validate.contract.bench import Bench
    from chatkit_validate.rules.verdict import Level

    Trial: TypeAlias = Callable[[Bench], Awaitable[str]]

METHODS: Final = (
    "load_thread",
    "save_thread",
    "load_threads",
    "delete_thread",
    "load_thread_items",
    "add_thread_item",
    "save_item",
    "load_item",
    "delete_thread_item",
    "save_attachment",
    "load_attachment",
    "delete_attachment",
)
"""The abstract methods of `chatkit.store.Store`, the same since 1.0.0."""


class Need(StrEnum):
    """What a clause presupposes; without it the clause is not applicable or cannot be tried."""

    ATTACHMENTS = "attachments"
    TWO_USERS = "two users"
    CONCURRENCY = "concurrency"
    PROCESSES = "processes"


class BrokenError(Exception):
    """The clause does not hold; the text is what was seen."""


class UntriedError(Exception):
    """The clause could not be tried; the text is the reason."""


class InapplicableError(Exception):
    """The clause says nothing about this store; the text is the reason."""


class CallError(Exception):
    """A call of the store ended in an exception or did not end.

    Attributes:
        method: Which.
        told: For people: how it ended.
    """

    def __init__(self, method: str, told: str) -> None:
        super().__init__(f"{method} {told}")
        self.method = method
        self.told = told


class MissingError(CallError):
    """The store raised `chatkit.store.NotFoundError`."""


class CrashedError(CallError):
    """The store raised anything else, or did not answer in time."""


class NotImplementedByStoreError(CrashedError):
    """The store raised `NotImplementedError`."""


class UnusableError(CallError):
    """The method was found unusable before, so it was not called."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a store must do, under the same id whether it does or not.

    Attributes:
        id: `<group>/<name>`, stable.
        code: The rule that it decides.
        method: The method of the store that it is about.
        expected: What must be seen, one clause.
        way_out: What to do where it is not.
        trial: Tries it on a bench and answers what was seen; raises `BrokenError`,
            `UntriedError` or `InapplicableError`.
        judges: Methods whose unexpected exception breaks the clause; of any other it cannot be tried.
        needs: What it presupposes.
        level: Replaces the rule's level.
        disqualifies: Whether a store that breaks it is not asked for this method again.
    """

    id: str
    code: str
    method: str
    expected: str
    way_out: str
    trial: Trial = field(repr=False)
    judges: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    level: Level | None = None
    disqualifies: bool = False

    @property
    def group(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    def blames(self, method: str) -> bool:
        """Whether an unexpected exception of `method` breaks this clause."""
        return method == self.method or method in self.judges


_clauses: dict[str, Clause] = {}


def add(clause: Clause) -> None:
    """Registers `clause`.

    Raises:
        ValueError: Its id is taken.
    """
    if clause.id in _clauses:
        raise ValueError(f"two clauses are called {clause.id}")
    _clauses[clause.id] = clause


def clause(id_: str, code: str, method: str, **attributes: Any) -> Callable[[Trial], Trial]:
    """Registers the decorated function as the trial of a clause; the arguments are those of `Clause`."""

    def register(trial: Trial) -> Trial:
        add(Clause(id_, code, method, trial=trial, **attributes))
        return trial

    return register


def registered() -> tuple[Clause, ...]:
    """All clauses registered so far, in the order of registration."""
    return tuple(_clauses.values())
