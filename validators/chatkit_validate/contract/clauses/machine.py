"""Any sequence of calls: the store answers as a model in memory does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.contract.clause import METHODS, UntriedError, clause

if TYPE_CHECKING:
    from chatkit_validate.contract.bench import Bench


@clause(
    "machine/model",
    "CK422",
    "load_thread_items",
    expected="after any sequence of calls by two users the store answers as a dictionary in memory would",
    way_out="Run the reproducer: it is the shortest sequence found that shows the difference.",
    judges=METHODS,
)
async def model(bench: Bench) -> str:
    """Sequences that Hypothesis makes and shortens."""
    try:
        from chatkit_validate.contract.model import compare
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "hypothesis":
            raise
        raise UntriedError("hypothesis is not installed here: pip install 'chatkit-validate[store]'") from error
    return await compare(bench)
