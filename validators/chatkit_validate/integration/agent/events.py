"""The events that a turn makes itself, and those of a run that it passes on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Generated
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration.agent import forwarding, served
from chatkit_validate.integration.agent.tracing import keyword
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
_STREAMS = ("stream_agent_response()", "stream_widget()")


@dataclass(frozen=True, slots=True, eq=False)
class MadeEvent:
    """An event that the project's own code makes.

    Attributes:
        name: Its class.
        call: The call that makes it.
        frame: Where it is made.
    """

    name: str
    call: ast.Call
    frame: Frame

    @property
    def where(self) -> Place:
        """Where it is made."""
        return self.frame.place(self.call)


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
    found: dict[ast.Call, MadeEvent] = {}
    for called in turn.reached:
        for callee in called.callees:
            name = callee.name.rpartition(".")[2] if isinstance(callee, Foreign) else ""
            if name == ADDED or name in _ENDS:
                found.setdefault(called.node, MadeEvent(name, called.node, called.frame))
    return tuple(found.values())


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
    item = keyword(flow, begun.call, "item", 0, begun.frame)
    other = keyword(flow, end.call, "item", 0, end.frame)
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
