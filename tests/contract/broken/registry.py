"""The register of broken stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

BROKEN: dict[str, Callable[[], Any]] = {}
"""Clause id -> what makes a store that breaks it."""


def breaks(*clauses: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """The decorated class breaks these clauses."""

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        for clause in clauses:
            assert clause not in BROKEN, clause
            BROKEN[clause] = make
        return make

    return register


def replaced(method: str, function: Callable[..., Any]) -> type[MemoryStore]:
    """A store with another `method`."""
    return type("Broken", (MemoryStore,), {method: function})
