"""What `check --fix` promises, checked on a tree after it was fixed."""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from chatkit_validate import fixing
from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from chatkit_validate.fixing import Fixed
    from chatkit_validate.report.report import Report
    from chatkit_validate.rules.verdict import Verdict


def fixed(folder: Path, *select: str, unsafe: bool = True) -> Fixed:
    """Fixes the tree in `folder`, writes it, and asserts all that is promised; answers what was done."""
    asked = Configuration(select=select)
    done = fixing.fix(folder, asked, unsafe=unsafe)
    assert not done.before.crashed, done.before.diagnostics
    changed = fixing.contents(folder, done)
    fixing.save(folder, changed)
    for path, (old, new) in changed.items():
        assert (folder / path).read_bytes() == new
        ast.parse(new)
        _only_what_is_named(done, path, old, new)
    after = check(folder, asked)
    _mended(done, after)
    _nothing_worse(done.before, after)
    again = fixing.fix(folder, asked, unsafe=unsafe)
    assert not again.texts, "a second run changes more"
    return done


def subject(verdict: Verdict) -> tuple[str, str, str, str]:
    return verdict.code, verdict.subject.kind, verdict.subject.name, verdict.subject.path


def _mended(done: Fixed, after: Report) -> None:
    failing = {(*subject(one), one.message) for one in after.verdicts() if one.failed}
    for verdict in done.applied:
        assert verdict.fix is not None
        assert (*subject(verdict), verdict.message) not in failing


def _nothing_worse(before: Report, after: Report) -> None:
    assert not after.crashed
    assert {one.kind for one in after.diagnostics} <= {one.kind for one in before.diagnostics}
    now = {subject(one): one for one in after.verdicts()}
    for verdict in before.verdicts():
        then = now.get(subject(verdict))
        if verdict.verdict is Outcome.PASS and then is not None:
            assert then.verdict not in {Outcome.FAIL, Outcome.UNKNOWN}, (verdict, then)


def _only_what_is_named(done: Fixed, path: str, old: bytes, new: bytes) -> None:
    """Line ends stay what they are, and no more lines change than edits name."""
    edits = {edit for verdict in done.applied if verdict.fix for edit in verdict.fix.edits if edit.path == path}
    before, after = old.split(b"\n"), new.split(b"\n")
    if all(line.endswith(b"\r") for line in before[:-1]):
        assert all(line.endswith(b"\r") for line in after[:-1])
    elif b"\r" not in old:
        assert b"\r" not in new
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    lost = len(before) - sum(block.size for block in matcher.get_matching_blocks())
    assert lost <= len(edits)
