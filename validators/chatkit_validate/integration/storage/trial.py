"""Trials: what is asked of a store in a rehearsal, and what came of it over all ways that the code can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.rehearsal.machine import UnreadableError
from chatkit_validate.integration.rehearsal.statements import BreakSignal, ContinueSignal, ReturnSignal
from chatkit_validate.integration.rehearsal.values import ThrownError
from chatkit_validate.integration.storage.bench import Bench
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.stores import Method
    from chatkit_validate.source import Place

_WAYS = 24


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


def tried(
    integration: Integration, method: Method, trial: Callable[[Bench], None], *, saving: bool = False
) -> Evidence[Fault] | str:
    """What came of a trial: a fault, its absence, why it could not be made; a text where it does not apply."""
    faults: list[Found[Fault]] = []
    untried: list[Unresolved] = []
    fine = 0
    excuse = ""
    pending: list[tuple[bool, ...]] = [()]
    for _ in range(_WAYS):
        if not pending:
            break
        choices = pending.pop()
        taken: list[bool] = list(choices)
        bench = None
        try:
            bench = Bench(integration, method.store, choices, saving=saving)
            trial(bench)
            fine += 1
        except BrokenError as error:
            faults.append(_fault(method, error, bench))
        except InapplicableError as error:
            excuse = str(error)
        except UntriedError as error:
            untried.append(Unresolved(str(error), method.where))
        except UnreadableError as error:
            where = error.module.place(error.node) if error.module and error.node else method.where
            untried.append(Unresolved(error.reason, where))
        except ThrownError:
            untried.append(Unresolved(f"{method.method} cannot be rehearsed: what it needs raises", method.where))
        except (
            ReturnSignal,
            BreakSignal,
            ContinueSignal,
            RecursionError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as error:
            untried.append(Unresolved(f"{method.method} cannot be rehearsed ({type(error).__name__})", method.where))
        if bench is not None:
            taken = bench.machine.taken
        pending.extend((*taken[:position], False) for position in range(len(choices), len(taken)) if taken[position])
    if faults:
        return faults[0]
    if fine:
        return Absent(method.where)
    if excuse:
        return excuse
    if not saving and any("what was saved" in item.reason for item in untried):
        return tried(integration, method, trial, saving=True)
    return untried[0] if untried else Unresolved(f"{method.method} cannot be rehearsed", method.where)


def _fault(method: Method, error: BrokenError, bench: Bench | None) -> Found[Fault]:
    passed: list[tuple[Place, str]] = []
    for _, node, module in bench.machine.database.statements if bench else ():
        if node is not None and module is not None:
            passed.append((module.place(node), "the statement that runs"))
    return Found(
        Fault(error.told, tuple(dict.fromkeys(passed))[-1:], error.grave, error.advice), error.where or method.where
    )
