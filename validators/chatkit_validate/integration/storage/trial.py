"""Trials: what is asked of a store in a rehearsal, and what came of it over all ways that the code can go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.rehearsal.machine import TOO_LONG, UnreadableError
from chatkit_validate.integration.rehearsal.statements import BreakSignal, ContinueSignal, ReturnSignal
from chatkit_validate.integration.rehearsal.values import ThrownError
from chatkit_validate.integration.storage.bench import Bench
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.stores import Method, Store
    from chatkit_validate.source import Place

_WAYS = 24
# What ends a rehearsal whose code does what nobody thought of.
_ODD = (
    ReturnSignal,
    BreakSignal,
    ContinueSignal,
    RecursionError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a store did wrong.

    Attributes:
        told: In words, after the method's name.
        passed: The places on the way to it, each with what it shows.
        grave: Whether it counts at the rule's own level.
        advice: Whether it is only worth knowing.
    """

    told: str
    passed: tuple[tuple[Place, str], ...] = ()
    grave: bool = True
    advice: bool = False


class BrokenError(Exception):
    """The store did not do what the trial demands."""

    def __init__(self, told: str, where: Place | None = None, *, grave: bool = True, advice: bool = False) -> None:
        super().__init__(told)
        self.told = told
        self.where = where
        self.grave = grave
        self.advice = advice


class UntriedError(Exception):
    """The trial could not be made."""


class InapplicableError(Exception):
    """The trial has nothing to say about this store."""


class ForkedError(Exception):
    """Rows that several trials share cannot be made in one way only."""


def tried(
    integration: Integration,
    method: Method,
    trial: Callable[[Bench], None],
    *,
    saving: bool = False,
    every: bool = False,
) -> Evidence[Fault] | str:
    """What came of a trial: a fault, its absence, why it could not be made; a text where it does not apply.

    Args:
        integration: The integration.
        method: The method.
        trial: What is asked of it.
        saving: Whether items are saved after they were added.
        every: Whether a fault counts only where no way that the code can go is without it.
    """
    patience = integration.once(_patience, method.store)
    if patience.left <= 0:
        return Unresolved(TOO_LONG, method.where)
    answer = _tried(integration, method, trial, saving=saving, every=every)
    if isinstance(answer, Unresolved) and answer.reason == TOO_LONG:
        patience.left -= 1
    return answer


def _tried(
    integration: Integration, method: Method, trial: Callable[[Bench], None], *, saving: bool, every: bool
) -> Evidence[Fault] | str:
    shared = None if saving else integration.once(_shared, method.store)
    if shared is not None:
        answer = _made(method, shared, trial)
        if answer is not None:
            again = isinstance(answer, Unresolved) and "what was saved" in answer.reason
            return tried(integration, method, trial, saving=True, every=every) if again else answer
    return _explored(integration, method, trial, saving=saving, every=every)


class _Patience:
    """How many more rehearsals of a store may run too long."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = 3


def _patience(_integration: Integration, _store: Store) -> _Patience:
    return _Patience()


def _shared(integration: Integration, store: Store) -> Bench | None:
    """A bench for all trials of a store that is made in one way only."""
    try:
        bench = Bench(integration, store)
    except (UnreadableError, ThrownError, *_ODD):
        return None
    bench.shared = True
    return None if bench.machine.taken else bench


def _made(method: Method, bench: Bench, trial: Callable[[Bench], None]) -> Evidence[Fault] | str | None:
    """What came of a trial on a shared bench; None where the code can go several ways."""
    try:
        bench.begin()
        answer = _answer(method, bench, trial)
    except ForkedError:
        answer = None
    if bench.machine.taken:
        bench.machine.taken.clear()
        bench.machine.decided.clear()
        return None
    return answer


def _answer(method: Method, bench: Bench | None, trial: Callable[[Bench], None]) -> Evidence[Fault] | str:
    """What comes of one rehearsal of a trial."""
    if bench is None:
        return Unresolved(f"{method.store.name} cannot be made", method.store.where)
    try:
        trial(bench)
    except BrokenError as error:
        return _fault(method, error, bench)
    except InapplicableError as error:
        return str(error)
    except UntriedError as error:
        return Unresolved(str(error), method.where)
    except UnreadableError as error:
        where = error.module.place(error.node) if error.module and error.node else method.where
        return Unresolved(error.reason, where)
    except ThrownError:
        return Unresolved(f"{method.method} cannot be rehearsed: what it needs raises", method.where)
    except _ODD as error:
        return Unresolved(f"{method.method} cannot be rehearsed ({type(error).__name__})", method.where)
    return Absent(method.where)


def _explored(
    integration: Integration, method: Method, trial: Callable[[Bench], None], *, saving: bool, every: bool
) -> Evidence[Fault] | str:
    """What came of a trial over every way that the code can go."""
    answers: list[Evidence[Fault] | str] = []
    pending: list[tuple[bool, ...]] = [()]
    for _ in range(_WAYS):
        if not pending:
            break
        choices = pending.pop()
        bench: Bench | None = None
        with suppress(UnreadableError, ThrownError, *_ODD):
            bench = Bench(integration, method.store, choices, saving=saving)
        answers.append(_answer(method, bench, trial))
        taken = bench.machine.taken if bench is not None else []
        pending.extend((*taken[:position], False) for position in range(len(choices), len(taken)) if taken[position])
    for kind in (Absent, Found, str, Unresolved) if every else (Found, Absent, str, Unresolved):
        for answer in answers:
            if isinstance(answer, kind):
                if isinstance(answer, Unresolved) and not saving and "what was saved" in answer.reason:
                    return tried(integration, method, trial, saving=True, every=every)
                return answer
    return Unresolved(f"{method.method} cannot be rehearsed", method.where)


def _fault(method: Method, error: BrokenError, bench: Bench | None) -> Found[Fault]:
    passed: list[tuple[Place, str]] = []
    for _, node, module in bench.machine.database.statements if bench else ():
        if node is not None and module is not None:
            passed.append((module.place(node), "the statement that runs"))
    return Found(
        Fault(error.told, tuple(dict.fromkeys(passed))[-1:], error.grave, error.advice), error.where or method.where
    )
