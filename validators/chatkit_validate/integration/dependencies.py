"""The functions that FastAPI runs to fill a handler's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.flow import FunctionValue, Instance, variables
from chatkit_validate.names import arguments

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow, Frame, Value

_MOST = 60  # dependencies of one handler


def frames(flow: Flow, frame: Frame) -> tuple[Frame, ...]:
    """The frames of the dependencies that FastAPI runs for the parameters of `frame`, theirs included."""
    found: list[Frame] = []
    pending = [frame]
    while pending and len(found) < _MOST:
        current = pending.pop()
        for node in arguments(current.function.node) if current.function else ():
            for callee in variables.injected(flow, node, current) or ():
                inner = called(flow, callee)
                if inner is not None and inner not in found:
                    found.append(inner)
                    pending.append(inner)
    return tuple(found)


def called(flow: Flow, callee: Value) -> Frame | None:
    """The frame of what the framework calls when it calls `callee`; None where that is not the project's."""
    match callee:
        case FunctionValue():
            return flow.enter(callee, None, None)
        case Instance(cls=cls):
            method = flow.hierarchy.method(cls, "__call__")
            return flow.enter(FunctionValue(method, callee), None, None) if method else None
        case _:
            return None
