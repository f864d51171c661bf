"""What a project asks of ruff: which configuration governs a file, and whether it asks for E402."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place, Problem, toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.source.texts import Texts

_NAMES = (".ruff.toml", "ruff.toml", "pyproject.toml")
_CODE = "E402"
_RULE = "module-import-not-at-top-of-file"
_EXTENDED = 8  # configurations behind each other


@dataclass(frozen=True, slots=True)
class RuffConfiguration:
    """The ruff configuration that governs a folder.

    Attributes:
        path: The configuration file nearest to it, relative to the checked tree.
        enables: The selector that asks for E402, empty where none does; where it stands is in `where`.
        disables: The selector that takes it back, or empty.
        where: The line of that selector, or the file.
    """

    path: str
    enables: str
    disables: str
    where: Place


def ruff_configuration(texts: Texts, path: str) -> Evidence[RuffConfiguration]:
    """The configuration that ruff uses for the file at `path`, as far as the checked tree holds it.

    Absent: none from its folder up to the tree. Unresolved: it, or what it extends, cannot be read. As in ruff, the
    nearest file counts alone, `.ruff.toml` before `ruff.toml` before `pyproject.toml` with a `[tool.ruff]` table.
    """
    folders = PurePosixPath(path).parents
    for folder in folders:
        for name in _NAMES:
            candidate = str(folder / name)
            text = texts.read(candidate)
            if text is None:
                continue
            tables = _parsed(candidate, text)
            if isinstance(tables, Unresolved):
                # A pyproject.toml that nobody can parse may hold the table or not.
                return tables
            if name != "pyproject.toml" or isinstance(_at(tables, "tool", "ruff"), dict):
                return _configuration(texts, candidate, tables, str(text))
    return Absent(Place(path), tuple(Place(str(folder)) for folder in folders))


def _configuration(texts: Texts, path: str, tables: dict[str, Any], text: str) -> Evidence[RuffConfiguration]:
    enabling, disabling = "", ""
    where = Place(path)
    level: tuple[str, dict[str, Any], str] | None = (path, tables, text)
    for _ in range(_EXTENDED):
        if level is None:
            return Found(RuffConfiguration(path, enabling, disabling, where), where)
        held, tables, text = level
        own = _at(tables, "tool", "ruff") if held.endswith("pyproject.toml") else tables
        if not enabling and (found := _longest(own, "select", "extend-select")):
            enabling, where = found, _line(held, text, found)
        disabling = disabling or _longest(own, "ignore", "extend-ignore")
        above = _at(own, "extend")
        if _at(own, "lint", "select") is not None or _at(own, "select") is not None or not isinstance(above, str):
            level = None
            continue
        other = _joined(PurePosixPath(held).parent, above)
        content = texts.read(other) if other else None
        parsed = _parsed(other, content) if content is not None else None
        if parsed is None:
            return Unresolved(f"the ruff configuration it extends, {above}, is not in the checked tree", Place(held))
        if isinstance(parsed, Unresolved):
            return parsed
        level = (other, parsed, str(content))
    return Unresolved("ruff configurations extend each other without end", where)


def _parsed(path: str, text: str | Problem) -> dict[str, Any] | Unresolved:
    if isinstance(text, Problem):
        return Unresolved(f"{path} cannot be read: {text.reason}", Place(path))
    try:
        return toml.tables(text)
    except (ValueError, RecursionError) as error:
        return Unresolved(f"{path} cannot be parsed: {error}", Place(path))


def _longest(table: object, *keys: str) -> str:
    """The most specific selector that covers E402 in lists under `keys`, which may stand in `lint` or above it."""
    found = [
        selector
        for key in keys
        for value in (_at(table, "lint", key), _at(table, key))
        for selector in _strings(value)
        if selector in {"ALL", _RULE} or (selector.startswith("E") and _CODE.startswith(selector))
    ]
    return max(found, key=lambda selector: 0 if selector == "ALL" else len(selector), default="")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _joined(folder: PurePosixPath, relative: str) -> str:
    """`relative` seen from `folder`, or empty where it leaves the tree."""
    path = posixpath.normpath(str(folder / relative))
    return "" if path.startswith(("/", "../")) or relative.startswith("~") else path


def _line(path: str, text: str, selector: str) -> Place:
    quoted = re.compile(rf"[\"']{re.escape(selector)}[\"']")
    numbers = (number for number, line in enumerate(text.splitlines(), 1) if quoted.search(line))
    return Place(path, next(numbers, 0))


def _at(table: object, *keys: str) -> Any:  # noqa: ANN401 - parsed TOML
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table
