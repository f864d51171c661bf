"""Other ways to import the same, and who imports what."""

from __future__ import annotations

import ast
import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from metamorphic.app import dotted
from metamorphic.rewrite import Site
from metamorphic.source import Edit, Source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamorphic.app import App


def is_entry(app: App, path: str) -> bool:
    """Whether uvicorn is told this module's name, so that it has to keep it."""
    return path.rpartition("/")[2] == "main.py" and path in app.files


def importers(app: App, path: str, name: str) -> Iterator[tuple[str, ast.alias | ast.Attribute]]:
    """Where other modules import `name` from the module at `path`, or reach it as an attribute of the module."""
    module = dotted(path)
    package, _, last = module.rpartition(".")
    for other, text in app.modules():
        if other == path or (last not in text and package not in text):
            continue
        source = parsed(text)
        called: set[str] = set()
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and node.module == module:
                yield from ((other, alias) for alias in node.names if alias.name == name)
            elif isinstance(node, ast.ImportFrom) and node.module == package:
                called.update(alias.asname or alias.name for alias in node.names if alias.name == last)
            elif isinstance(node, ast.Import):
                called.update(alias.asname or alias.name for alias in node.names if alias.name == module)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == name and ast.unparse(node.value) in called:
                yield other, node


def module_import(app: App) -> Iterator[Site]:
    """`from x import y` becomes `import x as z`, and `y` becomes `z.y`."""
    for path, text in app.modules():
        if path.endswith("__init__.py"):
            continue
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and _is_plain(app, node):
                key = f"{path}:{node.module}:{node.names[0].name}"
                yield Site(key, partial(_as_module, app, path, node))


def _is_plain(app: App, node: ast.ImportFrom) -> bool:
    module = node.module or ""
    if node.level or module in {"__future__", "typing"}:
        return False
    return not any(alias.name == "*" or is_module(app, f"{module}.{alias.name}") for alias in node.names)


def _is_used_elsewhere(app: App, path: str, node: ast.ImportFrom) -> bool:
    return any(True for alias in node.names for _ in importers(app, path, alias.asname or alias.name))


def is_module(app: App, name: str) -> bool:
    """Whether `name` is a module of the app or of what is installed."""
    own = name.replace(".", "/")
    return f"{own}.py" in app.files or f"{own}/__init__.py" in app.files or _is_installed(own)


@cache
def _is_installed(own: str) -> bool:
    return any(Path(folder, f"{own}.py").is_file() or Path(folder, own).is_dir() for folder in sys.path if folder)


def _as_module(app: App, path: str, node: ast.ImportFrom) -> App | None:
    if _is_used_elsewhere(app, path, node):
        return None
    source = parsed(app.files[path])
    scope = source.scope(node)
    module = node.module or ""
    new = app.fresh(module.rpartition(".")[2])
    edits: list[Edit] = [(*source.span(node), f"import {module} as {new}{_comment(source, node)}")]
    for alias in node.names:
        for place in source.bindings[scope, alias.asname or alias.name]:
            if place.node is alias:
                continue
            if place.span is None or isinstance(getattr(place.node, "ctx", ast.Load()), ast.Store):
                return None
            edits.append((*place.span, f"{new}.{alias.name}"))
    return app.having({path: source.edited(edits)}, {new: module.rpartition(".")[2]})


def _comment(source: Source, node: ast.ImportFrom) -> str:
    """A comment within the parentheses, which a linter may heed."""
    first, newline, _ = source.of(node).partition("\n")
    return first[first.index("#") - 2 :] if newline and "#" in first else ""


def member_import(app: App) -> Iterator[Site]:
    """`import x` becomes `from x import y as z`, and `x.y` becomes `z`."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import) and len(node.names) == 1 and "." not in node.names[0].name:
                yield Site(f"{path}:{node.names[0].name}", partial(_as_members, app, path, node))


def _as_members(app: App, path: str, node: ast.Import) -> App | None:
    source, alias = parsed(app.files[path]), node.names[0]
    members: dict[str, str] = {}
    edits: list[Edit] = []
    if alias.asname and "." in alias.name:
        return None
    for place in source.bindings[source.scope(node), alias.asname or alias.name]:
        if place.node is alias:
            continue
        reached = source.parents.get(place.node)
        if place.span is None or not isinstance(reached, ast.Attribute) or isinstance(place.node, ast.Constant):
            return None
        if not isinstance(reached.ctx, ast.Load) or is_module(app, f"{alias.name}.{reached.attr}"):
            return None
        members.setdefault(reached.attr, app.fresh(reached.attr))
        edits.append((*source.span(reached), members[reached.attr]))
    if not members:
        return None
    names = ", ".join(f"{name} as {new}" for name, new in members.items())
    edits.append((*source.span(node), f"from {alias.name} import {names}"))
    return app.having({path: source.edited(edits)}, {new: old for old, new in members.items()})
