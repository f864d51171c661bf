"""Tasks that a turn starts, and whether anything holds on to them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.flow import Frame
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_STARTS = frozenset({"create_task", "ensure_future", "run_coroutine_threadsafe"})
_GROUPS = ("TaskGroup()", "create_task_group()")
# Methods of a task that neither wait for it nor keep it.
_IDLE = frozenset({"add_done_callback", "set_name", "get_name", "done"})


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task that is started.

    Attributes:
        call: The call that starts it.
        frame: Where it is started.
        held: Whether it is awaited, kept beyond the call or given to something that may do so.
    """

    call: ast.Call
    frame: Frame
    held: bool

    @property
    def where(self) -> Place:
        """Where it is started."""
        return self.frame.place(self.call)


def tasks(_integration: Integration, turn: Served) -> tuple[Task, ...]:
    """The tasks that the turn and its tools start, each once; ask through `Integration.once`."""
    found: dict[ast.Call, Task] = {}
    for called in turn.reached:
        if called.node not in found and _starts(called):
            found[called.node] = Task(called.node, called.frame, _held(called.node, called.frame))
    return tuple(found.values())


def _starts(called: Called) -> bool:
    function = called.node.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    for callee in called.callees:
        if isinstance(callee, Foreign) and callee.name.rpartition(".")[2] in _STARTS:
            owner = callee.name.rpartition(".")[0]
            return not owner.endswith(_GROUPS) and (owner.startswith("asyncio") or "loop" in owner)
    return name in _STARTS and isinstance(function, ast.Attribute) and "loop" in ast.unparse(function.value).lower()


def _held(call: ast.Call, frame: Frame) -> bool:
    parents = frame.function.parents if frame.function else frame.module.parents
    parent = parents.get(call)
    if isinstance(parent, ast.Expr):
        return False
    if isinstance(parent, ast.Attribute):
        # `create_task(...).add_done_callback(...)`
        return parent.attr not in _IDLE
    names = _names(parent)
    if not names or frame.function is None:
        return True
    if names <= frame.function.scope.outer:
        return True
    return any(_uses(node, names, parents) for node in own_nodes(frame.function)) or _captured(frame, names)


def _names(parent: ast.AST | None) -> set[str]:
    match parent:
        case ast.Assign(targets=targets) if all(isinstance(one, ast.Name) for one in targets):
            return {one.id for one in targets if isinstance(one, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()


def _uses(node: ast.AST, names: set[str], parents: dict[ast.AST, ast.AST]) -> bool:
    if not isinstance(node, ast.Name) or node.id not in names or not isinstance(node.ctx, ast.Load):
        return False
    above = parents.get(node)
    return not (isinstance(above, ast.Attribute) and above.attr in _IDLE)


def _captured(frame: Frame, names: set[str]) -> bool:
    """Whether a function defined inside uses the name."""
    function = frame.function
    return function is not None and any(
        isinstance(node, ast.Name) and node.id in names
        for inner in function.scope.functions
        for node in ast.walk(inner.node)
    )
