"""Other names: for locals, parameters, definitions, modules and what is imported."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from metamorphic.app import App, dotted
from metamorphic.importing import importers, is_entry
from metamorphic.rewrite import Site
from metamorphic.source import FUNCTIONS, Edit, Function, Occurrence, Scope, Source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator


def renamed_local(app: App) -> Iterator[Site]:
    """A local variable."""
    for path, text in app.modules():
        source = parsed(text)
        for (scope, name), places in source.bindings.items():
            if not isinstance(scope, FUNCTIONS) or not _is_renamable(places):
                continue
            if any(isinstance(place.node, ast.arg | ast.alias) for place in places):
                continue
            yield Site(f"{path}:{scope.name}:{name}", partial(_renamed, app, path, scope, name))


def renamed_parameter(app: App) -> Iterator[Site]:
    """A parameter of a function that is only ever called, and not by this keyword."""
    keywords = {
        node.arg for _, text in app.modules() for node in ast.walk(parsed(text).tree) if isinstance(node, ast.keyword)
    }
    for path, text in app.modules():
        source = parsed(text)
        for (scope, name), places in source.bindings.items():
            if not isinstance(scope, FUNCTIONS) or not _is_renamable(places) or name in keywords or name == "self":
                continue
            if any(isinstance(place.node, ast.arg) for place in places) and _is_only_called(app, source, scope):
                yield Site(f"{path}:{scope.name}:{name}", partial(_renamed, app, path, scope, name))


def _is_only_called(app: App, source: Source, function: Function) -> bool:
    if function.decorator_list or function not in source.tree.body:
        return False
    for _, text in app.modules():
        each = parsed(text)
        for node in ast.walk(each.tree):
            named = (isinstance(node, ast.Name) and node.id == function.name) or (
                isinstance(node, ast.Attribute) and node.attr == function.name
            )
            parent = each.parents.get(node)
            if named and not (isinstance(parent, ast.Call) and parent.func is node):
                return False
    return True


def _is_renamable(places: list[Occurrence]) -> bool:
    return all(place.span is not None for place in places) and any(
        not isinstance(getattr(place.node, "ctx", None), ast.Load) for place in places
    )


def _renamed(app: App, path: str, scope: Scope, name: str) -> App:
    source, new = parsed(app.files[path]), app.fresh(name)
    return app.having({path: source.edited(_edits(source, scope, name, new))}, {new: name})


def _edits(source: Source, scope: Scope, name: str, new: str) -> Iterator[Edit]:
    for place in source.bindings.get((scope, name), ()):
        if place.span is not None:
            yield (*place.span, new)


def renamed_definition(app: App) -> Iterator[Site]:
    """A function, class or constant of a module, wherever it is imported."""
    for path, text in app.modules():
        source = parsed(text)
        for (scope, name), places in source.bindings.items():
            if scope is not source.tree or name.startswith("__") or not _is_renamable(places):
                continue
            if any(isinstance(place.node, ast.alias) for place in places) or (is_entry(app, path) and name == "app"):
                continue
            yield Site(f"{path}:{name}", partial(_renamed_definition, app, path, name))


def _renamed_definition(app: App, path: str, name: str) -> App | None:
    source, new = parsed(app.files[path]), app.fresh(name)
    edits: dict[str, list[Edit]] = {
        path: [*_edits(source, source.tree, name, new), *_listed(source, name, new)],
    }
    for other, alias in importers(app, path, name):
        start, end = parsed(app.files[other]).span(alias)
        if isinstance(alias, ast.Attribute):
            edit = end - len(name.encode()), end, new
        else:
            # Whoever imports it keeps the old name, but where it has another already.
            edit = start, start + len(name.encode()), new if alias.asname else f"{new} as {name}"
        edits.setdefault(other, []).append(edit)
    return app.having({each: parsed(app.files[each]).edited(them) for each, them in edits.items()}, {new: name})


def _listed(source: Source, name: str, new: str) -> Iterator[Edit]:
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            for each in ast.walk(node.value):
                if isinstance(each, ast.Constant) and each.value == name:
                    yield (*source.span(each), repr(new))


def aliased_import(app: App) -> Iterator[Site]:
    """`from x import y` becomes `from x import y as z`, `import x` becomes `import x as z`."""
    for path, text in app.modules():
        source = parsed(text)
        for (scope, name), places in source.bindings.items():
            given = [place.node for place in places if isinstance(place.node, ast.alias)]
            if len(given) != 1 or given[0].asname or given[0].name != name or path.endswith("__init__.py"):
                continue
            if name == "*" or any(place.span is None for place in places if place.node is not given[0]):
                continue
            if isinstance(source.parents[given[0]], ast.ImportFrom) and _is_future(source.parents[given[0]]):
                continue
            yield Site(f"{path}:{name}", partial(_aliased, app, path, scope, given[0]))


def _is_future(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _aliased(app: App, path: str, scope: Scope, alias: ast.alias) -> App | None:
    if next(iter(importers(app, path, alias.name)), None):
        return None
    source, new = parsed(app.files[path]), app.fresh(alias.name)
    edits = [*_edits(source, scope, alias.name, new), (*source.span(alias), f"{alias.name} as {new}")]
    return app.having({path: source.edited(edits)}, {new: alias.name})


def renamed_module(app: App) -> Iterator[Site]:
    """A module's file, wherever it is imported from."""
    for path, _ in app.modules():
        if not is_entry(app, path) and not path.endswith("__init__.py") and not _is_imported_whole(app, path):
            yield Site(path, partial(_moved_file, app, path))


def _is_imported_whole(app: App, path: str) -> bool:
    name = dotted(path)
    package, _, last = name.rpartition(".")
    for _, text in app.modules():
        for node in ast.walk(parsed(text).tree):
            if isinstance(node, ast.Import) and any(alias.name == name for alias in node.names):
                return True
            if isinstance(node, ast.ImportFrom) and (
                node.level or (node.module == package and any(alias.name == last for alias in node.names))
            ):
                return True
    return False


def _moved_file(app: App, path: str) -> App | None:
    old = dotted(path)
    package, _, last = old.rpartition(".")
    last = app.fresh(last)
    new = f"{package}.{last}" if package else last
    target = path.rpartition("/")[0] + f"/{last}.py" if "/" in path else f"{last}.py"
    changed = {target: app.files[path]}
    for other, _ in app.modules():
        text = changed[target] if other == path else app.files[other]
        source = parsed(text)
        edits: list[Edit] = []
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and node.module == old:
                start = source.span(node)[0] + len("from ")
                edits.append((start, start + len(old), new))
        if edits:
            changed[target if other == path else other] = source.edited(edits)
    answer = app.having(changed, {last: old.rpartition(".")[2], target: path})
    return App(answer.name, {each: text for each, text in answer.files.items() if each != path}, answer.renamed)
