"""Finds and reads the files that say what an application needs: PEP 621, poetry, uv, PDM, setuptools, pip, locks."""

from __future__ import annotations

import ast
import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from chatkit_validate.integration.requirement import Requirement, RequirementFile, normalised, parse_requirement
from chatkit_validate.integration.version import version_key
from chatkit_validate.record import dataclass
from chatkit_validate.source import Place, Problem, ProblemKind, toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatkit_validate.source.texts import Texts

_REQUIREMENTS_NAME = r"requirements([-_.].*)?\.(txt|in)"
_PACKAGE = (
    r"(?m)^\[\[packages?\]\]\s*\nname\s*=\s*[\"'](?P<name>[^\"'\n]+)[\"']\s*\n"
    r"version\s*=\s*[\"'](?P<version>[^\"'\n]+)[\"']"
)
_INCLUDE = r"(?:-r|--requirement)[\s=]+(\S+)"
_DECLARING = {"pyproject.toml", "Pipfile", "setup.cfg", "setup.py"}
_LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"}
_INSTALLED = r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info"
_ENVIRONMENTS = (".venv", "venv")


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one application declares, and what is installed beside it.

    Attributes:
        files: The declaring files of the nearest folder that has any, then its lock files.
        installed: Normalised name -> version, from the metadata in the folder's own environment, if it has one.
        problems: Files that could not be read.
    """

    files: tuple[RequirementFile, ...] = ()
    installed: Mapping[str, str] | None = None
    problems: tuple[Problem, ...] = ()

    def of(self, package: str) -> tuple[Requirement, ...]:
        """Every declaration of one package by its normalised name, lock files last."""
        return tuple(one for file in self.files for one in file.of(package))

    def version(self, package: str) -> str | None:
        """The one version the application runs with, where something says so: installed, locked, or pinned by `==`."""
        if self.installed and package in self.installed:
            return self.installed[package]
        pinned = [one for one in reversed(self.of(package)) if one.specifier.startswith("==")]
        return next((text for one in pinned if version_key(text := one.specifier.lstrip("= "))), None)


def read_requirements(texts: Texts, root: str) -> Requirements:
    """Reads what the application at `root` (relative, `.` for the tree itself) needs.

    The nearest folder at or above `root` that declares anything decides; folders above it belong to others.
    """
    folder = PurePosixPath(root)
    for candidate in (folder, *folder.parents):
        reader = _Reader(texts, candidate)
        if reader.files or reader.problems:
            locks = [file for file in reader.files if file.locked]
            declared = [file for file in reader.files if not file.locked]
            return Requirements((*declared, *locks), _installed(texts, candidate), tuple(reader.problems))
    return Requirements(installed=_installed(texts, folder))


class _Reader:
    def __init__(self, texts: Texts, folder: PurePosixPath) -> None:
        self.texts = texts
        self.files: list[RequirementFile] = []
        self.problems: list[Problem] = []
        names = texts.names(str(folder))
        for name in names:
            path = str(folder / name)
            if name in _LOCKS:
                self._add(path, locked=True)
            elif name in _DECLARING or re.fullmatch(_REQUIREMENTS_NAME, name):
                self._add(path, locked=False)
        if "requirements" in names:
            for name in texts.names(str(folder / "requirements")):
                if name.endswith((".txt", ".in")):
                    self._add(str(folder / "requirements" / name), locked=False)

    def _add(self, path: str, *, locked: bool) -> None:
        found = tuple(self._requirements(path, frozenset()))
        if found:
            self.files.append(RequirementFile(path, Place(path), found, locked))

    def _requirements(self, path: str, above: frozenset[str]) -> Iterator[Requirement]:
        text = self.texts.read(path)
        if text is None:
            return
        if isinstance(text, Problem):
            self.problems.append(text)
            return
        name = PurePosixPath(path).name
        if name.endswith((".txt", ".in")):
            yield from self._pip(path, text, above | {path})
            return
        if name == "setup.cfg":
            yield from _setup_cfg(path, text)
            return
        if name == "setup.py":
            yield from self._setup_py(path, text)
            return
        if name in _LOCKS and name != "Pipfile.lock":
            yield from self._locked(path, text)
            return
        try:
            tables = _parsed(name, text)
        except (ValueError, RecursionError) as error:
            self.problems.append(Problem(path, 0, ProblemKind.CONFIGURATION, f"it cannot be parsed: {error}"))
            return
        if isinstance(tables, dict):
            yield from _tables(name, tables, _Lines(path, text))

    def _locked(self, path: str, text: str) -> Iterator[Requirement]:
        """Name and version of each package; these files are written by programs, and parsing one takes 0.3 s."""
        found = list(re.finditer(_PACKAGE, text))
        if not found and text.strip():
            self.problems.append(Problem(path, 0, ProblemKind.CONFIGURATION, "it names no package: lock again"))
        line, position = 1, 0
        for match in found:
            line += text.count("\n", position, match.start("name"))
            position = match.start("name")
            yield _locked(match["name"], match["version"], Place(path, line))

    def _setup_py(self, path: str, text: str) -> Iterator[Requirement]:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.problems.append(Problem(path, 0, ProblemKind.CONFIGURATION, f"it cannot be parsed: {error}"))
            return
        for entry in _installed_by_setup(tree):
            said = entry.value if isinstance(entry, ast.Constant) else None
            if isinstance(said, str) and (one := parse_requirement(said, Place(path, entry.lineno))):
                yield one

    def _pip(self, path: str, text: str, above: frozenset[str]) -> Iterator[Requirement]:
        for number, line in enumerate(text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines(), 1):
            bare = re.split(r"(?:^|\s)#|\s--hash", line, maxsplit=1)[0].strip()
            if include := re.match(_INCLUDE, bare):
                other = posixpath.normpath(str(PurePosixPath(path).parent / include[1]))
                if other not in above and not other.startswith(("../", "/")):
                    yield from self._requirements(other, above)
            elif bare and not bare.startswith("-") and (one := parse_requirement(bare, Place(path, number))):
                yield one


def _setup_cfg(path: str, text: str) -> Iterator[Requirement]:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1].strip():
            inside = line.replace(" ", "").startswith("install_requires=")
            line = line.partition("=")[2]  # noqa: PLW2901 - the first requirement may stand on the key's own line
        if inside and line.strip() and (one := parse_requirement(line.strip(), Place(path, number))):
            yield one


def _installed_by_setup(tree: ast.Module) -> Iterator[ast.expr]:
    """What a call `setup(install_requires=[...])` lists, in place or under a name; nothing is executed."""
    named = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for keyword in call.keywords:
            listed = named.get(keyword.value.id) if isinstance(keyword.value, ast.Name) else keyword.value
            if keyword.arg == "install_requires" and isinstance(listed, ast.List | ast.Tuple):
                yield from listed.elts


class _Lines:
    """Finds the line of a declaration: `tomllib` gives no positions."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def place(self, *needles: str) -> Place:
        for needle in needles:
            for number, line in enumerate(self._lines, 1):
                if needle in line and not line.lstrip().startswith("#"):
                    return Place(self.path, number)
        return Place(self.path)


