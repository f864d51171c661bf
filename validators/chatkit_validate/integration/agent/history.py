"""What the model of a turn reads of the conversation, and where that comes from."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Frame, FunctionValue, Structure
from chatkit_validate.flow.blocks import statement_of
from chatkit_validate.flow.calls import default
from chatkit_validate.integration.agent import runs
from chatkit_validate.integration.agent.tracing import Trace, keyword
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.names import arguments
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.agent.runs import ModelRun
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_LOAD = "load_thread_items"
_PARAMETERS = ("thread_id", "after", "limit", "order", "context")
# Keywords of a run that keep the conversation elsewhere.
_ELSEWHERE = {
    "session": "a session of the SDK",
    "session_id": "a session of the agent framework",
    "previous_response_id": "the provider's last response",
    "conversation_id": "a conversation of the provider",
    "conversation": "a conversation of the provider",
    "config": "a thread of the graph",
    "thread_id": "a thread of the framework",
    "message_history": "the framework's messages",
}


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """A call of the store's `load_thread_items`.

    Attributes:
        call: The call.
        frame: Where it is made.
        after: The literal cursors it can be made with; None where one is no literal: a later page.
        limit: The literal limits; None where one is none.
        order: The literal orders; None where one is none.
    """

    call: ast.Call
    frame: Frame
    after: tuple[object, ...] | None
    limit: tuple[object, ...] | None
    order: tuple[object, ...] | None

    @property
    def where(self) -> Place:
        """The call."""
        return self.frame.place(self.call)

    @property
    def single(self) -> bool:
        """Whether it gives one item only: the last one, say, not the conversation."""
        return bool(self.limit) and all(isinstance(one, int) and one <= 1 for one in self.limit or ())


@dataclass(frozen=True, slots=True)
class History:
    """Where the model's knowledge of earlier turns comes from.

    Attributes:
        source: In a few words.
        loads: The calls that read it from the store; empty where something else keeps it.
        kept: Whether the application keeps it itself, beside the store.
    """

    source: str
    loads: tuple[Load, ...] = ()
    kept: bool = False


def history(integration: Integration, one: ModelRun) -> Evidence[History]:
    """What carries the conversation into the run; ask through `Integration.once`.

    Absent where the run's input is followed to its sources, and none of them was kept from an earlier turn.
    """
    flow = integration.flow
    traced = integration.once(reading, one)
    for name, source in _ELSEWHERE.items():
        held = keyword(flow, one.call, name, None, one.frame)
        if held is not None and not _is_none(flow, *held) and (name != "config" or _names_thread(flow, *held)):
            return Found(History(source), held[1].place(held[0]))
    loads = tuple(load for load in integration.once(loaded, one) if not load.single)
    if loads:
        return Found(History("the thread's items in the store", loads), loads[0].where)
    if (kept := next(_kept(traced), None)) is not None:
        return Found(History("what the application keeps itself", kept=True), kept)
    followed = any(isinstance(getattr(value, "node", None), ast.arg) for value in traced.values())
    if traced.exhausted or not runs.given(flow, one) or (not followed and any(traced.gaps())):
        return Unresolved("What the model is given to read cannot be followed", one.where)
    return Absent(one.where)


def reading(integration: Integration, one: ModelRun) -> Trace:
    """What the run's input, and the instructions of its agent, are made from; ask through `Integration.once`."""
    return Trace(integration.flow, [*runs.given(integration.flow, one), *runs.instructions(integration.flow, one)])


def loaded(integration: Integration, one: ModelRun) -> tuple[Load, ...]:
    """The calls of `load_thread_items` whose answer takes part in what the model reads; ask through `once`."""
    found: dict[ast.Call, Load] = {}
    traced = integration.once(reading, one)
    for value in traced.values():
        for call, frame in _load_calls(value):
            if call not in found:
                found[call] = _load(integration.flow, call, frame)
    for node, frame in traced.read:
        # On a store that cannot be read.
        stated = node.value if isinstance(node, ast.Await) else node
        if isinstance(stated, ast.Call) and isinstance(stated.func, ast.Attribute) and stated.func.attr == _LOAD:
            found.setdefault(stated, _load(integration.flow, stated, frame))
    return tuple(found.values())


