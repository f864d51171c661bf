"""The clauses, a module for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.contract.clause import registered

# Importing a group registers its clauses; this is the order in which they are tried. Those that may leave a store
# unusable come last.
from chatkit_validate.contract.clauses import (  # isort: skip
    signatures,
    works,
    not_found,
    threads,
    items,
    upserts,
    paging,
    cursors,
    isolation,
    overwriting,
    deletes,
    times,
    concurrency,
    processes,
    cancellation,
    machine,
)

if TYPE_CHECKING:
    from chatkit_validate.contract.clause import Clause

__all__ = [
    "all_clauses",
    "cancellation",
    "concurrency",
    "cursors",
    "deletes",
    "isolation",
    "items",
    "machine",
    "not_found",
    "overwriting",
    "paging",
    "processes",
    "signatures",
    "threads",
    "times",
    "upserts",
    "works",
]


def all_clauses() -> tuple[Clause, ...]:
    """Every clause, in the order in which they are tried."""
    return registered()
