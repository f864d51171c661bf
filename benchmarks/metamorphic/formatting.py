"""Another look of the same text."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from metamorphic.rewrite import Site, edited
from metamorphic.source import FUNCTIONS, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamorphic.app import App


def requoted(app: App) -> Iterator[Site]:
    """Every plain text of a module gets the other quotes."""
    for path, _ in app.modules():
        yield Site(path, partial(_requoted, app, path))


def _requoted(app: App, path: str) -> App:
    source, edits = parsed(app.files[path]), []
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and not isinstance(source.parents[node], ast.JoinedStr)
        ):
            text = source.of(node)
            if text[1:-1] == node.value and text[0] in "'\"" and not set("'\"") & set(text[1:-1]):
                other = "'" if text[0] == '"' else '"'
                edits.append((*source.span(node), f"{other}{text[1:-1]}{other}"))
    # Inside an f-string of Python 3.11 the outer quotes cannot stand again.
    return app.having({path: source.edited(edit for edit in edits if not _is_formatted(source.bytes, edit))})


def _is_formatted(text: bytes, edit: tuple[int, int, str]) -> bool:
    line = text[text.rfind(b"\n", 0, edit[0]) + 1 : edit[0]]
    return (
        b'f"' in line
        or b"f'" in line
        or (b"f" in text[max(0, edit[0] - 400) : edit[0]] and b'"""' in text[max(0, edit[0] - 400) : edit[0]])
    )


def exploded_call(app: App) -> Iterator[Site]:
    """A call gets a line for each argument, and a comma behind the last."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and (node.args or node.keywords) and "\n" not in source.of(node):
                above = list(source.above(node))
                if any(isinstance(each, ast.JoinedStr | ast.ImportFrom) for each in above) or _is_generator(node):
                    continue
                if not any(isinstance(each, FUNCTIONS) for each in above):
                    continue
                yield Site(f"{path}:{ast.unparse(node)}", partial(_exploded, app, path, node))


def _is_generator(node: ast.Call) -> bool:
    return len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp)


def _exploded(app: App, path: str, node: ast.Call) -> App:
    source = parsed(app.files[path])
    given = [source.of(each) for each in node.args] + [source.of(each) for each in node.keywords]
    text = "".join(f"\n            {each}," for each in given)
    return app.having({path: source.edited([(*source.span(node), f"{source.of(node.func)}({text}\n        )")])})


def commented(app: App) -> Iterator[Site]:
    """A comment and an empty line stand before each statement of a function."""
    for path, text in app.modules():
        source = parsed(text)
        for key, function in source.functions():
            yield Site(f"{path}:{key}", partial(_commented, app, path, function.body))


def _commented(app: App, path: str, body: list[ast.stmt]) -> App:
    source = parsed(app.files[path])
    starts = [(source.lines(node)[0], source.indent(node)) for node in body if source.alone(node)]
    return app.having(
        {path: source.edited([(at, at, f"\n{indent}# and then: what follows\n") for at, indent in starts])}
    )


def undocumented(app: App) -> Iterator[Site]:
    """A docstring goes."""
    for path, text in app.modules():
        source = parsed(text)
        for key, function in source.functions():
            if ast.get_docstring(function) is not None and len(function.body) > 1 and source.alone(function.body[0]):
                lines = source.lines(function.body[0])
                yield Site(f"{path}:{key}", partial(edited, app, path, (*lines, "")))


def parenthesised(app: App) -> Iterator[Site]:
    """What is returned or tested stands in parentheses."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            value = node.value if isinstance(node, ast.Return) else node.test if isinstance(node, ast.If) else None
            if value is not None and source.function(node) is not None:
                start, end = source.span(value)
                key = f"{path}:{ast.unparse(value)}"
                yield Site(
                    key,
                    partial(edited, app, path, (start, start, "("), (end, end, ")")),
                )


def unparsed(app: App) -> Iterator[Site]:
    """A module is written anew by Python itself: no comments, its quotes, its lines."""
    for path, text in app.modules():
        if "# noqa: E402" not in text and "chatkit: ignore" not in text:
            yield Site(path, partial(_whole, app, path))


def _whole(app: App, path: str) -> App:
    return app.having({path: ast.unparse(parsed(app.files[path]).tree) + "\n"})


def split_text(app: App) -> Iterator[Site]:
    """A text becomes two beside each other."""
    for path, text in app.modules():
        source = parsed(text)
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or len(node.value) < 6:
                continue
            literal, parent = source.of(node), source.parents[node]
            if (
                literal[1:-1] == node.value
                and literal.isascii()
                and "\\" not in literal
                and isinstance(parent, ast.Call | ast.keyword | ast.Dict)
            ):
                middle = len(literal) // 2
                halves = f"{literal[:middle]}{literal[0]} {literal[0]}{literal[middle:]}"
                key = f"{path}:{ast.unparse(parent)}:{literal}"
                span = source.span(node)
                yield Site(key, partial(edited, app, path, (*span, halves)))
