"""Names of real packages, with griffe as the oracle: what is imported, re-exported and inherited in them.

griffe (griffelib) reads packages without importing them and resolves names by rules of its own, written by others.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import griffe
import pytest

from chatkit_validate import source
from chatkit_validate.names import (
    Class,
    Definition,
    External,
    Function,
    Hierarchy,
    Module,
    Namespace,
    Project,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ["chatkit", "agents", "fastapi", "starlette", "mcp"]


@cache
def folder(package: str) -> Path:
    """Where the package is installed."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@cache
def project(package: str) -> Project:
    """The package as a tree of its own, as if it were somebody's project."""
    root = folder(package).parent
    paths = tuple(sorted(path.relative_to(root).as_posix() for path in folder(package).rglob("*.py")))
    return Project(paths, lambda path: source.read(root, path), root)


@cache
def loaded(package: str) -> griffe.Module:
    """The package as griffe sees it."""
    found = griffe.load(package, search_paths=[folder(package).parent], allow_inspection=False, resolve_aliases=True)
    assert isinstance(found, griffe.Module)
    return found


def modules(module: griffe.Module) -> Iterator[griffe.Module]:
    yield module
    for inner in module.modules.values():
        if not inner.is_alias:
            yield from modules(inner)


def ours(package: str, module: griffe.Module) -> Module | None:
    assert isinstance(module.filepath, Path)
    return project(package).module(module.filepath.relative_to(folder(package).parent).as_posix())


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def name(definition: Definition) -> str:
    match definition:
        case Module():
            return dotted(definition.path)
        case Namespace(folder):
            return dotted(folder)
        case Class() | Function():
            return f"{dotted(definition.module.path)}.{definition.qualname}"
        case Variable():
            return f"{dotted(definition.scope.module.path)}.{definition.name}"
        case External(external):
            return external


def imports(package: str) -> Iterator[tuple[griffe.Module, str, str]]:
    """Each name that a module of the package imports from another of its modules, and what it finally is."""
    for module in modules(loaded(package)):
        for member in module.members.values():
            if (
                isinstance(member, griffe.Alias)
                and not member.inherited
                and member.target_path.startswith(f"{package}.")
            ):
                try:
                    yield module, member.name, member.final_target.path
                except (griffe.AliasResolutionError, griffe.CyclicAliasError):
                    continue


def bases(package: str) -> Iterator[tuple[griffe.Module, str, tuple[str, ...]]]:
    """Each class at the top of a module that inherits from classes of its package: its name, and theirs."""
    for module in modules(loaded(package)):
        for member in module.members.values():
            if isinstance(member, griffe.Class):
                named = tuple(base.canonical_path if isinstance(base, griffe.Expr) else base for base in member.bases)
                final = []
                for base in named:
                    if base.startswith(f"{package}."):
                        try:
                            found = loaded(package)[base.removeprefix(f"{package}.")]
                            target = found.final_target if found.is_alias else found
                        except (KeyError, griffe.AliasResolutionError):
                            continue
                        # griffe names a variable too, whatever it holds; what it holds is then nobody's to know.
                        if target.is_class:
                            final.append(target.path)
                if final:
                    yield module, member.name, tuple(final)


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_imports_and_re_exports_mean_what_griffe_says(package: str) -> None:
    wrong, seen = [], 0
    for module, imported, target in imports(package):
        here = ours(package, module)
        assert here is not None
        found = [name(each) for each in project(package).members(here, imported)]
        seen += 1
        if target not in found:
            wrong.append(f"{module.path}.{imported}: griffe {target}, here {found}")
    assert not wrong, "\n".join(wrong)
    assert seen > 10


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_bases_are_the_classes_that_griffe_names(package: str) -> None:
    wrong, seen = [], 0
    hierarchy = Hierarchy(project(package))
    for module, class_name, wanted in bases(package):
        here = ours(package, module)
        assert here is not None
        classes = [each for each in project(package).members(here, class_name) if isinstance(each, Class)]
        found = [name(base) for each in classes for base in hierarchy.bases(each) if base is not None]
        seen += 1
        if not set(wanted) <= set(found):
            wrong.append(f"{module.path}.{class_name}: griffe {wanted}, here {found}")
    assert not wrong, "\n".join(wrong)
    assert seen > 10
