"""CK905: shown Python parses, breaks no rule, and where tested regions are declared, is the text of one."""

from __future__ import annotations

import ast
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatkit_validate.bundle.regions import Block, RegionError, blocks, region
from chatkit_validate.rules.verdict import Decision, Fail, NotApplicable, Outcome, Pass
from chatkit_validate.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.bundle.layout import Bundle
    from chatkit_validate.rules.verdict import Verdict

_PYTHON: Final = frozenset({"python", "py", "python3"})
_APP_FILES: Final = ("pyproject.toml", "requirements.txt", "setup.py")


def judge(path: str, bundle: Bundle, *, declared: bool) -> Iterator[Decision]:
    """One decision for each code block of the text at `path` that is Python or claims a region.

    Args:
        path: Relative to the bundle.
        bundle: Where regions are looked up.
        declared: Whether any block of the bundle claims a region, so that all must.
    """
    try:
        text = (bundle.root / path).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return  # CK904 says so
    for block in blocks(text):
        if block.region or block.language in _PYTHON:
            yield _judged(block, Place(path, block.line, 0, block.end_line, 0), bundle, declared=declared)


def declares_regions(bundle: Bundle) -> bool:
    """Whether a block of any text claims to be a region of a file."""
    for path in bundle.texts():
        try:
            text = (bundle.root / path).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if any(block.region for block in blocks(text)):
            return True
    return False


def _judged(block: Block, where: Place, bundle: Bundle, *, declared: bool) -> Decision:
    if block.language in _PYTHON and (fault := _syntax(block)):
        return Fail(f"the block is no Python: {fault}", where, "Mend it.")
    if block.region:
        return _region(block, where, bundle)
    if declared:
        return Fail("the block is no region of a tested file", where,
                    "Put `<!-- region: path#name -->` on the line before it.")  # fmt: skip
    broken = sorted({f"{v.code} {v.name}" for v in _failures({"snippet.py": block.text})})
    if broken:
        return Fail(
            f"the block breaks {', '.join(broken)}", where, f"`chatkit-validate explain {broken[0][:5]}` says why."
        )
    return Pass("it parses and breaks no rule", where)


def _syntax(block: Block) -> str:
    try:
        ast.parse(textwrap.dedent(block.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{error.msg}, line {error.lineno} of the block" if isinstance(error, SyntaxError) else str(error)
    return ""


def _region(block: Block, where: Place, bundle: Bundle) -> Decision:
    path = block.region.partition("#")[0]
    root = bundle.root
    if not (root / path).exists() and not bundle.is_plugin:
        return NotApplicable(f"{path} was left behind when this was installed; the source's own tests compare", where)
    try:
        wanted = region(root, block.region)
    except RegionError as error:
        return Fail(str(error), where, "Name a region that is there.")
    if block.text.rstrip() != wanted.rstrip():
        return Fail(f"the block is not the text of {block.region}", where, "Run scripts/snippets.py.")
    if not block.counter_example:
        return Pass(f"it is {block.region}", where)
    return _counter_example(block, where, root)


def _counter_example(block: Block, where: Place, root: Path) -> Decision:
    if not block.fails:
        return Fail("the counter-example names no rule", where, "Write `... fails CKnnn -->`.")
    path, name = block.region.partition("#")[::2]
    app = next((up for up in (root / path).parents if any((up / file).is_file() for file in _APP_FILES)), root)
    for verdict in _check(app, block.fails):
        if verdict.verdict is Outcome.FAIL and (root / path) in _places(verdict, app):
            return Pass(f"it is {block.region}, and fails {block.fails}", where)
    return Fail(
        f"{path} does not fail {block.fails}{f' at {name}' if name else ''}", where, "Name the rule that it fails."
    )


def _places(verdict: Verdict, app: Path) -> set[Path]:
    return {app / place.path for place in (verdict.where, *(note.where for note in verdict.evidence))}


def _failures(files: dict[str, str]) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            (Path(folder) / path).write_text(text, "utf-8")
        return [verdict for verdict in _check(Path(folder)) if verdict.verdict is Outcome.FAIL]


def _check(root: Path, *codes: str) -> list[Verdict]:
    from chatkit_validate.check import check
    from chatkit_validate.configuration import Configuration

    return list(check(root, Configuration(select=codes)).verdicts())
