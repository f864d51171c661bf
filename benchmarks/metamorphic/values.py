"""The same values and decisions, written in another way."""

from __future__ import annotations

import ast
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from metamorphic.rewrite import Site
from metamorphic.source import Source, is_pure, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamorphic.app import App


def named_constant(app: App) -> Iterator[Site]:
    """A literal inside a function becomes a constant of the module."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            is_text = (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str | int)
                and not isinstance(node.value, bool)
            )
            if not (is_text or (isinstance(node, ast.Dict) and is_pure(node) and node.keys and not _reads_names(node))):
                continue
            if source.function(node) is None or not isinstance(
                source.parents[node], ast.Call | ast.keyword | ast.Compare
            ):
                continue
            assert isinstance(node, ast.expr)
            key = f"{path}:{ast.unparse(source.parents[node])}:{ast.unparse(node)}"
            yield Site(key, partial(_constant, app, path, node))


def _reads_names(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Name) for each in ast.walk(node))


def _constant(app: App, path: str, node: ast.expr) -> App:
    source, new = parsed(app.files[path]), app.fresh("VALUE")
    at = source.lines(source.top(node))[0]
    return app.having(
        {path: source.edited([(at, at, f"{new} = ({source.of(node)})\n\n\n"), (*source.span(node), new)])}
    )


def inlined_constant(app: App) -> Iterator[Site]:
    """A use of a module's constant becomes its value."""
    for path, text in app.modules():
        source = parsed(text)
        for node in source.tree.body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    if not is_pure(value) or isinstance(value, ast.List):
                        continue
                    for place in source.bindings[source.tree, name]:
                        if (
                            isinstance(place.node, ast.Name)
                            and isinstance(place.node.ctx, ast.Load)
                            and source.function(place.node)
                            and not _is_formatted(source, place.node)
                        ):
                            key = f"{path}:{name}:{ast.unparse(source.parents[place.node])}"
                            yield Site(key, partial(_in_place, app, path, place.node, ast.unparse(value)))


def _is_formatted(source: Source, node: ast.expr) -> bool:
    return any(isinstance(each, ast.JoinedStr) for each in source.above(node))


def _in_place(app: App, path: str, node: ast.expr, text: str) -> App:
    source = parsed(app.files[path])
    return app.having({path: source.edited([(*source.span(node), f"({text})" if text.startswith("-") else text)])})


def inverted_if(app: App) -> Iterator[Site]:
    """`if a: return b` and `return c` change places."""
    for path, text in app.modules():
        source = parsed(text)
        for _, function in source.functions():
            for first, second in zip(function.body, function.body[1:], strict=False):
                if (
                    isinstance(first, ast.If)
                    and len(first.body) == 1
                    and not first.orelse
                    and isinstance(first.body[0], ast.Return)
                    and isinstance(second, ast.Return)
                ) and second is function.body[-1]:
                    key = f"{path}:{function.name}:{ast.unparse(first.test)}"
                    yield Site(key, partial(_inverted, app, path, first, second))


def _inverted(app: App, path: str, first: ast.If, second: ast.Return) -> App | None:
    source, inner = parsed(app.files[path]), first.body[0]
    if not source.alone(first) or not source.alone(second):
        return None
    indent = source.indent(first)
    text = f"{indent}if not ({source.of(first.test)}):\n{indent}    {source.of(second)}\n{indent}{source.of(inner)}\n"
    return app.having({path: source.edited([(source.lines(first)[0], source.lines(second)[1], text)])})


def else_branch(app: App) -> Iterator[Site]:
    """What follows `if a: return b` goes into an `else`."""
    for path, text in app.modules():
        source = parsed(text)
        for _, function in source.functions():
            first, last = ([*function.body[-2:], None, None])[:2]
            if (
                isinstance(first, ast.If)
                and not first.orelse
                and isinstance(first.body[-1], ast.Return | ast.Raise)
                and last is not None
            ):
                key = f"{path}:{function.name}:{ast.unparse(first.test)}"
                yield Site(key, partial(_else, app, path, first, last))


def _else(app: App, path: str, first: ast.stmt, last: ast.stmt) -> App | None:
    source = parsed(app.files[path])
    start, end = source.lines(last)
    text = source.bytes[start:end].decode()
    if '"""' in text or not source.alone(last):
        return None
    inner = "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))
    return app.having({path: source.edited([(start, end, f"{source.indent(first)}else:\n{inner}")])})


