"""Names of real packages, resolved here and by griffe."""

from __future__ import annotations

from pathlib import Path

import griffe
import pytest
import starlette

from chatkit_validate import source
from chatkit_validate.names import Class, Function, Hierarchy, Module, Project

PACKAGES = Path(starlette.__file__).parent.parent


def files(package: str) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(PACKAGES).as_posix() for path in (PACKAGES / package).rglob("*.py")))


@pytest.mark.slow
@pytest.mark.parametrize("package", ["starlette", "fastapi"])
def test_classes_and_their_bases_agree(package: str) -> None:
    project = Project(files(package), lambda path: source.read(PACKAGES, path))
    hierarchy = Hierarchy(project)
    oracle = griffe.load(package, search_paths=[str(PACKAGES)], resolve_aliases=False)
    assert isinstance(oracle, griffe.Module)
    compared = 0
    for path in project.paths:
        module = project.module(path)
        assert module is not None
        for cls in module.scope.classes:
            name = dotted(module)
            theirs = oracle[f"{name}.{cls.name}".partition(".")[2]]
            expected = [
                str(base.canonical_path) if hasattr(base, "canonical_path") else str(base) for base in theirs.bases
            ]
            for base, written in zip(hierarchy.bases(cls), expected, strict=True):
                if isinstance(base, Class) and written.startswith(f"{package}."):
                    assert f"{dotted(base.module)}.{base.qualname}" == resolved(oracle, written)
                    compared += 1
    assert compared > 10


@pytest.mark.slow
@pytest.mark.parametrize("package", ["starlette", "fastapi"])
def test_imported_definitions_agree(package: str) -> None:
    project = Project(files(package), lambda path: source.read(PACKAGES, path))
    oracle = griffe.load(package, search_paths=[str(PACKAGES)], resolve_aliases=False)
    assert isinstance(oracle, griffe.Module)
    compared = 0
    for path in project.paths:
        module = project.module(path)
        assert module is not None
        for name in module.scope.bindings:
            found = project.members(module, name)
            for item in found:
                if isinstance(item, Class | Function) and item.module is not module and len(found) == 1:
                    theirs = resolved(oracle, f"{dotted(module)}.{name}")
                    assert f"{dotted(item.module)}.{item.qualname}" == theirs
                    compared += 1
    assert compared > 30


def dotted(module: Module) -> str:
    return module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def resolved(oracle: griffe.Object | griffe.Alias, name: str) -> str:
    """Where griffe says that `name` is defined in the end."""
    item = oracle[name.partition(".")[2]]
    while item.is_alias:
        target = item.target_path
        if not target.startswith(f"{oracle.name}."):
            return str(target)
        item = oracle[target.partition(".")[2]]
    return str(item.path)
