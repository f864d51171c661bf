"""`check --fix`: applies the fixes of failures, in memory, until nothing changes; keeps what made nothing worse."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, TypeAlias

from chatkit_validate.check import check
from chatkit_validate.configuration import UsageError
from chatkit_validate.record import dataclass, replace
from chatkit_validate.rules.verdict import Outcome
from chatkit_validate.source import read
from chatkit_validate.source.decode import UndecodableError, decode, encode
from chatkit_validate.source.file import SourceFile
from chatkit_validate.source.writing import write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from chatkit_validate.configuration import Configuration
    from chatkit_validate.report.report import Report
    from chatkit_validate.rules.edit import Edit
    from chatkit_validate.rules.verdict import Verdict
    from chatkit_validate.source import Begun, Problem

ROUNDS: Final = 40
"""More than any tree has needed; a fix that would be asked for forever ends here."""

_Key: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What fixing a tree comes to.

    Attributes:
        before: The report on the tree as it stands.
        report: The report on the tree as it would stand.
        texts: Path -> new text of every file that changes.
        originals: Path -> the text that the edits were made from.
        applied: The failures that are mended, in the order they were.
        refused: Those whose fix was tried and left out, because it would not have mended them or broken something.
        left: How many further failures have a fix that is not safe and was not asked for.
    """

    before: Report
    report: Report
    texts: dict[str, str]
    originals: dict[str, str]
    applied: tuple[Verdict, ...]
    refused: tuple[Verdict, ...]
    left: int


