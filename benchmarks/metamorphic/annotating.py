"""Other annotations that mean the same."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from metamorphic.rewrite import Site, edited
from metamorphic.source import FUNCTIONS, Function, Source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamorphic.app import App


def quoted_annotation(app: App) -> Iterator[Site]:
    """A parameter's or result's annotation becomes text."""
    for path, text in app.modules():
        source = parsed(text)
        for function, name, annotation in _annotations(source):
            if (
                '"' not in source.of(annotation)
                and "\n" not in source.of(annotation)
                and not isinstance(annotation, ast.Constant)
            ):
                key = f"{path}:{function.name}:{name}"
                yield Site(key, partial(_replaced, app, path, annotation, f'"{source.of(annotation)}"'))


def _annotations(source: Source) -> Iterator[tuple[Function, str, ast.expr]]:
    for _, function in source.functions():
        for argument in (*function.args.args, *function.args.kwonlyargs):
            if argument.annotation is not None:
                yield function, argument.arg, argument.annotation
        if function.returns is not None:
            yield function, "return", function.returns


def _replaced(app: App, path: str, node: ast.expr, text: str, *imports: str) -> App:
    source = parsed(app.files[path])
    edits = [(*source.span(node), text)]
    if imports:
        at = _behind_future(source)
        edits.append((at, at, "".join(f"{line}\n" for line in imports)))
    return app.having({path: source.edited(edits)})


def _behind_future(source: Source) -> int:
    """Where an import can stand: behind the docstring and `from __future__`, before everything else."""
    for node in source.tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            return source.lines(node)[0]
    return len(source.bytes)


def optional(app: App) -> Iterator[Site]:
    """`X | None` becomes `Optional[X]`."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            match node:
                case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
                    new = app.fresh("Optional")
                    key = f"{path}:{ast.unparse(source.parents[node])}"
                    yield Site(
                        key,
                        partial(
                            _replaced,
                            app,
                            path,
                            node,
                            f"{new}[{source.of(left)}]",
                            f"from typing import Optional as {new}",
                        ),
                    )


def union(app: App) -> Iterator[Site]:
    """`X | None` becomes `Union[X, None]`."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            match node:
                case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
                    new = app.fresh("typing")
                    key = f"{path}:{ast.unparse(source.parents[node])}"
                    yield Site(
                        key,
                        partial(
                            _replaced,
                            app,
                            path,
                            node,
                            f"{new}.Union[{source.of(left)}, None]",
                            f"import typing as {new}",
                        ),
                    )


def default_dependency(app: App) -> Iterator[Site]:
    """`x: Annotated[T, Depends(f)]` becomes `x: T = Depends(f)`, from the last parameter on."""
    for path, text in app.modules():
        source = parsed(text)
        for _, function in source.functions():
            if function.args.args and not function.args.defaults and not function.args.kwonlyargs:
                last = function.args.args[-1]
                match last.annotation:
                    case ast.Subscript(
                        value=ast.Name(id="Annotated"),
                        slice=ast.Tuple(elts=[kind, ast.Call(func=ast.Name(id="Depends")) as given]),
                    ):
                        other = f"{source.of(kind)} = {source.of(given)}"
                        yield Site(f"{path}:{function.name}", partial(_replaced, app, path, last.annotation, other))


def annotated_alias(app: App) -> Iterator[Site]:
    """`Annotated[T, Depends(f)]` gets a name in the module."""
    for path, text in app.modules():
        source = parsed(text)
        for function, name, annotation in _annotations(source):
            if (
                isinstance(annotation, ast.Subscript)
                and "Depends(" in source.of(annotation)
                and not _is_default(source, annotation)
            ):
                yield Site(f"{path}:{function.name}:{name}", partial(_alias, app, path, function, annotation))


def _is_default(source: Source, node: ast.expr) -> bool:
    return "Annotated" not in source.of(node)


def _alias(app: App, path: str, function: Function, annotation: ast.expr) -> App | None:
    source, new = parsed(app.files[path]), app.fresh("Given")
    top = source.top(function)
    if top is not function or not source.alone(function):
        return None
    at = source.lines(top)[0]
    return app.having(
        {path: source.edited([(at, at, f"{new} = {source.of(annotation)}\n\n\n"), (*source.span(annotation), new)])}
    )


def bare_assignment(app: App) -> Iterator[Site]:
    """`x: T = v` in a function becomes `x = v`."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.AnnAssign) and node.value is not None and source.function(node) is not None:
                end = source.span(node.target)[1]
                until = source.bytes.rindex(b"=", 0, source.span(node.value)[0])
                key = f"{path}:{ast.unparse(node)}"
                yield Site(key, partial(edited, app, path, (end, until, " ")))


def unannotated_result(app: App) -> Iterator[Site]:
    """A function that nobody injects no longer says what it returns."""
    for path, text in app.modules():
        source = parsed(text)
        for key, function in source.functions():
            if (
                function.returns is not None
                and not function.decorator_list
                and isinstance(source.scope(function), (ast.ClassDef, *FUNCTIONS))
            ):
                arrow = source.bytes.rindex(b"->", 0, source.span(function.returns)[0])
                end = source.span(function.returns)[1]
                yield Site(
                    f"{path}:{key}",
                    partial(edited, app, path, (arrow - 1, end, "")),
                )
