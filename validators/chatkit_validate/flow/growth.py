"""What is put into a list after it was made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow.blocks import inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow.origin import Flow
    from chatkit_validate.flow.value import Structure


def added(flow: Flow, held: Structure) -> Iterator[ast.expr]:
    """What `append`, `insert`, `extend` and `+=` add to the list `held` in the function that makes it.

    Elements of another list stand as `*other`.
    """
    for statement in inside(held.frame.function.node.body) if held.frame.function else ():
        match statement:
            case (
                ast.Expr(value=ast.Call(func=ast.Attribute(value=base, attr="append"), args=[one]))
                | ast.Expr(value=ast.Call(func=ast.Attribute(value=base, attr="insert"), args=[_, one]))
            ):
                if held in flow.values(base, held.frame):
                    yield one
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=base, attr="extend"), args=[one])):
                if held in flow.values(base, held.frame):
                    yield ast.copy_location(ast.Starred(one, ast.Load()), one)
            case ast.AugAssign(target=ast.Name() as target, op=ast.Add(), value=one):
                if held in flow.values(ast.copy_location(target, one), held.frame):
                    yield ast.copy_location(ast.Starred(one, ast.Load()), one)
            case _:
                continue
