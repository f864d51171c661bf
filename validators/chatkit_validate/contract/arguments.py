"""The options of `store`, for its own command and for `all`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatkit_validate.configuration import UsageError
from chatkit_validate.contract.capabilities import Capabilities, Isolation
from chatkit_validate.contract.order import Order

if TYPE_CHECKING:
    import argparse

_EPILOG = """\
TARGET is a factory without parameters: a class, a function or coroutine function that returns a store, or one that
gives a context manager. It is imported and run in a process of its own. Point it at a database for tests: clauses
write, and delete what they wrote. Called again, also in another process, it must open the same data.

Contexts for two users are made from what the store's class says of its context; --context names a function that takes
a user id (alice-..., bob-...) and returns a context, where that does not fit."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command `store`, without the options about its report."""
    import argparse as parsing

    store = commands.add_parser(
        "store",
        help="put a store through ChatKit's contract",
        description="Tries every clause of the store contract on a store and decides the rules.",
        epilog=_EPILOG,
        formatter_class=parsing.RawDescriptionHelpFormatter,
    )
    store.add_argument("target", nargs="?", metavar="TARGET", help="module:factory, e.g. app.store:make_store")
    store.add_argument("--path", default=".", help="the folder that TARGET is imported from (default: this one)")
    store.add_argument("--only", metavar="CLAUSES", help="ids or groups, by comma, e.g. paging,items/widget")
    store.add_argument("--transcripts", action="store_true", help="show every call and its answer, for passes too")
    store.add_argument("--list", action="store_true", help="name the clauses and end")
    add_to(store)
    return store


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what the store is like."""
    group = parser.add_argument_group("the store")
    group.add_argument("--context", default="", metavar="MODULE:FUNCTION", help="builds a context for a user id")
    group.add_argument("--store-python", metavar="EXE", help="the interpreter that can import the store")
    group.add_argument(
        "--attachments",
        dest="attachments",
        action="store_true",
        default=None,
        help="attachments are enabled (default: unless NotImplementedError says no)",
    )
    group.add_argument("--no-attachments", dest="attachments", action="store_false", help="attachments are not enabled")
    group.add_argument("--shared", action="store_true", help="all callers see the same, on purpose")
    group.add_argument("--sequential", action="store_true", help="the store serves one call at a time, on purpose")
    group.add_argument("--single-process", action="store_true", help="the data lives in one process, on purpose")
    group.add_argument("--timeout", type=float, default=180.0, metavar="SECONDS", help="for all clauses (default: 180)")


def order(options: argparse.Namespace, spec: str, path: str) -> Order:
    """The order that `options` give.

    Raises:
        UsageError: They name what does not exist.
    """
    module, _, attribute = spec.partition(":")
    if not module or not attribute:
        raise UsageError(f"store: {spec!r} is no module:factory, e.g. app.store:make_store")
    if not Path(path).is_dir():
        raise UsageError(f"store: there is no folder {path}")
    if options.timeout <= 0:
        raise UsageError(f"store: --timeout wants seconds, not {options.timeout:g}")
    return Order(
        spec=spec,
        path=str(Path(path).resolve()),
        python=options.store_python or sys.executable,
        context=options.context,
        declared=Capabilities(
            attachments=options.attachments,
            isolation=Isolation.SHARED if options.shared else Isolation.USER,
            concurrency=not options.sequential,
            processes=not options.single_process,
        ),
    )
