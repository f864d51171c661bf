"""Two processes that check the same tree, and what they say that they should not."""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

ROOT = Path(__file__).resolve().parents[2]
_TREES_EACH = 150
"""What a process remembers of trees grows; after this many it is replaced."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong about a tree: `crash`, `no answer` or `two answers`, and the details."""

    kind: str
    detail: str


class Twins:
    """Two checking processes with different hash seeds, one of which sees folders in another order.

    Args:
        patience: Seconds that a tree may take.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._children: list[subprocess.Popen[str]] = []
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def check(self, root: Path) -> Finding | None:
        """Checks the tree at `root` in both; none where all is well."""
        if self._asked >= _TREES_EACH or not self._children:
            self._end()
            self._children = [_child(seed, shuffled=shuffled) for seed, shuffled in ((1, False), (77, True))]
            self._asked = 0
        self._asked += 1
        for child in self._children:
            assert child.stdin is not None
            child.stdin.write(f"{root}\n")
            child.stdin.flush()
        answers = [_answer(child, self._patience) for child in self._children]
        if None in answers:
            died = [child.poll() for child in self._children]
            self._end()
            return Finding("no answer", f"within {self._patience:.0f} s; exit codes {died}")
        first, second = (answer or {} for answer in answers)
        for answer in (first, second):
            if answer["crash"]:
                return Finding("crash", answer["crash"])
        if first["digest"] != second["digest"]:
            return Finding("two answers", f"{first['said']}\n---\n{second['said']}")
        return None

    def _end(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
        self._children = []


def _child(seed: int, *, shuffled: bool) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(ROOT / "validators"), str(ROOT / "benchmarks")])
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": paths, "GIT_CEILING_DIRECTORIES": "/"}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "fuzz.twins", *(["shuffled"] if shuffled else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )


def _answer(child: subprocess.Popen[str], patience: float) -> dict[str, Any] | None:
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], patience)
    line = child.stdout.readline() if ready else ""
    answer: dict[str, Any] | None = json.loads(line) if line else None
    return answer


def _shuffle_folders() -> None:
    """From now on this process gets the entries of folders in an order of chance."""
    chance, scandir = random.Random(0), os.scandir  # noqa: S311 - an order, no secret

    class Listing:
        def __init__(self, path: str) -> None:
            with scandir(path) as listing:
                entries = list(listing)
            chance.shuffle(entries)
            self._entries = iter(entries)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return

        def __iter__(self) -> Iterator[os.DirEntry[str]]:
            return self._entries

        def __next__(self) -> os.DirEntry[str]:
            return next(self._entries)

        def close(self) -> None:
            return

    setattr(os, "scandir", lambda path=".": Listing(path))  # noqa: B010 - mypy forbids the assignment


def _serve() -> None:
    """Answers each line of standard input, a folder, with a line of JSON."""
    if "shuffled" in sys.argv:
        _shuffle_folders()
    from chatkit_validate.check import check
    from chatkit_validate.configuration import Configuration
    from chatkit_validate.report import json_report

    for line in sys.stdin:
        try:
            report = check(Path(line.rstrip("\n")), Configuration())
            said = json_report.render(report)
            crash = "\n".join(map(str, report.diagnostics)) if report.crashed else ""
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            import traceback

            said, crash = "", "".join(traceback.format_exception(error, limit=-12))
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        print(json.dumps({"digest": digest, "crash": crash, "said": said}), flush=True)


if __name__ == "__main__":
    _serve()
