"""Asks ruff itself whether it flags a late import. Nothing here, or anywhere, reorders imports."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place, load
from chatkit_validate.source.decode import UndecodableError, decode

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path
    from typing import TypeAlias

    # The tree, files of it, when these were written, and a text in the place of the one file that is named.
    _Asked: TypeAlias = tuple[Path, tuple[str, ...], tuple[tuple[int, int], ...], str | None]

INSTALL = "pip install chatkit-validate[ruff]"
_SECONDS = 20
_E402 = {"E402", "module-import-not-at-top-of-file"}
_E902 = {"E902", "io-error"}


@dataclass(frozen=True, slots=True)
class LateImport:
    """An import that ruff reports as E402.

    Attributes:
        where: The import.
        message: Ruff's own words.
    """

    where: Place
    message: str


def late_imports(root: Path, path: str, beside: tuple[str, ...] = (), *, text: str) -> Evidence[tuple[LateImport, ...]]:
    """What ruff says of `path` under the configuration that the project declares.

    Absent: ruff was asked and reports no E402. Unresolved: there is no ruff, or it refuses its configuration.

    Args:
        root: The checked tree.
        path: A file of it that was read before; ruff gets it by name.
        beside: Files that will be asked about too: one run answers for all.
        text: The file's text as it is checked, which need not be what stands there.
    """
    reported = _reported(*_asked(root, path, beside, text))
    if isinstance(reported, str):
        return Unresolved(reported, Place(path))
    found = [one for one in reported if _relative(root, str(one.get("filename"))) == path]
    if any(_is(one, _E902) for one in found):
        return Unresolved("ruff cannot read the file (E902)", Place(path))
    late = tuple(
        LateImport(_place(path, one), str(one.get("message") or "late import")) for one in found if _is(one, _E402)
    )
    return Found(late, late[0].where) if late else Absent(Place(path))


def begin(root: Path, path: str, beside: tuple[str, ...] = (), *, text: str) -> None:
    """Starts ruff on what `late_imports` will be asked with the same arguments, and does not wait for its answer."""
    _started(*_asked(root, path, beside, text))


def _asked(root: Path, path: str, beside: tuple[str, ...], text: str) -> _Asked:
    if not _stands(root, path, text):
        return root, (path,), (), text
    names = beside if path in beside else (path,)
    return root, names, tuple(_stamp(root, name) for name in names), None


def _stands(root: Path, path: str, text: str) -> bool:
    """Whether the file holds `text`."""
    data = load(root, path)
    try:
        return isinstance(data, bytes) and decode(data) == text
    except UndecodableError:
        return False


def _stamp(root: Path, name: str) -> tuple[int, int]:
    """What differs where the file was written in between."""
    try:
        stat = (root / name).stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=8)
def _started(
    root: Path,
    names: tuple[str, ...],
    stamps: tuple[tuple[int, int], ...],  # noqa: ARG001 - part of the key: what was said holds for these contents
    text: str | None,
) -> subprocess.Popen[bytes] | str:
    """Ruff, running on the files `names`, or on `text` in the place of the one file named; or why it is not."""
    import subprocess

    command = _command()
    if command is None:
        return f"ruff is not installed: {INSTALL}"
    # By name, never a folder; --force-exclude keeps the project's own exclusions; no cache in a foreign tree.
    arguments = ["check", "--no-fix", "--no-cache", "--quiet", "--force-exclude"]
    arguments += ["--extend-select", "E902", "--output-format", "json"]
    asked = ["--", *names] if text is None else ["--stdin-filename", *names, "-"]
    try:
        return subprocess.Popen(
            [*command, *arguments, *asked],
            cwd=root,
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        return f"ruff could not be asked ({type(error).__name__}): {INSTALL}"


@lru_cache(maxsize=8)
def _reported(
    root: Path, names: tuple[str, ...], stamps: tuple[tuple[int, int], ...], text: str | None
) -> list[dict[str, Any]] | str:
    """Ruff's report on what it was started on, or why there is none."""
    import json
    import subprocess

    process = _started(root, names, stamps, text)
    if isinstance(process, str):
        return process
    given = None if text is None else text.encode("utf-8", "surrogatepass")
    try:
        output, complaints = process.communicate(given, timeout=_SECONDS)
        reported = json.loads(output or b"null")
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        process.kill()
        return f"ruff could not be asked ({type(error).__name__}): {INSTALL}"
    if process.returncode not in {0, 1} or not isinstance(reported, list):
        return f"ruff refuses its configuration: {_last_line(complaints)}"
    return [one for one in reported if isinstance(one, dict)]


def _relative(root: Path, filename: str) -> str:
    """The path of a reported file relative to the tree; ruff reports absolute ones, links resolved."""
    from pathlib import Path

    reported = Path(filename)
    for base in (root.absolute(), root.resolve()):
        if reported.is_relative_to(base):
            return reported.relative_to(base).as_posix()
    return filename


def _command() -> list[str] | None:
    """Ruff beside the running interpreter, where the extra installs it, else the one on PATH."""
    import shutil
    import sys
    from pathlib import Path

    beside = Path(sys.executable).parent
    found = shutil.which("ruff", path=str(beside)) or shutil.which("ruff")
    return [found] if found else None


def _is(one: dict[str, Any], names: set[str]) -> bool:
    return one.get("code") in names or one.get("name") in names


def _place(path: str, one: dict[str, Any]) -> Place:
    start, end = one.get("location") or {}, one.get("end_location") or {}
    return Place(
        path,
        int(start.get("row", 0)),
        max(int(start.get("column", 1)) - 1, 0),
        int(end.get("row", 0)),
        max(int(end.get("column", 1)) - 1, 0),
    )


def _last_line(stderr: bytes) -> str:
    """The cause without the path of this machine that ruff may print before it."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    text = lines[-1] if lines else "no reason given"
    return text.removeprefix("Cause: ").split(" from `")[0]
