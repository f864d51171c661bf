"""Walking syntax trees: children, parents, parameters and the statement lists of compound statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.source.nodes import children

if TYPE_CHECKING:
    from collections.abc import Iterator


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[ast.arg]:
    """All parameters of `node` in call order, `*args` and `**kwargs` included."""
    spec = node.args
    yield from spec.posonlyargs
    yield from spec.args
    if spec.vararg:
        yield spec.vararg
    yield from spec.kwonlyargs
    if spec.kwarg:
        yield spec.kwarg


def parent_map(root: ast.AST) -> dict[ast.AST, ast.AST]:
    """Maps every node below `root` to its syntactic parent."""
    parents: dict[ast.AST, ast.AST] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        for child in children(node):
            parents[child] = node
            stack.append(child)
    return parents


def all_nodes(root: ast.AST) -> tuple[ast.AST, ...]:
    """`root` and every node below it, level by level as `ast.walk` gives them; see `children` for what is left out."""
    found = [root]
    for node in found:
        found.extend(children(node))
    return tuple(found)


def blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The statement lists directly inside a compound statement that share its scope, in source order."""
    match statement:
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return [statement.body, statement.orelse]
        case ast.With() | ast.AsyncWith():
            return [statement.body]
        case ast.Try() | ast.TryStar():
            handlers = [handler.body for handler in statement.handlers]
            return [statement.body, *handlers, statement.orelse, statement.finalbody]
        case ast.Match():
            return [case.body for case in statement.cases]
        case _:
            return []
