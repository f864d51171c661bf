"""FastAPI's other ways to say the same: dependencies and calls, decorators and registrations."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from metamorphic.rewrite import Site
from metamorphic.source import FUNCTIONS, Edit, Function, Source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamorphic.app import App

_ROUTES = {"get", "post", "put", "delete", "patch", "api_route"}


def registered_route(app: App) -> Iterator[Site]:
    """`@router.post(...)` becomes `router.add_api_route(...)` behind the function."""
    for path, text in app.modules():
        source = parsed(text)
        for _, function in source.functions():
            for decorator in function.decorator_list:
                if len(function.decorator_list) == 1 and _method(decorator) and source.alone(function):
                    yield Site(f"{path}:{function.name}", partial(_registered, app, path, function))


def _method(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ROUTES and node.args:
        return node.func.attr
    return ""


def _registered(app: App, path: str, function: Function) -> App | None:
    source, decorator = parsed(app.files[path]), function.decorator_list[0]
    assert isinstance(decorator, ast.Call)
    assert isinstance(decorator.func, ast.Attribute)
    given = [source.of(argument) for argument in decorator.args[:1]] + [function.name]
    if decorator.func.attr != "api_route":
        given.append(f'methods=["{decorator.func.attr.upper()}"]')
    given += [source.of(keyword) for keyword in decorator.keywords]
    start = source.span(function)[0]
    begin = source.at(function.lineno, function.col_offset)
    end = source.lines(function)[1]
    # A last line without a line feed has none to stand behind.
    feed = "" if source.bytes[:end].endswith(b"\n") else "\n"
    line = f"{feed}\n\n{source.indent(function)}{source.of(decorator.func.value)}.add_api_route({', '.join(given)})\n"
    return app.having({path: source.edited([(start, begin, ""), (end, end, line)])})


def decorated_route(app: App) -> Iterator[Site]:
    """`router.add_api_route("/x", f, methods=["POST"])` becomes a decorator of `f`."""
    for path, text in app.modules():
        source = parsed(text)
        functions = {node.name: node for node in source.tree.body if isinstance(node, FUNCTIONS)}
        for node in source.tree.body:
            match node:
                case ast.Expr(
                    value=ast.Call(func=ast.Attribute(attr="add_api_route"), args=[_, ast.Name(id=name)]) as call
                ):
                    if (
                        name in functions
                        and len(call.keywords) == 1
                        and ast.unparse(call.keywords[0]) == "methods=['POST']"
                    ):
                        function = functions[name]
                        if not function.decorator_list:
                            yield Site(f"{path}:{name}", partial(_decorated, app, path, node, function))


def _decorated(app: App, path: str, node: ast.Expr, function: Function) -> App | None:
    source, call = parsed(app.files[path]), node.value
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    line = f"@{source.of(call.func.value)}.post({source.of(call.args[0])})\n"
    start = source.lines(function)[0]
    return app.having({path: source.edited([(start, start, line), (*source.lines(node), "")])})


def registered_handler(app: App) -> Iterator[Site]:
    """`app.add_exception_handler(X, f)` becomes a decorated function that calls `f`."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            match node:
                case ast.Expr(
                    value=ast.Call(func=ast.Attribute(attr="add_exception_handler"), args=[kind, ast.Name()])
                ):
                    key = f"{path}:{ast.unparse(kind)}"
                    yield Site(key, partial(_handler, app, path, node))


def _handler(app: App, path: str, node: ast.Expr) -> App:
    source, call = parsed(app.files[path]), node.value
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    indent, new = source.indent(node), app.fresh("answered")
    kind, function = map(source.of, call.args)
    lines = [
        f"{indent}@{source.of(call.func.value)}.exception_handler({kind})",
        f"{indent}async def {new}(request, error):",
        f"{indent}    return await {function}(request, error)",
        "",
    ]
    return app.having({path: source.edited([(*source.lines(node), "\n".join(lines))])})


def called_dependency(app: App) -> Iterator[Site]:
    """A route's last dependency becomes a call at the start of the route."""
    for path, text in app.modules():
        source = parsed(text)
        for _, function in source.functions():
            depends = [each for each in function.args.args if _dependency(source, each) is not None]
            if _is_route(source, function) and depends and not function.args.defaults:
                yield Site(
                    f"{path}:{function.name}:{depends[-1].arg}",
                    partial(_called, app, path, function, depends[-1]),
                )


