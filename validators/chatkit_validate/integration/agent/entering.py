"""Where MCP connections are entered, connected and changed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Frame, Opaque, Structure
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration import modules
from chatkit_validate.integration.agent import lifetime, runs, served
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow
    from chatkit_validate.integration.agent.connected import Connection
    from chatkit_validate.integration.agent.lifetime import Life
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_CONNECTS = frozenset({"connect", "__aenter__"})
_STACKS = frozenset({"enter_async_context", "enter_context", "MCPServerManager"})
_CHANGED = frozenset({"params", "headers", "_params", "mcp_servers"})


@dataclass(frozen=True, slots=True, eq=False)
class Entering:
    """A place that connects an MCP server.

    Attributes:
        node: The `with` statement, or the call.
        frame: Where it stands.
        block: Whether it is a `with` block, which leaves the connection again.
        lazy: Whether a condition stands before it: only the first to come connects.
    """

    node: ast.AST
    frame: Frame
    block: bool
    lazy: bool

    @property
    def where(self) -> Place:
        """Where it stands."""
        return self.frame.place(self.node)


def enterings(integration: Integration, connection: Connection) -> Evidence[tuple[Entering, ...]]:
    """Where the connection is connected, anywhere in the application; ask through `Integration.once`."""
    lost: Place | None = None
    # Most turns connect themselves; the rest of the application is read only where they don't.
    for reader in (_in_turns, _elsewhere):
        found: list[Entering] = []
        for expression, entering in integration.once(reader, integration.root):
            values = list(_held(integration.flow, expression, entering.frame))
            if any(getattr(value, "node", None) is connection.held.call for value in values):
                found.append(entering)
            elif any(isinstance(value, Opaque) for value in values):
                lost = lost or entering.where
        if found:
            return Found(tuple(found), found[0].where)
    if lost is not None and lost.path == connection.where.path:
        return Unresolved("What is connected here cannot be followed", lost)
    return Absent(connection.where)


def _in_turns(integration: Integration, root: str) -> tuple[tuple[ast.expr, Entering], ...]:
    """Every expression that the turns enter or connect, with what they are given."""
    found: dict[tuple[ast.expr, Frame], Entering] = {}
    for one in integration.once(served.served, root):
        frames = (*integration.once(served.frames, one), *(called.frame for called in one.reached))
        for frame in dict.fromkeys(frames):
            found.update(_of_frame(frame))
    return tuple((expression, entering) for (expression, _), entering in found.items())


def _elsewhere(integration: Integration, root: str) -> tuple[tuple[ast.expr, Entering], ...]:
    """Every expression that any other function of the application enters or connects."""
    found: dict[tuple[ast.expr, Frame], Entering] = {}
    for module in integration.once(modules.modules, root):
        text = module.file.text
        if "connect" in text or "async with" in text or "enter_async_context" in text:
            for function in module.functions():
                found.update(_of_frame(integration.flow.entry(function)))
    return tuple((expression, entering) for (expression, _), entering in found.items())


def _of_frame(frame: Frame) -> Iterator[tuple[tuple[ast.expr, Frame], Entering]]:
    for node in own_nodes(frame.function) if frame.function else ():
        for expression, block in _entered(node):
            lazy = not block and _conditional(node, frame)
            yield (expression, frame), Entering(node, frame, block, lazy)


def _entered(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    match node:
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from ((item.context_expr, True) for item in items)
        case ast.Call(func=ast.Attribute(value=receiver, attr=attr)) if attr in _CONNECTS:
            yield receiver, False
        case ast.Call(func=ast.Attribute(attr=attr) | ast.Name(id=attr), args=[first, *_]) if attr in _STACKS:
            yield first, True
        case _:
            return


def _held(flow: Flow, expression: ast.expr, frame: Frame) -> Iterator[object]:
    """The values of an expression, and the elements of a list: a manager connects several."""
    for value in flow.values(expression, frame):
        yield value
        if isinstance(value, Structure) and isinstance(value.node, ast.List | ast.Tuple):
            for element in value.node.elts:
                yield from flow.values(element, value.frame)


def _conditional(node: ast.AST, frame: Frame) -> bool:
    parents = frame.function.parents if frame.function else frame.module.parents
    above = parents.get(node)
    while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(above, ast.If | ast.IfExp):
            return True
        above = parents.get(above)
    return False


def read_outside(integration: Integration, connection: Connection, entering: Entering) -> Place | None:
    """Where the run's events are read after the block that `entering` opens; None where they are read within it."""
    function = entering.frame.function
    if not entering.block or function is None or not isinstance(entering.node, ast.With | ast.AsyncWith):
        return None
    calls = {
        one.call for turn in connection.turns for one in runs.answering(integration, turn) if one.sdk and one.streamed
    }
    inside = set(ast.walk(entering.node))
    for node in own_nodes(function):
        if not isinstance(node, ast.AsyncFor) or node in inside or node.lineno < (entering.node.end_lineno or 0):
            continue
        for value in integration.flow.values(node.iter, entering.frame):
            made = {getattr(part, "node", None) for part in _arguments(integration.flow, value)}
            if made & calls & inside:
                return entering.frame.place(node)
    return None


def _arguments(flow: Flow, value: object) -> Iterator[object]:
    yield value
    node, frame = getattr(value, "node", None), getattr(value, "frame", None)
    yield getattr(value, "base", None)
    if isinstance(node, ast.Call) and isinstance(frame, Frame):
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            for inner in flow.values(argument, frame):
                yield inner
                yield getattr(inner, "base", None)


def life(integration: Integration, connection: Connection) -> Life:
    """How long the connection's object lives."""
    return lifetime.of_node(integration.flow, connection.held.call, connection.held.frame)


def per_turn(integration: Integration, entering: Entering) -> bool:
    """Whether a turn or a request enters, and not the start of the application."""
    function = entering.frame.function
    for one in integration.once(served.served, integration.root):
        if any(frame.function is function for frame in integration.once(served.frames, one)):
            return True
    return any(endpoint.frame.function is function for endpoint in integration.endpoints)


def changed(integration: Integration, connection: Connection) -> Place | None:
    """Where a turn changes the parameters of the connection after it was made; None where none does."""
    flow = integration.flow
    for one in integration.once(served.served, integration.root):
        for frame in integration.once(served.frames, one):
            for node in own_nodes(frame.function) if frame.function else ():
                for owner in _written(node):
                    if any(getattr(v, "node", None) is connection.held.call for v in flow.values(owner, frame)):
                        return frame.place(node)
    return None


def _written(node: ast.AST) -> Iterator[ast.expr]:
    """The objects whose parameters or headers a statement sets: `server.params["headers"] = ...`."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        targets = [node.func.value]
    for target in targets:
        current = target
        while isinstance(current, ast.Subscript | ast.Attribute):
            if isinstance(current, ast.Attribute) and current.attr in _CHANGED - {"mcp_servers"}:
                yield current.value
            current = current.value
