"""What a turn stores itself beside what ChatKit stores, and whether its store keeps both."""

from __future__ import annotations

import ast
import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, Foreign, FunctionValue, Instance, reachable
from chatkit_validate.flow.blocks import own_nodes
from chatkit_validate.integration import serving
from chatkit_validate.integration.agent import events, repetition, runs
from chatkit_validate.integration.agent.tracing import Trace, keyword
from chatkit_validate.integration.storage import stores
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.flow.reachable import Called
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.turn import Turn
    from chatkit_validate.names import Class, Function
    from chatkit_validate.source import Place

_WRITES = ("add_thread_item", "save_item")


class Keeps(Enum):
    """What becomes of an item that is stored a second time under its id."""

    REPLACED = "replaced"
    TWICE = "kept twice"
    UNKNOWN = "unknown"


class What(Enum):
    """What a turn stores that ChatKit stores, too."""

    MESSAGE = "the user's message"
    ITEM = "an item that is streamed"
    ANSWER = "the answer, under another id"


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An explicit write in a turn.

    Attributes:
        what: What is written.
        where: The call.
        keeps: What becomes of the second copy.
        store: The store's method that decides it; the call where there is none.
    """

    what: What
    where: Place
    keeps: Keeps
    store: Place


def writes(integration: Integration, turn: Turn) -> tuple[Write, ...]:
    """What the turn stores although ChatKit does; ask through `Integration.once`."""
    return (*_through_store(integration, turn), *_beside_store(integration, turn))


def _through_store(integration: Integration, turn: Turn) -> Iterator[Write]:
    flow = integration.flow
    done = _done(integration, turn)
    parameters = {node for node, _ in repetition.messages(turn)}
    for called in turn.reached:
        function = called.node.func
        if (
            not isinstance(function, ast.Attribute)
            or function.attr not in _WRITES
            or _in_store(integration, called.frame)
        ):
            continue
        item = keyword(flow, called.node, "item", 1, called.frame)
        if item is None or not _on_store(integration, called):
            continue
        nodes = {node for value in flow.values(*item) if isinstance(node := getattr(value, "node", None), ast.AST)}
        if nodes & parameters:
            yield _write(integration, What.MESSAGE, called, (function.attr,))
        elif nodes & done or any(_is_streamed(value) for value in flow.values(*item)):
            yield _write(integration, What.ITEM, called, (function.attr, "add_thread_item"))
        elif _is_answer(integration, turn, item):
            yield Write(What.ANSWER, called.frame.place(called.node), Keeps.TWICE, called.frame.place(called.node))


def _is_streamed(value: object) -> bool:
    """Whether it is the item of an event of `stream_agent_response`."""
    return isinstance(value, Foreign) and "stream_agent_response()[]" in value.name


def _done(integration: Integration, turn: Turn) -> set[ast.AST]:
    found: set[ast.AST] = set()
    for event in events.made(turn):
        if event.name != events.ADDED and event.item is not None:
            values = integration.flow.values(*event.item)
            found |= {node for value in values if isinstance(node := getattr(value, "node", None), ast.AST)}
    return found


def _is_answer(integration: Integration, turn: Turn, item: tuple[ast.expr, Frame]) -> bool:
    """Whether `item` is a new assistant message made from what the model gave."""
    values = integration.flow.values(*item)
    if not any(isinstance(one, Foreign) and one.name.endswith("AssistantMessageItem()") for one in values):
        return False
    answers = {one.call for one in runs.answering(integration, turn)}
    return any(getattr(value, "node", None) in answers for value in Trace(integration.flow, [item]).values())


def _on_store(integration: Integration, called: Called) -> bool:
    for callee in called.callees:
        if isinstance(callee, FunctionValue) and callee.function.owner is not None:
            return serving.is_store(integration, callee.function.owner)
        if isinstance(callee, Foreign) and "store" in callee.name.lower():
            return True
    return False


def _in_store(integration: Integration, frame: Frame) -> bool:
    current: Frame | None = frame
    while current is not None:
        owner = current.function.owner if current.function else None
        if owner is not None and serving.is_store(integration, owner):
            return True
        current = current.caller
    return False


def _write(integration: Integration, what: What, called: Called, methods: tuple[str, ...]) -> Write:
    where = called.frame.place(called.node)
    keeps, place = Keeps.UNKNOWN, where
    for store in integration.once(stores.stores, integration.root):
        for name in methods:
            function = integration.flow.hierarchy.method(store.cls, name)
            if function is None:
                continue
            found = kept(integration.flow, function, store.made)
            if found is Keeps.TWICE or keeps is Keeps.UNKNOWN:
                keeps, place = found, function.module.place(function.node)
            if found is Keeps.TWICE:
                return Write(what, where, keeps, place)
    return Write(what, where, keeps, place)


def kept(flow: Flow, function: Function, receiver: Instance) -> Keeps:
    """What the store's writing method does with an item whose id it has already."""
    frames = _frames(flow, function, receiver)
    text = " ".join(str(node.value) for one in frames for node in _strings(one))
    calls = [node for one in frames for node in own_nodes(one) if isinstance(node, ast.Call)]
    names = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    looked_up = bool(names & {"scalar_one_or_none", "first", "one_or_none", "load_item", "find_one", "fetchrow"})
    if _replacing().search(text) or names & {"merge", "on_conflict_do_update", "on_conflict_do_nothing", "upsert"}:
        return Keeps.REPLACED
    if _inserting().search(text):
        return Keeps.REPLACED if re.search(r"\b(SELECT|UPDATE)\b", text, re.IGNORECASE) else Keeps.TWICE
    if "append" in names:
        return Keeps.REPLACED if any(_compares_id(one) for one in frames) else Keeps.TWICE
    if any(_by_id(one) for one in frames):
        return Keeps.REPLACED
    if names & {"add", "insert", "insert_one"}:
        return Keeps.REPLACED if looked_up or "get" in names else Keeps.TWICE
    return Keeps.UNKNOWN


