"""Exception text that reaches the client: in answers, in app-level handlers, in what respond() sends."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Caught, Foreign, Frame, FunctionValue, Instance, Parameter
from chatkit_validate.flow.blocks import inside, own_nodes
from chatkit_validate.flow.exceptions import End, Thrown, broad
from chatkit_validate.flow.influence import walk
from chatkit_validate.flow.reachable import calls, entered
from chatkit_validate.integration import errors, serving
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_TRACES = ("traceback.format_exc", "traceback.format_exception", "traceback.format_tb", "sys.exc_info")


@dataclass(frozen=True, slots=True)
class Leak:
    """Exception text on its way to the client.

    Attributes:
        where: What sends it.
        caught: The `except` clause (or handler function) that catches anything.
        trace: Whether it is a whole traceback.
        streamed: Whether it is sent as an event of the stream.
    """

    where: Place
    caught: Place
    trace: bool
    streamed: bool = False


def leaks(integration: Integration, endpoint: Endpoint) -> tuple[Leak, ...]:
    """Every leak on the way of an error nobody expected."""
    return (*_answered(integration, endpoint), *_streamed(integration, endpoint))


def _answered(integration: Integration, endpoint: Endpoint) -> Iterator[Leak]:
    seen: set[ast.AST] = set()
    starts = list(serving.thrown(integration, endpoint, "builtins.Exception"))
    for frame in _handler_frames(integration, endpoint):
        for statement in inside(frame.function.node.body) if frame.function else ():
            if isinstance(statement, ast.Try | ast.TryStar):
                starts += [Thrown("builtins.Exception", statement.body[0], frame)]
    for thrown in starts:
        for answer in errors.answers(integration, endpoint, thrown):
            if answer.fate.node in seen or not answer.details:
                continue
            seen.add(answer.fate.node)
            yield from _of_answer(integration, answer)


def _handler_frames(integration: Integration, endpoint: Endpoint) -> list[Frame]:
    frames = [endpoint.frame]
    for called in calls(integration.flow, endpoint.frame, depth=2):
        frames.extend(entered(integration.flow, called.callees, called.node, called.frame))
    return [frame for frame in dict.fromkeys(frames) if frame.function is not None]


def _of_answer(integration: Integration, answer: errors.Answer) -> Iterator[Leak]:
    for value in walk(integration.flow, list(answer.details)):
        match value:
            case Caught(node=node, frame=frame) if broad(integration.flow, node, frame):
                yield Leak(answer.where, frame.place(node), trace=False)
                return
            case Foreign(name=name, node=node, frame=frame) if name.startswith(_TRACES) and node and frame:
                yield Leak(answer.where, frame.place(node), trace=True)
                return
            case Parameter(node=node, frame=frame) if answer.fate.end is End.ESCAPES and not answer.fate.caught:
                if frame.function is not None and frame.function.node.args.args[1:2] == [node]:
                    yield Leak(frame.place(answer.details[0][0]), frame.place(node), trace=False)
                    return
            case _:
                continue


def respond_frames(integration: Integration, endpoint: Endpoint) -> tuple[Frame, ...]:
    """The frames of `respond()` and of the project's generators and functions it runs; ask through `once`."""
    flow = integration.flow
    frames: list[Frame] = []
    for cls in serving.classes(endpoint):
        method = flow.hierarchy.method(cls, "respond")
        if method is None:
            continue
        bound = FunctionValue(method, Instance(cls, cls.node, flow.module_frame(cls.module), made=False))
        start = flow.enter(bound, None, None)
        frames.append(start)
        for called in calls(flow, start, depth=5):
            frames.extend(entered(flow, called.callees, called.node, called.frame))
    return tuple(dict.fromkeys(frame for frame in frames if frame.function is not None))


def sent(integration: Integration, endpoint: Endpoint) -> tuple[tuple[ast.expr, Frame], ...]:
    """The expressions that `respond()` and the generators it passes on send as events."""
    found: list[tuple[ast.expr, Frame]] = []
    for frame in integration.once(respond_frames, endpoint):
        nodes = own_nodes(frame.function) if frame.function else ()
        yielding = (node.value for node in nodes if isinstance(node, ast.Yield))
        found.extend((value, frame) for value in yielding if value is not None)
    return tuple(found)


def _streamed(integration: Integration, endpoint: Endpoint) -> Iterator[Leak]:
    flow = integration.flow
    for value in walk(flow, list(integration.once(sent, endpoint))):
        if isinstance(value, Caught) and broad(flow, value.node, value.frame) and value.node.name is not None:
            yield Leak(value.frame.place(value.node), value.frame.place(value.node), trace=False, streamed=True)
        elif isinstance(value, Foreign) and value.name.startswith(_TRACES) and value.node and value.frame:
            where = value.frame.place(value.node)
            yield Leak(where, where, trace=True, streamed=True)