def _parsed(name: str, text: str) -> Any:  # noqa: ANN401 - as the file has it
    if name != "Pipfile.lock":
        return toml.tables(text)
    import json

    return json.loads(text)


def _tables(name: str, tables: dict[str, Any], lines: _Lines) -> Iterator[Requirement]:
    if name == "Pipfile":
        for group in ("packages", "dev-packages"):
            yield from _named(_at(tables, group), lines, {})
    elif name == "Pipfile.lock":
        for package, entry in _items(_at(tables, "default")):
            yield _locked(package, str(_at(entry, "version") or "").lstrip("="), lines.place(f'"{package}"'))
    else:
        yield from _pyproject(tables, lines)


def _locked(package: str, version: str, where: Place) -> Requirement:
    return Requirement(normalised(package), f"=={version}" if version else "", where)


def _pyproject(tables: dict[str, Any], lines: _Lines) -> Iterator[Requirement]:
    sources = {normalised(package): entry for package, entry in _items(_at(tables, "tool", "uv", "sources"))}
    texts = [
        _at(tables, "project", "dependencies"),
        *(group for _, group in _items(_at(tables, "project", "optional-dependencies"))),
        *(group for _, group in _items(_at(tables, "dependency-groups"))),
        _at(tables, "tool", "uv", "dev-dependencies"),
        *(group for _, group in _items(_at(tables, "tool", "pdm", "dev-dependencies"))),
    ]
    for text in (text for group in texts if isinstance(group, list) for text in group if isinstance(text, str)):
        one = parse_requirement(text, lines.place(f'"{text}"', f"'{text}'", text))
        if one is not None:
            yield Requirement(one.package, one.specifier, one.where, one.source or _origin(sources.get(one.package)))
    poetry = _at(tables, "tool", "poetry")
    groups = [_at(poetry, "dependencies"), _at(poetry, "dev-dependencies")]
    groups += [_at(group, "dependencies") for _, group in _items(_at(poetry, "group"))]
    for group in groups:
        yield from _named(group, lines, sources)


def _named(group: object, lines: _Lines, sources: Mapping[str, object]) -> Iterator[Requirement]:
    """Tables `name = "^1.6"` or `name = {version = "^1.6"}` of poetry and pipenv."""
    for package, entry in _items(group):
        if package == "python":
            continue
        specifier = entry if isinstance(entry, str) else _at(entry, "version")
        where = lines.place(f"{package} =", f"{package}=", f'"{package}"')
        source = _origin(entry) or _origin(sources.get(normalised(package)))
        yield Requirement(normalised(package), specifier if isinstance(specifier, str) else "", where, source)


def _origin(entry: object) -> str:
    """The folder, file or URL an entry names instead of an index."""
    if isinstance(entry, list):
        return next(filter(None, map(_origin, entry)), "")
    keys = ("path", "git", "url", "file")
    named = next((str(entry[key]) for key in keys if key in entry), "") if isinstance(entry, dict) else ""
    return named or ("the workspace" if _at(entry, "workspace") is True else "")


def _at(table: object, *keys: str) -> Any:  # noqa: ANN401 - parsed TOML or JSON
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _items(table: object) -> Iterator[tuple[str, Any]]:
    if isinstance(table, dict):
        yield from ((str(key), value) for key, value in table.items())


def _installed(texts: Texts, folder: PurePosixPath) -> dict[str, str] | None:
    for environment in _ENVIRONMENTS:
        library = folder / environment / "lib"
        pythons = [name for name in texts.names(str(library)) if name.startswith("python")]
        homes = [*(library / name / "site-packages" for name in pythons), folder / environment / "Lib/site-packages"]
        for home in homes:
            found = [match for name in texts.names(str(home)) if (match := re.fullmatch(_INSTALLED, name))]
            if found:
                return {normalised(match["name"]): match["version"] for match in found}
    return None
