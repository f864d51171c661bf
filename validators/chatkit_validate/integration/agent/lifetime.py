"""How long an object lives: as long as a turn, or as long as the application and so shared by all turns."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Frame, Instance
from chatkit_validate.flow.blocks import statement_of
from chatkit_validate.names.unparse import unparse

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.names import Function

_STEPS = 12
_ONCE_NAMES = frozenset({"on_event", "lru_cache", "cache"})


class Life(Enum):
    """How long an object lives."""

    SHARED = "as long as the application"
    TURN = "as long as a request"
    UNKNOWN = "unknown"


def life(flow: Flow, value: Value) -> Life:
    """How long `value` lives, from what the code that makes it does with it."""
    node, frame = getattr(value, "node", None), getattr(value, "frame", None)
    if not isinstance(node, ast.AST) or not isinstance(frame, Frame):
        return Life.UNKNOWN
    if isinstance(value, Instance) and not value.made:
        # Known by its type only: `self` of a server that the endpoint did not lead to.
        return Life.UNKNOWN
    return of_node(flow, node, frame, _STEPS)


def of_node(flow: Flow, node: ast.AST, frame: Frame, steps: int = _STEPS) -> Life:
    """How long what `node` makes in `frame` lives."""
    function = frame.function
    if function is None:
        return Life.UNKNOWN if _is_field(node, frame) else Life.SHARED
    if steps == 0:
        return Life.UNKNOWN
    if starts(frame, function):
        return Life.SHARED
    holders = _holders(node, function)
    if any(isinstance(one, ast.Name) and one.id in function.scope.outer for one in holders):
        return Life.SHARED
    for one in holders:
        if isinstance(one, ast.Attribute) and (kept := _of_owner(flow, one.value, frame, steps)) is not None:
            return kept
    statement = statement_of(node, function.parents)
    given_back = isinstance(statement, ast.Return) or any(
        isinstance(one, ast.Name) and _returned(function, one.id) for one in holders
    )
    if given_back and frame.caller is not None and frame.call is not None:
        return of_node(flow, frame.call, frame.caller, steps - 1)
    return Life.TURN


def _is_field(node: ast.AST, frame: Frame) -> bool:
    """Whether the value is the default of a field: each object of the class has its own."""
    statement = statement_of(node, frame.module.parents)
    return isinstance(statement, ast.AnnAssign) and isinstance(frame.module.parents.get(statement), ast.ClassDef)


def _holders(node: ast.AST, function: Function) -> list[ast.expr]:
    """The names and attributes that `node`'s value is kept in, those that take it over included."""
    statement = statement_of(node, function.parents)
    targets: list[ast.expr] = []
    match statement:
        case ast.Assign(targets=found):
            targets = list(found)
        case ast.AnnAssign(target=target):
            targets = [target]
        case _:
            return []
    names = {one.id for one in targets if isinstance(one, ast.Name)}
    for other in ast.walk(function.node) if names else ():
        # `agent = Agent(...)`, later `self.agent = agent`.
        if isinstance(other, ast.Assign) and names & _taken_over(other.value):
            targets.extend(other.targets)
    # What is kept under a key that differs is the key's own, not everybody's.
    return [
        one.value if isinstance(one, ast.Subscript) and isinstance(one.slice, ast.Constant) else one for one in targets
    ]


def _taken_over(value: ast.expr) -> set[str]:
    """The names whose objects an assignment keeps: `kept = made`, `kept = kept or made`."""
    parts = value.values if isinstance(value, ast.BoolOp) else [value]
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _of_owner(flow: Flow, owner: ast.expr, frame: Frame, steps: int) -> Life | None:
    """How long the object lives that keeps something in an attribute; None where nothing is known of it."""
    text = unparse(owner)
    if text.endswith("app.state"):
        return Life.SHARED
    if text.endswith("request.state"):
        return Life.TURN
    for value in flow.values(owner, frame):
        node, where = getattr(value, "node", None), getattr(value, "frame", None)
        if isinstance(value, Instance) and not value.made:
            return Life.UNKNOWN
        if isinstance(node, ast.AST) and isinstance(where, Frame) and node is not owner:
            return of_node(flow, node, where, steps - 1)
    return None


def _returned(function: Function, name: str) -> bool:
    return any(
        isinstance(node, ast.Return) and node.value is not None and name in {
            one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)
        }
        for node in ast.walk(function.node)
    )  # fmt: skip


def starts(frame: Frame, function: Function) -> bool:
    """Whether the function runs once: a lifespan, a handler of the startup, a cached factory."""
    decorators = [unparse(one).partition("(")[0].rpartition(".")[2] for one in function.node.decorator_list]
    # A context manager that the code itself enters is no lifespan.
    return not _ONCE_NAMES.isdisjoint(decorators) or (frame.caller is None and "asynccontextmanager" in decorators)
