"""A second process that walks and searches a large tree while this one imports its modules, and then with it.

Only for trees without git, and only where processes can be forked; nothing depends on it: what it does not answer is
done here.
"""

from __future__ import annotations

import marshal
import os
import sys
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from chatkit_validate.ahead import Asked
from chatkit_validate.source.looking import look
from chatkit_validate.source.problem import Problem, ProblemKind
from chatkit_validate.source.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chatkit_validate.source.looking import Look

SMALL: Final = 1000
"""Python files; up to so many are found and read faster than a process is started and heard."""

_JOBS: Final = 64


class Beside:
    """The second process.

    Args:
        walk: A walk that has begun; the process goes on with it.
    """

    def __init__(self, walk: Walk) -> None:
        self._root = walk.root
        # This process knows these already: it looks at them while the other one walks.
        self._mine = list(walk.paths)
        self._shared: list[str] = []
        self._seen: list[tuple[str, Look]] = []
        # Whoever is free takes the next job: one byte of a pipe that both read.
        self._jobs, jobs = os.pipe()
        self._answers, answers = os.pipe()
        self._process = os.fork()
        if not self._process:
            code = 1
            try:
                os.close(self._answers)
                self._work(walk, jobs, answers)
                code = 0
            finally:
                # Without the cleaning up and the traceback that are the other process's business.
                os._exit(code)
        os.close(jobs)
        os.close(answers)

    def walked(self) -> Walk | None:
        """The whole walk; None where the process failed."""
        self._seen = [(path, look(self._root, path)) for path in self._mine]
        found = self._receive()
        if found is None:
            return None
        walk = Walk(self._root)
        self._shared, walk.pages, problems, skipped = found
        walk.paths = self._mine + self._shared
        walk.problems = [_problem(fields) for fields in problems]
        walk.skipped = [_problem(fields) for fields in skipped]
        return walk

    def looks(self) -> Iterator[tuple[str, Look]]:
        """Each file of the walk with what a look at it tells; the last ones are missing where the process failed."""
        yield from self._seen
        for number in self._look():
            yield self._shared[number], look(self._root, self._shared[number])
        for number, seen in self._receive() or ():
            yield self._shared[number], _problem(seen) if seen is not None and len(seen) > 3 else seen
        self.drop()

    def drop(self) -> None:
        """Ends the process, where its answers are no longer wanted, and forgets it."""
        if self._process:
            os.close(self._jobs)
            os.close(self._answers)
            os.kill(self._process, 9)
            os.waitpid(self._process, 0)
            self._process = 0

    def _work(self, walk: Walk, jobs: int, answers: int) -> None:
        """What the process does: walks on, says what it found, takes jobs until there are none, says what it saw."""
        walk.go_on()
        self._shared = walk.paths[len(self._mine) :]
        os.write(jobs, bytes(range(_JOBS)))
        os.close(jobs)
        problems = [[_fields(problem) for problem in found] for found in (walk.problems, walk.skipped)]
        _send(answers, (self._shared, walk.pages, *problems))
        seen = [(number, look(self._root, self._shared[number])) for number in self._look()]
        _send(answers, [(number, _fields(one) if isinstance(one, Problem) else one) for number, one in seen])

    def _look(self) -> Iterator[int]:
        """The files that this process is to look at, by their place in the walk."""
        while job := os.read(self._jobs, 1):
            yield from range(job[0], len(self._shared), _JOBS)

    def _receive(self) -> Any:  # noqa: ANN401 - what was sent
        length = _read(self._answers, 8)
        data = _read(self._answers, int.from_bytes(length, "little")) if len(length) == 8 else b""
        return marshal.loads(data) if data else None  # noqa: S302 - our own process wrote it


Begun: TypeAlias = Asked | Walk | Beside
"""What was started about a tree while this process started: git was asked, or a walk was begun."""


def begin(root: Path | str) -> Walk | Beside | None:
    """Walks the tree at `root`: to its end where it is small, else as far as it takes to know that it is not.

    Returns:
        The whole walk, or the process that goes on with it; None where no process can be forked.
    """
    if sys.platform != "linux":
        return None
    walk = Walk(os.fspath(root))
    if walk.run(at_most=SMALL):
        return walk
    return Beside(walk)


def _fields(problem: Problem) -> tuple[str, int, str, str]:
    return problem.path, problem.line, problem.kind.value, problem.reason


def _problem(fields: Any) -> Problem:  # noqa: ANN401 - what was sent
    path, line, kind, reason = fields
    return Problem(path, line, ProblemKind(kind), reason)


def _send(pipe: int, found: Any) -> None:  # noqa: ANN401 - whatever marshal knows
    data = marshal.dumps(found)
    with open(pipe, "wb", closefd=False) as stream:
        stream.write(len(data).to_bytes(8, "little") + data)


def _read(pipe: int, length: int) -> bytes:
    """So many bytes, or none where the other process ends before."""
    chunks = []
    while length and (chunk := os.read(pipe, length)):
        chunks.append(chunk)
        length -= len(chunk)
    return b"" if length else b"".join(chunks)