def _frames(flow: Flow, function: Function, receiver: Instance) -> list[Function]:
    found = {function: None}
    for called in reachable.calls(flow, flow.entry(function, receiver), depth=4):
        if called.frame.function is not None:
            found[called.frame.function] = None
        for inner in reachable.entered(flow, called.callees, called.node, called.frame):
            if inner.function is not None:
                found[inner.function] = None
    return list(found)


def _strings(function: Function) -> Iterator[ast.Constant]:
    for node in own_nodes(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        elif isinstance(node, ast.Name) and node.id.isupper():
            for binding in function.module.scope.bindings.get(node.id, ()):
                stated = binding.value
                if isinstance(stated, ast.Constant) and isinstance(stated.value, str):
                    yield stated


@cache
def _inserting() -> re.Pattern[str]:
    return re.compile(r"\bINSERT\s+INTO\b", re.IGNORECASE)


@cache
def _replacing() -> re.Pattern[str]:
    return re.compile(
        r"\bON\s+CONFLICT\b|\bINSERT\s+OR\b|\bREPLACE\s+INTO\b|\bON\s+DUPLICATE\b|\bMERGE\b", re.IGNORECASE
    )


def _compares_id(function: Function) -> bool:
    return any(
        isinstance(node, ast.Compare)
        and any(isinstance(one, ast.Attribute) and one.attr == "id" for one in ast.walk(node))
        for node in own_nodes(function)
    )


def _by_id(function: Function) -> bool:
    """`items[item.id] = item`."""
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Subscript)
        and any(isinstance(one, ast.Attribute) and one.attr == "id" for one in ast.walk(node.targets[0].slice))
        for node in own_nodes(function)
    )


def _beside_store(integration: Integration, turn: Turn) -> Iterator[Write]:
    """Rows of the store's own table that the turn writes past the store, with ids of their own."""
    flow = integration.flow
    rows = {cls for store in integration.once(stores.stores, integration.root) for cls in _rows(flow, store)}
    tables = {name for store in integration.once(stores.stores, integration.root) for name in _tables(flow, store)}
    parameters = {node for node, _ in repetition.messages(turn)}
    answers = {one.call for one in runs.answering(integration, turn)}
    for called in turn.reached:
        if _in_store(integration, called.frame):
            continue
        made = any(isinstance(callee, ClassValue) and callee.cls in rows for callee in called.callees)
        stated = {name.lower() for text in _texts(called.node) for name in _table_names(text)}
        if not made and not stated & tables:
            continue
        given = [(part, called.frame) for part in (*called.node.args, *(one.value for one in called.node.keywords))]
        nodes = {getattr(value, "node", None) for value in Trace(flow, given).values()}
        if nodes & parameters or nodes & answers:
            where = called.frame.place(called.node)
            yield Write(What.MESSAGE if nodes & parameters else What.ANSWER, where, Keeps.TWICE, where)


def _rows(flow: Flow, store: stores.Store) -> Iterator[Class]:
    function = flow.hierarchy.method(store.cls, "add_thread_item")
    for called in reachable.calls(flow, flow.entry(function, store.made), depth=3) if function else ():
        for callee in called.callees:
            if isinstance(callee, ClassValue) and _is_row(callee.cls):
                yield callee.cls


def _is_row(cls: Class) -> bool:
    return "__tablename__" in cls.scope.bindings or any(one.arg == "table" for one in cls.node.keywords)


def _tables(flow: Flow, store: stores.Store) -> Iterator[str]:
    function = flow.hierarchy.method(store.cls, "add_thread_item")
    for one in _frames(flow, function, store.made) if function else ():
        for node in _strings(one):
            yield from (name.lower() for name in _table_names(node.value))


def _texts(call: ast.Call) -> Iterator[str]:
    for node in call.args[:1]:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _table_names(text: object) -> list[str]:
    return re.findall(r"\bINSERT\s+INTO\s+([\w.\"]+)", str(text), re.IGNORECASE)
