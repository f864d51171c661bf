"""Whether a coroutine is awaited."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.flow.influence import influences

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow, Frame


def awaited(flow: Flow, call: ast.Call, frame: Frame) -> bool:
    """Whether what `call` gives is awaited: at once, later through a name, inside `wait_for`, or by a caller."""
    current: Frame | None = frame
    node: ast.AST = call
    while current is not None:
        parents = flow.parents(current)
        if isinstance(parents.get(node), ast.Await):
            return True
        function = current.function
        for each in own_nodes(function) if function else ():
            if isinstance(each, ast.Await):
                inner = each.value
                if any(getattr(value, "node", None) is call for value in influences(flow, inner, current)):
                    return True
        if current.call is None:
            return False
        node, current = current.call, current.caller
    return False