def keyword_arguments(app: App) -> Iterator[Site]:
    """`HTTPException(503, "x")` names its arguments, or no longer does."""
    names = {
        "HTTPException": ("status_code", "detail", "headers"),
        "JSONResponse": ("content", "status_code", "headers"),
        "Response": ("content", "status_code", "headers"),
        "StreamingResponse": ("content", "status_code", "headers"),
    }
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                key = f"{path}:{ast.unparse(node)}"
                yield Site(key, partial(_keywords, app, path, node, names[node.func.id]))


def _keywords(app: App, path: str, node: ast.Call, names: tuple[str, ...]) -> App | None:
    source = parsed(app.files[path])
    if node.args:
        edits = [
            (source.span(each)[0], source.span(each)[0], f"{name}=")
            for each, name in zip(node.args, names, strict=False)
        ]
        return app.having({path: source.edited(edits)})
    given = {keyword.arg: source.of(keyword.value) for keyword in node.keywords}
    if not given or next(iter(given)) != names[0]:
        return None
    keyword = node.keywords[0]
    return app.having({path: source.edited([(source.span(keyword)[0], source.span(keyword.value)[0], "")])})


_ERRORS = frozenset(status.value for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)


def named_status(app: App) -> Iterator[Site]:
    """503 becomes `HTTPStatus.SERVICE_UNAVAILABLE` or starlette's constant."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and node.value in _ERRORS and source.function(node):
                parent = source.parents[node]
                call = parent if isinstance(parent, ast.Call) else source.parents[parent]
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(("Exception", "Response")):
                    for library in ("http", "fastapi"):
                        key = f"{path}:{ast.unparse(call)}:{library}"
                        yield Site(key, partial(_status, app, path, node, library))


def _status(app: App, path: str, node: ast.Constant, library: str) -> App | None:
    status = HTTPStatus(int(str(node.value)))
    source, member = parsed(app.files[path]), status.name
    if library == "http":
        new = app.fresh("HTTPStatus")
        line, text = f"from http import HTTPStatus as {new}", f"{new}.{member}"
    else:
        new = app.fresh("status")
        line, text = f"from fastapi import status as {new}", f"{new}.HTTP_{status:d}_{_fastapi(status, member)}"
    fastapi = (each for each in source.tree.body if isinstance(each, ast.ImportFrom) and each.module == "fastapi")
    first = next(fastapi, None)
    if first is None:
        return None
    at = source.lines(first)[0]
    late = "  # noqa: E402 - as below" if b"noqa: E402" in source.bytes[slice(*source.lines(first))] else ""
    return app.having({path: source.edited([(at, at, f"{line}{late}\n"), (*source.span(node), text)])})


def _fastapi(code: int, member: str) -> str:
    return {413: "CONTENT_TOO_LARGE", 422: "UNPROCESSABLE_CONTENT"}.get(code, member)


def joined_text(app: App) -> Iterator[Site]:
    """`f"a {b}"` becomes a sum, or a call of `format`."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.JoinedStr) and source.function(node) and _is_simple(source, node):
                for way in ("sum", "format"):
                    key = f"{path}:{ast.unparse(node)}:{way}"
                    yield Site(key, partial(_joined, app, path, node, way))


def _is_simple(source: Source, node: ast.JoinedStr) -> bool:
    plain = all(
        not isinstance(part, ast.FormattedValue) or (part.conversion == -1 and part.format_spec is None)
        for part in node.values
    )
    return (
        plain
        and source.of(node).startswith(('f"', "f'"))
        and len(source.of(node).splitlines()) == 1
        and not isinstance(source.parents[node], ast.JoinedStr)
    )


def _joined(app: App, path: str, node: ast.JoinedStr, way: str) -> App:
    values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    if way == "sum":
        parts = [
            f"str({ast.unparse(part.value)})" if isinstance(part, ast.FormattedValue) else ast.unparse(part)
            for part in node.values
        ]
        text = f"({' + '.join(parts)})"
    else:
        shape = "".join(
            "{}"
            if isinstance(part, ast.FormattedValue)
            else str(getattr(part, "value", "")).replace("{", "{{").replace("}", "}}")
            for part in node.values
        )
        text = f"{shape!r}.format({', '.join(ast.unparse(part.value) for part in values)})"
    return app.having({path: parsed(app.files[path]).edited([(*parsed(app.files[path]).span(node), text)])})
