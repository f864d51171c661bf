"""Where the time of one `check` goes; run in a process of its own by `run.py`, prints milliseconds as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

BEGUN = time.perf_counter()

from chatkit_validate.ahead import ask  # noqa: E402 - the clock starts before the first import

if TYPE_CHECKING:
    from collections.abc import Callable


def main(root: str) -> dict[str, float]:
    """Milliseconds of each phase, in order."""
    spent: dict[str, float] = {}

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: object, **options: object) -> object:
            begun = time.perf_counter()
            try:
                return call(*arguments, **options)
            finally:
                spent[name] = spent.get(name, 0) + 1000 * (time.perf_counter() - begun)

        return wrapper

    begun = timed("asking git, or walking to know how large it is", _begun)(root)
    imported = time.perf_counter()
    from pathlib import Path

    from chatkit_validate import check, configuration, integration, source
    from chatkit_validate.report import json_report
    from chatkit_validate.rules import registry

    settings, problems = configuration.load(Path(root))
    spent["imports"] = 1000 * (time.perf_counter() - imported)
    for name, module, function in (
        ("finding files", source, "discover"),
        ("finding relevant files", source, "relevant"),
        ("  parsing, in the next two", source, "read"),
        ("finding integrations", integration, "read"),
        ("  loading rules, in the next", registry, "load"),
    ):
        setattr(module, function, timed(name, getattr(module, function)))
    report = timed("everything", check.check)(Path(root), settings, problems=problems, begun=begun)
    known = sum(spent.get(name, 0) for name in ("finding files", "finding relevant files", "finding integrations"))
    spent["asking rules"] = spent.pop("everything") - known
    timed("report", json_report.render)(report)
    return {**spent, "all": 1000 * (time.perf_counter() - BEGUN)}


def _begun(root: str) -> object:
    if asked := ask(root):
        return asked
    from chatkit_validate.source.beside import begin

    return begin(root)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
