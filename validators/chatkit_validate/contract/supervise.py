"""Runs the worker: bounded in time, started again after a clause that takes it down, ended when the user says so."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chatkit_validate.contract.order import Order

STALL: Final = 40.0
"""Seconds without a word after which the worker is taken to be blocked: more than any clause may take by itself."""
_MOST_STARTS: Final = 6


class RefusedError(Exception):
    """Nothing could be tried; the text says why."""


@dataclass(slots=True)
class Findings:
    """What the worker said.

    Attributes:
        store: Name of the store's class.
        contexts: How contexts were built.
        missing: Abstract methods for the lack of which the store could not be built.
        places: Method (empty: the class) -> file and 1-based line.
        results: Clause id -> outcome, got, transcript and script.
    """

    store: str = ""
    contexts: str = ""
    missing: tuple[str, ...] = ()
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)


def supervise(order: Order, clauses: Iterable[str], *, seconds: float, progress: Callable[[str], None]) -> Findings:
    """Has the clauses tried in other processes.

    Args:
        order: What to try them on.
        clauses: Their ids.
        seconds: For everything together; what is not decided by then is unknown.
        progress: Called with a few words now and then.

    Raises:
        RefusedError: The store cannot be found or opened.
    """
    findings, waiting = Findings(), list(clauses)
    until = time.monotonic() + seconds
    for _ in range(_MOST_STARTS):
        if not waiting:
            break
        if time.monotonic() >= until:
            _leave(findings, waiting, f"the time limit of {seconds:g} s was reached (--timeout)")
            break
        with _Worker(order, waiting) as worker:
            trying, ended = _listen(worker, findings, until, progress)
        waiting = [name for name in waiting if name not in findings.results]
        if findings.missing:
            break
        if waiting and trying is not None and time.monotonic() < until:
            _leave(findings, [trying], ended)
            waiting = [name for name in waiting if name != trying]
        elif waiting and trying is None:
            raise RefusedError(ended)
    else:
        _leave(findings, waiting, f"the store took {_MOST_STARTS} processes down before")
    return findings


def _leave(findings: Findings, names: Iterable[str], reason: str) -> None:
    for name in names:
        findings.results[name] = {"outcome": "unknown", "got": reason, "transcript": (), "script": ""}


def _listen(
    worker: _Worker, findings: Findings, until: float, progress: Callable[[str], None]
) -> tuple[str | None, str]:
    """Takes in what the worker says until it ends or stalls; answers the clause it was at, and how it ended."""
    trying = None
    while True:
        said = worker.next(min(STALL, max(0.0, until - time.monotonic())))
        if said is None:
            return trying, worker.ended()
        match said:
            case {"kind": "refused", "why": why}:
                raise RefusedError(str(why))
            case {"kind": "told", **told}:
                findings.store, findings.contexts = told["store"], told["contexts"]
                findings.missing, findings.places = tuple(told["missing"]), told["places"]
            case {"kind": "trying", "id": name}:
                trying = str(name)
                progress(f"trying {name}")
            case {"kind": "result", "id": name, **result}:
                findings.results[str(name)] = result


class _Worker:
    """One worker process."""

    def __init__(self, order: Order, clauses: list[str]) -> None:
        package = str(Path(__file__).resolve().parent.parent.parent)
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        self._process = subprocess.Popen(
            [order.python, "-m", "chatkit_validate.contract.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": path},
            cwd=order.path,
        )
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            assert self._process.stdin is not None  # noqa: S101 - asked for above
            self._process.stdin.write(json.dumps(order.data(clauses)).encode())
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it died at once; its last words say why

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def next(self, seconds: float) -> dict[str, Any] | None:
        """What it says next; None where it ends or says nothing for so long."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        return None if line is None else json.loads(line)

    def ended(self) -> str:
        """How it ended, stopping it where it has not."""
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return "it did not come back: the event loop is blocked, or the time limit was reached (--timeout)"
        self._errors.seek(0)
        last = (self._errors.read().decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
        return f"the process of the store ended with code {code}: {last}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._errors.close()
