"""The events that a turn makes itself, and those of a run that it passes on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Generated
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration.agent import forwarding, served
from chatkit_validate.integration.agent.tracing import keyword
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.storage import stores
from chatkit_validate.names import arguments
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.agent.forwarding import Passing
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.source import Place

ADDED = "ThreadItemAddedEvent"
_ENDS = frozenset({"ThreadItemDoneEvent", "ThreadItemRemovedEvent", "ThreadItemReplacedEvent"})
_TYPES = {
    "thread.item.added": ADDED,
    "thread.item.done": "ThreadItemDoneEvent",
    "thread.item.removed": "ThreadItemRemovedEvent",
    "thread.item.replaced": "ThreadItemReplacedEvent",
}
_STREAMS = ("stream_agent_response()", "stream_widget()")


@dataclass(frozen=True, slots=True, eq=False)
class MadeEvent:
    """An event that the project's own code makes.

    Attributes:
        name: Its class.
        node: The call, or the dictionary, that makes it.
        frame: Where it is made.
        item: The expression of its item, and where to read it; None where it names none.
    """

    name: str
    node: ast.expr
    frame: Frame
    item: tuple[ast.expr, Frame] | None

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.frame.place(self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop of the turn over the events of `stream_agent_response` or `stream_widget`, directly or wrapped.

    Attributes:
        where: The loop.
        passing: What it does with the event that finishes a message.
    """

    where: Place
    passing: Passing


def made(turn: Turn | Served) -> tuple[MadeEvent, ...]:
    """The events that the turn's code makes, each once."""
    found: dict[ast.expr, MadeEvent] = {}
    for called in turn.reached:
        for callee in called.callees:
            name = callee.name.rpartition(".")[2] if isinstance(callee, Foreign) else ""
            if name == ADDED or name in _ENDS:
                # No event has many arguments: the first by position is the item.
                item = argument(called.node, "item", 0)
                held = (item, called.frame) if item is not None else None
                found.setdefault(called.node, MadeEvent(name, called.node, called.frame, held))
    for frame in dict.fromkeys(called.frame for called in turn.reached):
        for node in own_nodes(frame.function) if frame.function else ():
            if isinstance(node, ast.Dict) and (name := _stated(node)) and node not in found:
                item = next((value for key, value in _entries(node) if key == "item"), None)
                found[node] = MadeEvent(name, node, frame, (item, frame) if item is not None else None)
    return tuple(found.values())


def _stated(node: ast.Dict) -> str:
    """The class of the event that a dictionary spells out by its `type`; empty where it is none."""
    kinds = (value.value for key, value in _entries(node) if key == "type" and isinstance(value, ast.Constant))
    return next((_TYPES[kind] for kind in kinds if isinstance(kind, str) and kind in _TYPES), "")


def _entries(node: ast.Dict) -> Iterator[tuple[object, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            yield key.value, value


def renamed(integration: Integration, turn: Served) -> Place | None:
    """Where a store of the application changes an item's id while it writes it; None where none does.

    ChatKit sends `thread.item.done` after storing: the item that was announced is then never finished.
    """
    for store in integration.once(stores.stores, integration.root):
        for name in ("add_thread_item", "save_item"):
            function = integration.flow.hierarchy.method(store.cls, name)
            taken = {one.arg for one in arguments(function.node)} if function else set()
            for node in own_nodes(function) if function else ():
                match node:
                    case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr="id")]) if owner in taken:
                        return function.module.place(node) if function else turn.where
                    case _:
                        continue
    return None


def unfinished(integration: Integration, turn: Served) -> tuple[MadeEvent, ...]:
    """The items that are announced by hand and that nothing finishes, removes or replaces."""
    events = made(turn)
    ends = [event for event in events if event.name in _ENDS]
    begun = [event for event in events if event.name == ADDED]
    return tuple(event for event in begun if not any(_same(integration.flow, event, end) for end in ends))


def _same(flow: Flow, begun: MadeEvent, end: MadeEvent) -> bool:
    """Whether `end` may be about the item of `begun`: the same object, or items that cannot be told apart."""
    item, other = begun.item, end.item
    if item is None or other is None:
        return True
    mine, theirs = _nodes(flow, *item), _nodes(flow, *other)
    if not mine or not theirs or mine & theirs:
        return True
    ids, other_ids = _ids(flow, *item), _ids(flow, *other)
    # A new object with the same id, or one whose id is not followed.
    return not ids or not other_ids or bool(ids & other_ids)


def _nodes(flow: Flow, node: ast.expr, frame: Frame) -> set[ast.AST]:
    return {stated for value in flow.values(node, frame) if isinstance(stated := getattr(value, "node", None), ast.AST)}


def _ids(flow: Flow, node: ast.expr, frame: Frame) -> set[Value]:
    found: set[Value] = set()
    for value in flow.values(node, frame):
        stated, where = getattr(value, "node", None), getattr(value, "frame", None)
        if isinstance(stated, ast.Call) and where is not None:
            held = keyword(flow, stated, "id", None, where)
            if held is None and isinstance(value, Foreign) and value.name.endswith("model_copy()"):
                return set()
            found |= set(flow.values(*held)) if held is not None else set()
    return found


def loops(integration: Integration, turn: Served) -> tuple[Loop, ...]:
    """The loops over the library's events, in the order they are met; ask through `Integration.once`."""
    flow = integration.flow
    found: dict[ast.AST, Loop] = {}
    for frame in integration.once(served.frames, turn):
        for node in own_nodes(frame.function) if frame.function else ():
            if not isinstance(node, ast.AsyncFor | ast.For) or node in found or not forwarding.yields(node):
                continue
            if _streams(flow, node.iter, frame):
                found[node] = Loop(frame.place(node), forwarding.passing(flow, node, frame))
    return tuple(found.values())


def _streams(flow: Flow, source: ast.expr, frame: Frame) -> bool:
    return any(
        (isinstance(value, Foreign) and value.name.endswith(_STREAMS))
        or (isinstance(value, Generated) and any(_wrapped(flow, value.frame)))
        for value in flow.values(source, frame)
    )


def _wrapped(flow: Flow, frame: Frame) -> Iterator[bool]:
    """Whether the generator that runs in `frame` loops over the library's events itself."""
    for node in own_nodes(frame.function) if frame.function else ():
        if isinstance(node, ast.AsyncFor | ast.For):
            yield any(
                isinstance(value, Foreign) and value.name.endswith(_STREAMS) for value in flow.values(node.iter, frame)
            )