def _is_route(source: Source, function: Function) -> bool:
    if any(_method(decorator) for decorator in function.decorator_list):
        return True
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_api_route"
        and any(isinstance(each, ast.Name) and each.id == function.name for each in node.args)
        for node in ast.walk(source.tree)
    )  # fmt: skip


def _dependency(source: Source, argument: ast.arg) -> str | None:
    """The text of `f` in `Annotated[T, Depends(f)]`."""
    match argument.annotation:
        case ast.Subscript(
            value=ast.Name(id="Annotated"),
            slice=ast.Tuple(elts=[_, ast.Call(func=ast.Name(id="Depends"), args=[given])]),
        ):
            return source.of(given)
    return None


def _called(app: App, path: str, function: Function, argument: ast.arg) -> App | None:
    source = parsed(app.files[path])
    name = _dependency(source, argument) or ""
    request = next(
        (
            each.arg
            for each in function.args.args
            if each.annotation is not None and source.of(each.annotation) == "Request"
        ),
        "",
    )
    found = _defined(app, path, name)
    if not request or found is None:
        return None
    there, dependency = found
    if [each for each in dependency.args.args if not each.annotation or there.of(each.annotation) != "Request"]:
        return None
    if len(dependency.args.args) != 1 or (any(isinstance(each, ast.Yield) for each in ast.walk(dependency))):
        return None
    wait = "await " if isinstance(dependency, ast.AsyncFunctionDef) else ""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return None
    start = source.lines(body[0])[0]
    line = f"{source.indent(body[0])}{argument.arg} = {wait}{name}({request})\n"
    return app.having({path: source.edited([_without(source, function, argument), (start, start, line)])})


def _without(source: Source, function: Function, argument: ast.arg) -> Edit:
    """The edit that takes a parameter out, which is not the first."""
    arguments = function.args.args
    before = arguments[arguments.index(argument) - 1]
    return source.span(before)[1], source.span(argument)[1], ""


def _defined(app: App, path: str, name: str) -> tuple[Source, Function] | None:
    """The function that `name` means in the module at `path`, in it or imported from the app."""
    source = parsed(app.files[path])
    for node in source.tree.body:
        if isinstance(node, FUNCTIONS) and node.name == name:
            return source, node
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                file = f"{(node.module or '').replace('.', '/')}.py"
                if (alias.asname or alias.name) == name and file in app.files:
                    return _defined(app, file, alias.name)
    return None


def injected_call(app: App) -> Iterator[Site]:
    """A route that starts with `x = f(request)` gets `x` as a dependency."""
    for path, text in app.modules():
        source = parsed(text)
        for _, function in source.functions():
            body = function.body[1:] if ast.get_docstring(function) is not None else function.body
            if _is_route(source, function) and body and not function.args.defaults and function.args.args:
                match body[0]:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() | ast.Await() as value):
                        call = value.value if isinstance(value, ast.Await) else value
                        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.keywords:
                            key = f"{path}:{function.name}:{name}"
                            yield Site(key, partial(_injected, app, path, function, body[0], call, name))


def _injected(app: App, path: str, function: Function, first: ast.stmt, call: ast.Call, name: str) -> App | None:  # noqa: PLR0913, PLR0917
    source = parsed(app.files[path])
    assert isinstance(call.func, ast.Name)
    found = _defined(app, path, call.func.id)
    last = function.args.args[-1]
    if found is None or len(found[1].args.args) != 1 or found[1].args.kwonlyargs or len(call.args) != 1:
        return None
    (argument,) = found[1].args.args
    if argument.annotation is None or found[0].of(argument.annotation) != "Request" or "Depends" not in source.text:
        return None
    end = source.span(last)[1]
    typed = f", {name}: Annotated[object, Depends({call.func.id})]"
    if "Annotated" not in source.text or ("Any" not in source.text and "object" in {n for _, n in source.bindings}):
        return None
    return app.having({path: source.edited([(end, end, typed), (*source.lines(first), "")])})
