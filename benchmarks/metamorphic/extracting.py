"""Pieces of functions as functions or variables of their own, and functions back into their callers."""

from __future__ import annotations

import ast
import textwrap
from functools import partial
from typing import TYPE_CHECKING

from metamorphic.rewrite import Site
from metamorphic.source import FUNCTIONS, Function, Source, is_pure, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from metamorphic.app import App

_SIMPLE = (ast.Return, ast.Assign, ast.AnnAssign, ast.Expr)
_BINDING = (ast.NamedExpr, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LEAVING = (
    ast.Return,
    ast.Yield,
    ast.YieldFrom,
    ast.Break,
    ast.Continue,
    ast.Nonlocal,
    ast.Global,
    *FUNCTIONS,
    ast.ClassDef,
)


def extracted_expression(app: App) -> Iterator[Site]:
    """An expression becomes a function of what it reads."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call | ast.Dict | ast.JoinedStr | ast.Compare | ast.Subscript) and _is_movable(
                source, node
            ):
                function = source.function(node)
                if function is not None:
                    key = f"{path}:{function.name}:{ast.unparse(node)}"
                    yield Site(key, partial(_as_function, app, path, function, node))


def _is_movable(source: Source, node: ast.expr) -> bool:
    """Whether it can be evaluated elsewhere: nothing is bound, left or looked up by where it stands."""
    below: ast.AST = node
    for each in source.above(node):
        if isinstance(each, ast.stmt):
            if isinstance(each, ast.AnnAssign) and below is each.annotation:
                return False
            if not isinstance(each, (*_SIMPLE, ast.If, ast.Raise, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith)):
                return False
            break
        if isinstance(each, ast.JoinedStr | ast.FormattedValue | ast.ExceptHandler | ast.pattern | ast.match_case):
            return False
        below = each
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Store | ast.Del):
        return False
    inner = list(ast.walk(node))
    if any(isinstance(each, (*_BINDING, ast.Yield, ast.YieldFrom, ast.Starred)) for each in inner):
        return False
    return not any(isinstance(each, ast.Name) and each.id in {"super", "locals"} for each in inner)


def _locals(source: Source, function: Function, nodes: Iterable[ast.AST]) -> list[str] | None:
    """The function's own names that `nodes` read; None where they read those of a function around it."""
    read: dict[str, None] = {}
    inside = {each for node in nodes for each in ast.walk(node)}
    for (scope, name), places in source.bindings.items():
        if scope is source.tree or not any(place.node in inside for place in places):
            continue
        if scope is not function:
            if scope in inside:
                continue
            return None
        if any(
            place.node in inside and isinstance(getattr(place.node, "ctx", ast.Load()), ast.Load) for place in places
        ):
            read[name] = None
    return list(read)


def _as_function(app: App, path: str, function: Function, node: ast.expr) -> App | None:
    source = parsed(app.files[path])
    names = _locals(source, function, [node])
    if names is None:
        return None
    new = app.fresh(f"_{function.name.strip('_')}_part")
    waits = any(isinstance(each, ast.Await) for each in ast.walk(node))
    head = f"{'async ' if waits else ''}def {new}({', '.join(names)}):"
    body = f"    return ({source.of(node)})"
    call = f"{'await ' if waits else ''}{new}({', '.join(names)})"
    at = _above(source, function)
    text = source.edited([(at, at, f"{head}\n{body}\n\n\n"), (*source.span(node), f"({call})" if waits else call)])
    return app.having({path: text})


def _above(source: Source, node: ast.AST) -> int:
    """The start of the line on which the statement of the module begins that holds `node`."""
    return source.lines(source.top(node))[0]


def named_expression(app: App) -> Iterator[Site]:
    """What is returned, or awaited and returned, gets a name first."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Return) and node.value is not None and not is_pure(node.value):
                function = source.function(node)
                if function is not None and source.alone(node):
                    key = f"{path}:{function.name}:{ast.unparse(node)}"
                    yield Site(key, partial(_named, app, path, node))


def _named(app: App, path: str, node: ast.Return) -> App:
    source, new = parsed(app.files[path]), app.fresh("answer")
    assert node.value is not None
    start, end = source.span(node)
    text = source.bytes[source.span(node.value)[0] : end].decode()
    if source.bytes[start : source.span(node.value)[0]].strip() != b"return":
        text = f"({ast.unparse(node.value)})"
    return app.having({path: source.edited([(start, end, f"{new} = {text}\n{source.indent(node)}return {new}")])})


def extracted_tail(app: App) -> Iterator[Site]:
    """The end of a function becomes a function."""
    for path, text in app.modules():
        source = parsed(text)
        for key, function in source.functions():
            if any(
                isinstance(each, ast.Yield | ast.YieldFrom | ast.Nonlocal | ast.Global) for each in ast.walk(function)
            ):
                continue
            for count in range(1, len(function.body)):
                tail = function.body[count:]
                if not _uses(tail, "super"):
                    yield Site(f"{path}:{key}:-{len(tail)}", partial(_tail, app, path, function, tail))


def _uses(nodes: Sequence[ast.stmt], name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for node in nodes for each in ast.walk(node))


def _tail(app: App, path: str, function: Function, tail: Sequence[ast.stmt]) -> App | None:
    source = parsed(app.files[path])
    names = _locals(source, function, tail)
    if names is None or not all(map(source.alone, tail)):
        return None
    given = _given_before(source, function, tail, names)
    if given is None:
        return None
    names = given
    new = app.fresh(f"_{function.name.strip('_')}_rest")
    waits = isinstance(function, ast.AsyncFunctionDef)
    first, last = source.lines(tail[0])[0], source.lines(tail[-1])[1]
    body = textwrap.indent(textwrap.dedent(source.bytes[first:last].decode()), "    ")
    call = f"{source.indent(tail[0])}return {'await ' if waits else ''}{new}({', '.join(names)})\n"
    at = _above(source, function)
    helper = f"{'async ' if waits else ''}def {new}({', '.join(names)}):\n{body}\n\n"
    return app.having({path: source.edited([(at, at, helper), (first, last, call)])})


def _given_before(
    source: Source, function: Function, tail: Sequence[ast.stmt], names: Iterable[str]
) -> list[str] | None:
    """Those of `names` that have their value before the tail in any case; None where another is not the tail's own."""
    inside = {each for node in tail for each in ast.walk(node)}
    before = function.body[: function.body.index(tail[0])]
    found = []
    for name in names:
        places = [place.node for place in source.bindings[function, name]]
        given = [node for node in places if not isinstance(getattr(node, "ctx", None), ast.Load)]
        if any(isinstance(node, ast.arg) or _is_top(source, node, before) for node in given):
            found.append(name)
        elif not all(node in inside for node in places):
            return None
    return found


def _is_top(source: Source, node: ast.AST, before: Sequence[ast.stmt]) -> bool:
    return any(each in before and isinstance(each, ast.Assign | ast.AnnAssign) for each in source.above(node))


def extracted_statement(app: App) -> Iterator[Site]:
    """A statement that gives no name and goes nowhere becomes a function."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.If | ast.Expr | ast.For | ast.With) or not source.alone(node):
                continue
            function = source.function(node)
            if function is None or source.bytes[source.span(node)[0] :].startswith(b"elif"):
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            if not _uses([node], "super") and not any(map(_binds_or_leaves, ast.walk(node))):
                key = f"{path}:{function.name}:{ast.unparse(node)[:60]}"
                yield Site(key, partial(_statement, app, path, function, node))


def _binds_or_leaves(node: ast.AST) -> bool:
    bare = isinstance(node, ast.Raise) and node.exc is None
    stores = isinstance(getattr(node, "ctx", None), ast.Store)
    return bare or stores or isinstance(node, (*_LEAVING, *_BINDING, ast.Import))


def _statement(app: App, path: str, function: Function, node: ast.stmt) -> App | None:
    source = parsed(app.files[path])
    names = _locals(source, function, [node])
    if names is None:
        return None
    new = app.fresh(f"_{function.name.strip('_')}_step")
    waits = any(isinstance(each, ast.Await | ast.AsyncFor | ast.AsyncWith) for each in ast.walk(node))
    first, last = source.lines(node)
    body = textwrap.indent(textwrap.dedent(source.bytes[first:last].decode()), "    ")
    helper = f"{'async ' if waits else ''}def {new}({', '.join(names)}):\n{body}\n\n"
    call = f"{source.indent(node)}{'await ' if waits else ''}{new}({', '.join(names)})\n"
    at = _above(source, function)
    return app.having({path: source.edited([(at, at, helper), (first, last, call)])})


def inlined_function(app: App) -> Iterator[Site]:
    """A call of a function that only returns something becomes what it returns."""
    for path, text in app.modules():
        source = parsed(text)
        helpers = {each.name: each for each in source.tree.body if isinstance(each, FUNCTIONS) and _returned(each)}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in helpers:
                helper = helpers[node.func.id]
                if source.function(node) is not None and source.scope(node) is not helper:
                    key = f"{path}:{ast.unparse(node)}"
                    yield Site(key, partial(_inlined, app, path, node, helper))


def _returned(function: Function) -> ast.expr | None:
    """What a function returns that does nothing else and is decorated by nothing."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if function.decorator_list or len(body) != 1 or not isinstance(body[0], ast.Return):
        return None
    value = body[0].value
    if value is None or any(isinstance(each, (*_BINDING, ast.Yield)) for each in ast.walk(value)):
        return None
    return value


def _inlined(app: App, path: str, call: ast.Call, helper: Function) -> App | None:
    source = parsed(app.files[path])
    value, given = _returned(helper), _given(call, helper)
    caller = source.scope(call)
    if value is None or given is None:
        return None
    edits = []
    start, end = source.span(value)
    for node in ast.walk(value):
        if not isinstance(node, ast.Name):
            continue
        if node.id in given:
            begin, stop = source.span(node)
            edits.append((begin - start, stop - start, given[node.id]))
        elif (caller, node.id) in source.bindings and caller is not source.tree:
            return None  # the caller has another thing of this name
    text = source.bytes[start:end]
    for here, there, new in sorted(edits, reverse=True):
        text = text[:here] + new.encode() + text[there:]
    target: ast.expr = call
    if isinstance(helper, ast.AsyncFunctionDef):
        waiting = source.parents[call]
        if not isinstance(waiting, ast.Await):
            return None
        target = waiting
    return app.having({path: source.edited([(*source.span(target), f"({text.decode()})")])})


def _given(call: ast.Call, helper: Function) -> dict[str, str] | None:
    """What each parameter is given, where all are given something that may be written where it is used."""
    arguments = helper.args
    if arguments.vararg or arguments.kwarg or any(keyword.arg is None for keyword in call.keywords):
        return None
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    given: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    wanted = {*names, *(each.arg for each in arguments.kwonlyargs)}
    if given.keys() != wanted or not all(map(is_pure, given.values())):
        return None
    return {
        name: f"({ast.unparse(value)})" if isinstance(value, ast.UnaryOp) else ast.unparse(value)
        for name, value in given.items()
    }
