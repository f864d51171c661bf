"""The process in which the target is imported and its store is tried.

Reads one order from standard input; answers lines of JSON: `told` once, then for each clause `trying` and `result`, or
`refused` where nothing can be tried. What the target prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from chatkit_validate.contract import context, target
from chatkit_validate.contract.bench import Origin
from chatkit_validate.contract.capabilities import Capabilities, Isolation
from chatkit_validate.contract.clause import METHODS
from chatkit_validate.contract.clauses import all_clauses
from chatkit_validate.contract.examine import Stage, examine

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[str, dict[str, Any]], None]


def main() -> None:
    """Carries out the order."""
    order = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(kind: str, data: dict[str, Any]) -> None:
        out.write(json.dumps({"kind": kind, **data}) + "\n")
        out.flush()

    asyncio.run(_work(order, say))


async def _work(order: dict[str, Any], say: Say) -> None:
    try:
        stage = _stage(order)
        missing = await _told(stage, say)
    except ModuleNotFoundError as error:
        say("refused", {"why": f"{error.name} is not installed for {sys.executable}; see --store-python"})
        return
    except (target.TargetError, context.ContextError) as error:
        say("refused", {"why": str(error)})
        return
    wanted = {clause.id: clause for clause in all_clauses()}
    clauses = [wanted[name] for name in order["clauses"]]
    if missing:
        clauses = [clause for clause in clauses if clause.code == "CK401"]
    results = examine(stage, clauses)
    for clause in clauses:  # one is named before it is tried, so that a hang can be blamed on it
        say("trying", {"id": clause.id})
        result = await anext(results)
        say(
            "result",
            {
                "id": result.clause.id,
                "outcome": result.outcome.value,
                "got": result.got,
                "transcript": result.transcript,
                "script": result.script,
            },
        )


def _stage(order: dict[str, Any]) -> Stage:
    import chatkit.store  # noqa: F401 - said to be missing before anything else is

    declared = order["declared"] | {"isolation": Isolation(order["declared"]["isolation"])}
    found = target.load(order["spec"], order["path"])
    contexts = context.named(order["context"], order["path"]) if order["context"] else None
    return Stage(
        open=lambda: target.opened(found),
        declared=Capabilities(**declared),
        target=found,
        contexts=contexts,
        origin=Origin(order["spec"], order["path"], order["context"]),
    )


async def _told(stage: Stage, say: Say) -> tuple[str, ...]:
    """Opens the store once and says what it is; answers the abstract methods for the lack of which it cannot open."""
    assert stage.target is not None  # noqa: S101 - _stage has set it
    try:
        async with stage.open() as store:
            kind = type(store)
            stage.contexts = stage.contexts or context.guessed(kind)
            contexts = stage.contexts.how
    except target.TargetError as error:
        if not error.missing:
            raise
        value = stage.target.value
        kind, contexts = value if inspect.isclass(value) else type(None), ""
        say("told", {"store": kind.__name__, "contexts": contexts, "missing": error.missing, "places": _places(kind)})
        return error.missing
    say("told", {"store": kind.__name__, "contexts": contexts, "missing": (), "places": _places(kind)})
    return ()


def _places(kind: type) -> dict[str, tuple[str, int]]:
    """Where each method of the store is written; where the class is, for one that it lacks."""
    places = {}
    for method in ("", *METHODS):
        code: Any = inspect.unwrap(getattr(kind, method, kind)) if method else kind
        try:
            places[method] = (inspect.getsourcefile(code) or "", inspect.getsourcelines(code)[1])
        except (OSError, TypeError):
            places[method] = ("", 0)
    return places


if __name__ == "__main__":
    main()