def _load_calls(value: Value) -> Iterator[tuple[ast.Call, Frame]]:
    if isinstance(value, Foreign) and value.name.endswith(f".{_LOAD}()"):
        if isinstance(value.node, ast.Call) and value.frame is not None:
            yield value.node, value.frame
        return
    outermost: Frame | None = None
    frame = getattr(value, "frame", None)
    while isinstance(frame, Frame):
        if frame.function is not None and frame.function.name == _LOAD:
            outermost = frame
        frame = frame.caller
    if outermost is not None and isinstance(outermost.call, ast.Call) and outermost.caller is not None:
        yield outermost.call, outermost.caller


def _load(flow: Flow, call: ast.Call, frame: Frame) -> Load:
    after, limit, order = (_literals(flow, call, frame, name) for name in ("after", "limit", "order"))
    return Load(call, frame, after, limit, order)


def _literals(flow: Flow, call: ast.Call, frame: Frame, name: str) -> tuple[object, ...] | None:
    held = keyword(flow, call, name, _PARAMETERS.index(name), frame)
    if held is not None:
        return flow.constants(*held)
    for callee in flow.values(call.func, frame):
        if not isinstance(callee, FunctionValue):
            continue
        for parameter in arguments(callee.function.node):
            stated = default(callee.function, parameter) if parameter.arg == name else None
            if stated is not None:
                return flow.constants(stated, flow.module_frame(callee.function.module))
    return None


def _is_none(flow: Flow, node: ast.expr, frame: Frame) -> bool:
    values = flow.values(node, frame)
    return bool(values) and all(isinstance(value, Constant) and value.value in (None, "", False) for value in values)


def _names_thread(flow: Flow, node: ast.expr, frame: Frame) -> bool:
    """`config={"configurable": {"thread_id": ...}}`."""
    values = Trace(flow, [(node, frame)]).values()
    return any(isinstance(value, Constant) and value.value == "thread_id" for value in values)


@cache
def _words() -> re.Pattern[str]:
    return re.compile(
        r"histor|conversation|transcript|session_context|thread_items|memor(?:y|ies)|checkpoint|messages|recent_|"
        r"(?:past|previous|prior|earlier)_",
        re.IGNORECASE,
    )


def _kept(traced: Trace) -> Iterator[Place]:
    """State and answers of services that take part, and that what reads or holds them calls earlier messages."""
    for value in traced.values():
        node, frame = getattr(value, "node", None), getattr(value, "frame", None)
        if not isinstance(node, ast.AST) or not isinstance(frame, Frame) or any(_load_calls(value)):
            continue
        if isinstance(value, Structure) and isinstance(node, ast.List | ast.Dict | ast.Set | ast.Call):
            holder = _holder(node, frame)
            if holder and (_words().search(holder) or _called_so(traced, holder)):
                yield frame.place(node)
            continue
        if not isinstance(value, Foreign) or not _is_service(value.name):
            continue
        if _words().search(value.name.rpartition(".")[2]) or _words().search(_functions(frame)):
            yield frame.place(node)


def _holder(node: ast.AST, frame: Frame) -> str:
    """The attribute or global name that keeps a container between turns; empty where it is local to a call."""
    parents = frame.function.parents if frame.function else frame.module.parents
    match statement_of(node, parents):
        case ast.Assign(targets=[ast.Attribute(attr=name)]) | ast.AnnAssign(target=ast.Attribute(attr=name)):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name if frame.function is None else ""
        case _:
            return ""


def _called_so(traced: Trace, holder: str) -> bool:
    """Whether a function that reads the container `holder` is named after earlier messages."""
    for value in traced.values():
        frame = getattr(value, "frame", None)
        if isinstance(frame, Frame) and frame.function is not None and _words().search(frame.function.name):
            body = frame.function.node
            if any(isinstance(node, ast.Attribute) and node.attr == holder for node in ast.walk(body)):
                return True
    return False


def _functions(frame: Frame) -> str:
    names: list[str] = []
    current: Frame | None = frame
    while current is not None and current.caller is not None:
        names.append(current.function.qualname if current.function else "")
        current = current.caller
    return " ".join(names)


def _is_service(name: str) -> bool:
    """Whether a library's object answers: a database, a client, a memory."""
    return (
        name.endswith("()") and "()." in name and not name.startswith(("builtins.", "chatkit.", "agents.", "datetime."))
    )