def fix(  # noqa: PLR0913 - as check, and how far to go
    root: Path,
    configuration: Configuration,
    *,
    unsafe: bool,
    problems: Iterable[Problem] = (),
    begun: Begun | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Fixed:
    """Finds the edits that mend the tree at `root`; nothing is written.

    After every round the edited tree is checked as a whole. Fixes are kept only where each edited file still parses,
    the failures are gone, and no verdict on anything became worse; where several at once fail that, they are tried one
    by one.

    Args:
        root: A folder.
        configuration: Which rules, and which paths to leave out.
        unsafe: Whether fixes that may change other behaviour are applied too.
        problems: What was already found wanting.
        begun: What finds the files already.
        progress: Called with a few words as each phase begins.
    """
    run = _Run(root, configuration, tuple(problems), unsafe=unsafe)
    before = check(root, configuration, problems=problems, begun=begun, progress=progress, fixes=True)
    run.report = before
    for number in range(ROUNDS):
        progress(f"fixing, round {number + 1}")
        if not run.round():
            break
    left = sum(1 for one in run.report.verdicts() if one.failed and one.fix and not one.fix.safe and not unsafe)
    return Fixed(before, run.report, run.texts, run.originals, tuple(run.applied), tuple(run.refused.values()), left)


class _Run:
    """The state of one run: the texts so far and the report on them."""

    def __init__(
        self, root: Path, configuration: Configuration, problems: tuple[Problem, ...], *, unsafe: bool
    ) -> None:
        self.root = root
        self.configuration = configuration
        self.problems = problems
        self.unsafe = unsafe
        self.report: Report
        self.texts: dict[str, str] = {}
        self.originals: dict[str, str] = {}
        self.applied: list[Verdict] = []
        self.refused: dict[tuple[_Key, str, str], Verdict] = {}
        self.one_by_one = False

    def round(self) -> bool:
        """Applies what can be applied together; whether anything was, or was found not to be worth it."""
        wanted = [one for one in self.report.verdicts() if self._wants(one)]
        if not wanted:
            return False
        wanted.sort(key=lambda one: [(edit.path, edit.start, edit.end, edit.text) for edit in one.fix.edits])  # type: ignore[union-attr]
        chosen = wanted[:1] if self.one_by_one else _apart(wanted)
        texts = {**self.texts, **self._edited(chosen)}
        report = check(self.root, self.configuration, problems=self.problems, overlay=texts, fixes=True)
        if _better(self.report, report, chosen):
            self.report, self.texts = report, texts
            self.applied.extend(chosen)
            self.one_by_one = False
        elif len(chosen) == 1:
            self.refused[_identity(chosen[0])] = chosen[0]
        else:
            self.one_by_one = True
        return True

    def _wants(self, verdict: Verdict) -> bool:
        if not verdict.failed or verdict.fix is None or not verdict.fix.edits:
            return False
        return (verdict.fix.safe or self.unsafe) and _identity(verdict) not in self.refused

    def _edited(self, chosen: Iterable[Verdict]) -> dict[str, str]:
        by_path: dict[str, set[Edit]] = {}
        for verdict in chosen:
            for edit in verdict.fix.edits if verdict.fix else ():
                by_path.setdefault(edit.path, set()).add(edit)
        return {path: apply(self._text(path), edits) for path, edits in by_path.items()}

    def _text(self, path: str) -> str:
        if path in self.texts:
            return self.texts[path]
        if path not in self.originals:
            file = read(self.root, path)
            assert isinstance(file, SourceFile)  # noqa: S101 - a fix was made from it
            self.originals[path] = file.text
        return self.originals[path]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` after edits that do not overlap; those at one place in the order of their texts."""
    for edit in sorted(edits, key=lambda one: (one.start, one.end, one.text), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _apart(wanted: Iterable[Verdict]) -> list[Verdict]:
    """Those of `wanted`, first one first, whose edits touch nothing that an earlier one's do; equal edits are one."""
    taken: set[Edit] = set()
    chosen = []
    for verdict in wanted:
        edits = set(verdict.fix.edits) if verdict.fix else set()
        if not any(_touch(one, other) for one in edits - taken for other in taken):
            chosen.append(verdict)
            taken |= edits
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return one.path == other.path and one.start <= other.end and other.start <= one.end


def _better(before: Report, after: Report, mended: Iterable[Verdict]) -> bool:
    """Whether the failures of `mended` are gone, and nothing else got worse."""
    if after.crashed or not set(_incomplete(after)) <= set(_incomplete(before)):
        return False
    still = {_identity(one) for one in after.verdicts() if one.failed}
    if any(_identity(one) in still for one in mended):
        return False
    old, new = _outcomes(before), _outcomes(after)
    return not any(_worse(old[key], new.get(key, Counter())) for key in old)


def _worse(old: Counter[Outcome], new: Counter[Outcome]) -> bool:
    """Whether fewer verdicts on a subject pass than did, and more of them fail or are unknown.

    A rule that was unknown or did not apply may fail: what stood in its way is mended, and it is said.
    """
    bad = (Outcome.FAIL, Outcome.UNKNOWN)
    return new[Outcome.PASS] < old[Outcome.PASS] and sum(new[one] for one in bad) > sum(old[one] for one in bad)


def _incomplete(report: Report) -> list[tuple[str, str]]:
    return [(one.path, one.kind) for one in report.diagnostics if one.incomplete]


def _outcomes(report: Report) -> dict[_Key, Counter[Outcome]]:
    found: dict[_Key, Counter[Outcome]] = {}
    for verdict in report.verdicts():
        found.setdefault(_key(verdict), Counter())[verdict.verdict] += 1
    return found


def _key(verdict: Verdict) -> _Key:
    return verdict.code, verdict.subject.kind, verdict.subject.name, verdict.subject.path


def _identity(verdict: Verdict) -> tuple[_Key, str, str]:
    return _key(verdict), verdict.message, verdict.fingerprint


def contents(root: Path, fixed: Fixed) -> dict[str, tuple[bytes, bytes]]:
    """Path -> the file's bytes as they stand and as they will be, in its own encoding; sorted by path.

    Raises:
        UsageError: A file cannot be read or was changed meanwhile, or its encoding cannot hold its new text.
    """
    found = {}
    for path in sorted(fixed.texts):
        try:
            old = (root / path).read_bytes()
            same = decode(old) == fixed.originals[path]
            found[path] = old, encode(fixed.texts[path], old)
        except (OSError, UndecodableError) as error:
            raise UsageError(f"{path} cannot be fixed, and nothing was changed: {error}") from error
        if not same:
            raise UsageError(f"{path} was changed while it was being fixed, and is left alone: run it again")
    return found


def save(root: Path, changed: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Writes the new contents, all or none.

    Raises:
        UsageError: A file cannot be written.
    """
    try:
        write_all({root / path: new for path, (_, new) in changed.items()})
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written, and nothing was changed: {error.strerror}") from error


def diff(changed: Mapping[str, tuple[bytes, bytes]]) -> bytes:
    """A unified diff that `git apply` and `patch -p1` take, byte by byte in the files' own encodings."""
    import difflib

    lines: list[bytes] = []
    for path, (old, new) in changed.items():
        before, after = (f"{side}/{path}".encode("utf-8", "surrogateescape") for side in "ab")
        told = difflib.diff_bytes(difflib.unified_diff, _lines(old), _lines(new), before, after, lineterm=b"\n")
        lines.extend(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in told)
    return b"".join(lines)


def noted(fixed: Fixed) -> Report:
    """The report on the mended tree, with a note for each failure that was mended or could not be."""
    told = [f"fixed {_named(one)}" for one in fixed.applied]
    told += [
        f"not fixed {_named(one)}: its fix would not have mended it, or made something else worse"
        for one in fixed.refused
    ]
    return replace(fixed.report, notes=(*fixed.report.notes, *told, summary(fixed, done=True)))


def summary(fixed: Fixed, *, done: bool) -> str:
    """How many failures are mended, or would be, and how many more could be."""
    failures = sum(1 for one in fixed.before.verdicts() if one.failed)
    verb = "Fixed" if done else "Would fix"
    more = f"; {fixed.left} more with --unsafe, which may change other behaviour" if fixed.left else ""
    where = "1 file" if len(fixed.texts) == 1 else f"{len(fixed.texts)} files"
    return f"{verb} {len(fixed.applied)} of {failures} failures in {where}{more}."


def _named(verdict: Verdict) -> str:
    return f"{verdict.code} {verdict.name} of {verdict.subject.name} ({verdict.where.path}:{verdict.where.line})"


def _lines(data: bytes) -> list[bytes]:
    """The lines as diff tools count them: by line feeds alone."""
    *whole, last = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([last] if last else [])]
