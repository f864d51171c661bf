"""Which part of a long thread is read: the newest items, the oldest, or all."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Part
from chatkit_validate.integration.agent import history
from chatkit_validate.integration.evidence import Evidence, Found, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.agent.history import Load
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.model import Integration

_WHOLE = 1000
"""A page this long is all of any conversation that people have."""
_FLIPS = "builtins.reversed()"
_SAME = ("builtins.list()", "builtins.tuple()", "typing.cast()")


class Window(Enum):
    """The part of a thread that a turn reads."""

    NEWEST = "the newest items"
    OLDEST = "the oldest items"
    WHOLE = "the whole thread"


def window(integration: Integration, load: Load, one: ModelRun) -> Evidence[Window]:
    """Which part of the thread `load` gives to the run, what is cut off afterwards included."""
    if load.after is None:
        return Found(Window.WHOLE, load.where)
    if load.order is None or any(order not in ("asc", "desc") for order in load.order):
        return Unresolved("The order in which the thread's items are loaded is no literal", load.where)
    cut = next(_cuts(integration, load, one), None)
    if cut is not None:
        return cut
    if "asc" not in load.order:
        return Found(Window.NEWEST, load.where)
    if load.limit and all(isinstance(limit, int) and limit >= _WHOLE for limit in load.limit):
        return Found(Window.WHOLE, load.where)
    return Found(Window.OLDEST, load.where)


def _cuts(integration: Integration, load: Load, one: ModelRun) -> Iterator[Found[Window]]:
    """Slices of the loaded items that keep the wrong end: `items[:20]` oldest first, `items[-20:]` newest first."""
    flow = integration.flow
    for value in integration.once(history.reading, one).values():
        kept = _slice(value)
        if kept is None:
            continue
        base = getattr(value, "base", None)
        ascending = _ascending(flow, base, load) if base is not None else None
        frame, node = getattr(value, "frame", None), getattr(value, "node", None)
        if ascending is None or frame is None or node is None:
            continue
        if kept is ascending:
            yield Found(Window.OLDEST, frame.place(node))


def _slice(value: Value) -> bool | None:
    """Whether a slice keeps the beginning of a list; False for its end, None for anything else."""
    node = getattr(value, "node", None)
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice) or node.slice.step is not None:
        return None
    lower, upper = node.slice.lower, node.slice.upper
    if lower is None and upper is not None and not _negative(upper):
        return True
    return False if upper is None and lower is not None and _negative(lower) else None


def _negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _ascending(flow: Flow, value: Value | None, load: Load) -> bool | None:
    """Whether `value` is what `load` gave, oldest first; None where it is something else."""
    for _ in range(8):
        node = getattr(value, "node", None)
        if node is load.call:
            return load.order == ("asc",)
        if isinstance(value, Foreign) and value.name in (_FLIPS, *_SAME) and isinstance(node, ast.Call) and node.args:
            found = [_ascending(flow, inner, load) for inner in flow.values(node.args[-1], value.frame or load.frame)]
            known = next((one for one in found if one is not None), None)
            return (not known) if known is not None and value.name == _FLIPS else known
        if isinstance(value, Foreign | Part) and _backwards(node):
            known = _ascending(flow, value.base, load)
            return None if known is None else not known
        value = getattr(value, "base", None)
        if value is None:
            return None
    return None


def _backwards(node: ast.AST | None) -> bool:
    """`items[::-1]`."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice) or node.slice.step is None:
        return False
    return _negative(node.slice.step)
