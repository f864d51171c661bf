"""Definitions at other places: another order, another module, inside a factory or out of it."""

from __future__ import annotations

import ast
import builtins
import textwrap
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from metamorphic.app import dotted
from metamorphic.importing import is_entry
from metamorphic.rewrite import Site
from metamorphic.source import FUNCTIONS, Source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from metamorphic.app import App

_DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


def reordered(app: App) -> Iterator[Site]:
    """Two functions or classes beside each other, of a module or of a class, change places."""
    for path, text in app.modules():
        source = parsed(text)
        bodies = [source.tree.body, *(node.body for node in source.tree.body if isinstance(node, ast.ClassDef))]
        for first, second in (pair for body in bodies for pair in pairwise(body)):
            if not isinstance(first, _DEFINITIONS) or not isinstance(second, _DEFINITIONS):
                continue
            if not _needs(second, first.name) and first.name != second.name:
                yield Site(f"{path}:{first.name}:{second.name}", partial(_swapped, app, path, first, second))


def _needs(node: ast.stmt, name: str) -> bool:
    """Whether `node` reads `name` while it is defined: decorators, bases, defaults, annotations."""
    lazy = {
        each
        for inner in ast.walk(node)
        if isinstance(inner, FUNCTIONS)
        for step in inner.body
        for each in ast.walk(step)
    }
    return any(isinstance(each, ast.Name) and each.id == name and each not in lazy for each in ast.walk(node))


def _swapped(app: App, path: str, first: ast.stmt, second: ast.stmt) -> App:
    source = parsed(app.files[path])
    here, there = source.span(first), source.span(second)
    moved = [(*here, source.bytes[there[0] : there[1]].decode()), (*there, source.bytes[here[0] : here[1]].decode())]
    return app.having({path: source.edited(moved)})


def moved_definition(app: App) -> Iterator[Site]:
    """A function or class moves to a module of its own, from which it is imported."""
    for path, text in app.modules():
        source = parsed(text)
        for node in source.tree.body:
            if isinstance(node, _DEFINITIONS) and source.alone(node) and not path.endswith("__init__.py"):
                yield Site(f"{path}:{node.name}", partial(_moved, app, path, node))


def _moved(app: App, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> App | None:
    source = parsed(app.files[path])
    imports = _imports(source, node)
    if imports is None:
        return None
    first, last = source.lines(node)
    stem = app.fresh(path.removesuffix(".py").rpartition("/")[2])
    target = path.rpartition("/")[0] + f"/{stem}.py" if "/" in path else f"{stem}.py"
    moved = "\n".join([*imports, "", "", source.bytes[first:last].decode()])
    behind = [each for each in source.tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    if not behind:
        return None
    start, end = source.lines(behind[-1])
    late = b"# noqa: E402" in source.bytes[start:end]
    line = f"from {dotted(target)} import {node.name}{'  # noqa: E402 - as above' if late else ''}\n"
    return app.having({path: source.edited([(end, end, line), (first, last, "")]), target: moved}, {target: path})


def _imports(source: Source, node: ast.stmt) -> list[str] | None:
    """The imports that the definition needs elsewhere; None where it needs what only its module has."""
    inside = set(ast.walk(node))
    needed: dict[str, None] = {}
    for (scope, name), places in source.bindings.items():
        if scope is not source.tree or not any(place.node in inside for place in places):
            continue
        given = [place.node for place in places if not isinstance(getattr(place.node, "ctx", None), ast.Load)]
        given = [each for each in given if not isinstance(each, ast.Constant)]
        if given == [node] or (not given and name in vars(builtins)):
            continue
        if len(given) != 1 or not isinstance(given[0], ast.alias) or source.parents[given[0]] not in source.tree.body:
            return None
        statement, alias = source.parents[given[0]], given[0]
        called = f" as {alias.asname}" if alias.asname else ""
        if isinstance(statement, ast.ImportFrom):
            if statement.level:
                return None
            needed[f"from {statement.module} import {alias.name}{called}"] = None
        else:
            needed[f"import {alias.name}{called}"] = None
    if "from __future__ import annotations" in source.text:
        return ["from __future__ import annotations", "", *sorted(needed)]
    return sorted(needed)


def made_by_factory(app: App) -> Iterator[Site]:
    """What builds `app` at the top of the module goes into `create_app()`, with all that follows."""
    for path, text in app.modules():
        source = parsed(text)
        for place, node in enumerate(source.tree.body):
            if is_entry(app, path) and isinstance(node, ast.Assign) and ast.unparse(node).startswith("app = FastAPI("):
                yield Site(path, partial(_wrapped, app, path, source.tree.body[place:]))


def _wrapped(app: App, path: str, rest: Sequence[ast.stmt]) -> App | None:
    source = parsed(app.files[path])
    first, last = source.lines(rest[0])[0], len(source.bytes)
    text = source.bytes[first:last].decode()
    if any(isinstance(node, ast.Constant) and "\n" in str(node.value) for each in rest for node in ast.walk(each)):
        return None
    new = app.fresh("create_app")
    body = textwrap.indent(text.rstrip("\n"), "    ")
    factory = f"def {new}():\n{body}\n    return app\n\n\napp = {new}()\n"
    return app.having({path: source.edited([(first, last, factory)])})


def made_at_once(app: App) -> Iterator[Site]:
    """`app = create_app()` becomes what `create_app` does."""
    for path, text in app.modules():
        source = parsed(text)
        factories = {
            node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef) and not node.args.args
        }
        for node in source.tree.body:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Call)
                and isinstance(node.value.func, ast.Name)
            ):
                factory = factories.get(node.value.func.id)
                if factory is not None and ast.unparse(node.targets[0]) == "app" and _ends_with(factory, "return app"):
                    yield Site(f"{path}:{factory.name}", partial(_unwrapped, app, path, node, factory))


def _ends_with(factory: ast.FunctionDef, text: str) -> bool:
    returns = [each for each in ast.walk(factory) if isinstance(each, ast.Return) and each in factory.body]
    return len(returns) == 1 and ast.unparse(factory.body[-1]) == text


def _unwrapped(app: App, path: str, node: ast.Assign, factory: ast.FunctionDef) -> App | None:
    source = parsed(app.files[path])
    body = factory.body[1:-1] if ast.get_docstring(factory) is not None else factory.body[:-1]
    names = {name for scope, name in source.bindings if scope is factory}
    taken = {name for scope, name in source.bindings if scope is not factory}
    if not body or (names - {"app"}) & (taken - _given_only_inside(source, names)):
        return None
    text = textwrap.dedent(source.bytes[source.lines(body[0])[0] : source.lines(body[-1])[1]].decode())
    return app.having({path: source.edited([(*source.lines(factory), ""), (*source.lines(node), text)])})


def _given_only_inside(source: Source, names: Iterable[str]) -> set[str]:
    """Those of `names` that other scopes bind for themselves, so that one more in the module changes nothing."""
    return {name for name in names if (source.tree, name) not in source.bindings}
