"""The failures of a tree now, and those it had before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatkit_validate import configuration as configure
from chatkit_validate.ahead import ask
from chatkit_validate.check import check
from chatkit_validate.rules.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chatkit_validate.hook.memory import Memory
    from chatkit_validate.report.report import Report
    from chatkit_validate.rules.verdict import Verdict

_GIT_SECONDS: Final = 5.0
_ADDED: Final = ("??", "A ", "AM")
_MOST_CHANGED: Final = 400
"""More changed files than this are no edit but another branch: nothing is compared."""


def new_failures(root: str, path: str, memory: Memory, *, before: str | None) -> list[Verdict]:
    """What fails now and did not when this session last looked, or before the edit of `path` where it never did.

    Args:
        root: The project.
        path: The edited file, relative to it.
        memory: Is told what fails now.
        before: The file's text before the edit; None where there was no such file.
    """
    now = _run(root)
    if any(diagnostic.incomplete and diagnostic.path == path for diagnostic in now.diagnostics):
        # Halfway through an edit a file may be no Python; what others miss of it then is no failure of theirs.
        memory.finished()
        return []
    failed = failures(now)
    known = memory.failures
    if known is None:
        known = _known_before(root, path, failed, before) if failed else set()
    memory.keep(failures=marks(failed), read=now.read)
    return [verdict for verdict in failed if known.isdisjoint(marks([verdict]))]


def _known_before(root: str, path: str, failed: list[Verdict], before: str | None) -> set[str]:
    if path.endswith(".py"):
        return marks(failures(_run(root, {path: before})))
    # Only Python can be thought away: elsewhere the edit answers for what stands in its file.
    return marks(verdict for verdict in failed if path not in {verdict.where.path, verdict.subject.path})


def all_failures(root: str, memory: Memory) -> list[Verdict]:
    """What fails now."""
    now = _run(root)
    failed = failures(now)
    memory.keep(failures=marks(failed), read=now.read)
    return failed


def failures_since_commit(root: str, memory: Memory) -> list[Verdict]:
    """What fails now and not in the last commit; nothing where there is no commit to compare with."""
    changed = _changed(root)
    if not changed:
        return []
    failed = all_failures(root, memory)
    if not failed:
        return []
    known = marks(failures(_run(root, changed)))
    return [verdict for verdict in failed if known.isdisjoint(marks([verdict]))]


def failures(report: Report) -> list[Verdict]:
    """The failures of `report` that are more than advice."""
    return [verdict for verdict in report.verdicts() if verdict.failed and verdict.level is not Level.ADVICE]


def marks(verdicts: Iterable[Verdict]) -> set[str]:
    """What `verdicts` are known again by: the fingerprint survives edits around the failure, the rest edits of it."""
    found = set()
    for one in verdicts:
        subject = one.subject
        found |= {one.fingerprint, f"{one.code} {subject.kind} {subject.path} {subject.name} {one.message}"}
    return found


def _run(root: str, overlay: Mapping[str, str | None] | None = None) -> Report:
    folder = Path(root)
    asked = ask(folder)
    configuration, problems = configure.load(folder)
    return check(folder, configuration, problems=problems, begun=asked, overlay=overlay or {})


def _changed(root: str) -> dict[str, str | None]:
    """The Python files that differ from the last commit, with their text in it; None for those it does not have."""
    listed = _git(root, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", "*.py")
    prefix = _git(root, "rev-parse", "--show-prefix")
    if listed is None or prefix is None:
        return {}
    entries = [(entry[:2], entry[3:]) for entry in listed.split("\0") if entry]
    if len(entries) > _MOST_CHANGED:
        return {}
    inside = prefix.strip()
    here = [(state, path.removeprefix(inside)) for state, path in entries if path.startswith(inside)]
    return {path: None if state in _ADDED else _git(root, "show", f"HEAD:./{path}") for state, path in here}


def _git(root: str, *arguments: str) -> str | None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", root, "-c", "core.fsmonitor=false", *arguments],
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None
