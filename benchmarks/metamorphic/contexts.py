"""The request's context: a dataclass, a dictionary, a class."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from metamorphic.rewrite import Site
from metamorphic.source import Edit, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamorphic.app import App


def dictionary_context(app: App) -> Iterator[Site]:
    """The context becomes a dictionary (a TypedDict, so that annotations and construction stay)."""
    for path, node, fields in _contexts(app):
        if not any(field.value is not None and ast.unparse(field.value)[-11:] != "repr=False)" for field in fields):
            yield Site(f"{path}:{node.name}", partial(_dictionary, app, path, node, fields))


def plain_context(app: App) -> Iterator[Site]:
    """The context becomes a class with an `__init__`."""
    for path, node, fields in _contexts(app):
        yield Site(f"{path}:{node.name}", partial(_plain, app, path, node, fields))


def _contexts(app: App) -> Iterator[tuple[str, ast.ClassDef, list[ast.AnnAssign]]]:
    """Dataclasses of fields alone that hold who is asking."""
    for path, text in app.modules():
        source = parsed(text)
        for node in source.tree.body:
            if (
                isinstance(node, ast.ClassDef)
                and node.decorator_list
                and "dataclass" in ast.unparse(node.decorator_list[0])
            ):
                fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
                others = [each for each in node.body if not isinstance(each, ast.AnnAssign | ast.Expr)]
                if not others and any(ast.unparse(each.target) == "user_id" for each in fields) and source.alone(node):
                    yield path, node, fields


def _called(app: App, name: str) -> set[str]:
    """The names of parameters that hold the context: annotated with the class, or the library's where it is generic."""
    found = set()
    for _, text in app.modules():
        for each in ast.walk(parsed(text).tree):
            if isinstance(each, ast.arg) and each.annotation is not None and name in ast.unparse(each.annotation):
                found.add(each.arg)
            elif isinstance(each, ast.ClassDef) and any(f"[{name}]" in ast.unparse(base) for base in each.bases):
                found.update({"context", "_context"})
    return found


def _dictionary(app: App, path: str, node: ast.ClassDef, fields: list[ast.AnnAssign]) -> App | None:
    names = {ast.unparse(field.target) for field in fields}
    optional = {ast.unparse(field.target) for field in fields if field.value and "default" in ast.unparse(field.value)}
    edits: dict[str, list[Edit]] = {}
    called = _called(app, node.name)
    for other, text in app.modules():
        source = parsed(text)
        for each in ast.walk(source.tree):
            if (
                isinstance(each, ast.Attribute)
                and each.attr in names
                and ast.unparse(each.value).rpartition(".")[2] in called
            ):
                end = source.span(each)[1]
                within = next((source.of(a) for a in source.above(each) if isinstance(a, ast.JoinedStr)), "'")
                if not source.of(each).endswith(each.attr):
                    return None
                quote = "'" if within.endswith('"') else '"'
                edits.setdefault(other, []).append((end - len(each.attr) - 1, end, f"[{quote}{each.attr}{quote}]"))
            elif (
                isinstance(each, ast.Call)
                and ast.unparse(each.func) == node.name
                and (each.args or not optional <= {keyword.arg for keyword in each.keywords})
            ):
                return None
    source = parsed(app.files[path])
    start = source.lines(node)[0]
    body = "".join(f"    {ast.unparse(field.target)}: {source.of(field.annotation)}\n" for field in fields)
    new = app.fresh("TypedDict")
    first = next(
        each
        for each in source.tree.body
        if isinstance(each, ast.Import | ast.ImportFrom) and "__future__" not in source.of(each)
    )
    at = source.lines(first)[0]
    edits.setdefault(path, []).append((at, at, f"from typing import TypedDict as {new}\n"))
    edits[path].append((start, source.lines(node)[1], f"class {node.name}({new}):\n{body}"))
    return app.having({each: parsed(app.files[each]).edited(them) for each, them in edits.items()})


def _plain(app: App, path: str, node: ast.ClassDef, fields: list[ast.AnnAssign]) -> App:
    source = parsed(app.files[path])
    given, lines = [], []
    for field in fields:
        name, value = ast.unparse(field.target), field.value
        default = ast.unparse(value) if value is not None else ""
        if "default_factory=dict" in default:
            given.append(f"{name}: {source.of(field.annotation)} | None = None")
            lines.append(f"        self.{name} = {{}} if {name} is None else {name}\n")
        else:
            made = "''" if "default=''" in default else ""
            given.append(f"{name}: {source.of(field.annotation)}{f' = {made}' if made else ''}")
            lines.append(f"        self.{name} = {name}\n")
    text = f"class {node.name}:\n    def __init__(self, {', '.join(given)}):\n{''.join(lines)}"
    return app.having({path: source.edited([(*source.lines(node), text)])})
