"""The command `store`: from an order to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.configuration import UsageError
from chatkit_validate.contract import verdicts
from chatkit_validate.contract.clauses import all_clauses
from chatkit_validate.contract.supervise import Findings, RefusedError, supervise
from chatkit_validate.report.report import Diagnostic, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.contract.clause import Clause
    from chatkit_validate.contract.order import Order


def run(
    order: Order,
    *,
    only: str | None = None,
    seconds: float = 180.0,
    ignored: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Tries the clauses of the contract on a store.

    Args:
        order: The store.
        only: Ids or groups of clauses, by comma; None for all.
        seconds: For everything together.
        ignored: Codes or prefixes of rules whose clauses are left out.
        progress: Called with a few words now and then.

    Returns:
        A report with one target. A store that cannot be found or opened is a diagnostic that makes it incomplete.

    Raises:
        UsageError: `only` names no clause.
    """
    clauses = tuple(clause for clause in selected(only) if not clause.code.startswith(ignored or ("\0",)))
    diagnostics: tuple[Diagnostic, ...] = ()
    try:
        findings = supervise(order, [clause.id for clause in clauses], seconds=seconds, progress=progress)
    except RefusedError as error:
        findings = Findings()
        diagnostics = (Diagnostic(order.spec, 0, "store-not-opened", str(error), incomplete=True),)
    except FileNotFoundError as error:
        raise UsageError(f"--store-python: there is no interpreter {order.python}") from error
    target = verdicts.report(order, clauses, findings)
    return Report(order.spec, 0, 0, (), diagnostics=diagnostics, targets=(target,))


def selected(only: str | None) -> tuple[Clause, ...]:
    """The clauses whose id or group is in `only`, or all.

    Raises:
        UsageError: A word of it names none.
    """
    if only is None:
        return all_clauses()
    words = [word.strip() for word in only.split(",") if word.strip()]
    known = {clause.id for clause in all_clauses()} | {clause.group for clause in all_clauses()}
    for word in words:
        if word not in known:
            raise UsageError(f"--only: there is no clause or group {word!r}; chatkit-validate store --list names them")
    return tuple(clause for clause in all_clauses() if clause.id in words or clause.group in words)


def listing() -> str:
    """A line for each clause: rule, id and what is expected."""
    clauses = all_clauses()
    width = max(len(clause.id) for clause in clauses)
    return "".join(f"{clause.code}  {clause.id:<{width}}  {clause.expected}\n" for clause in clauses)
