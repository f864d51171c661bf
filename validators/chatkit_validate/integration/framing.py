"""Server-sent events written by hand around what the library streams."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Generated, Structure
from chatkit_validate.flow.blocks import expressions
from chatkit_validate.flow.influence import walk
from chatkit_validate.integration import response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_FIELD = r"^\s*(?:data|event|id|retry):"


def framings(integration: Integration, endpoint: Endpoint) -> tuple[Place, ...]:
    """Where the endpoint's streams write fields of server-sent events themselves."""
    found: list[Place] = []
    for reply in integration.once(response.streams, endpoint):
        if reply.content is None:
            continue
        for value in integration.flow.values(reply.content, reply.frame):
            found.extend(_of(integration, value))
    return tuple(found)


def _of(integration: Integration, value: Value) -> Iterator[Place]:
    match value:
        case Generated(frame=frame):
            sent = [(item, frame) for item in _sent(frame)]
        case Structure(node=ast.GeneratorExp(elt=element), frame=frame):
            sent = [(element, frame)]
        case _:
            return
    for each in walk(integration.flow, sent):
        match each:
            case Constant(value=str() | bytes() as text, node=node, frame=frame):
                plain = text if isinstance(text, str) else text.decode("utf-8", "replace")
                if re.match(_FIELD, plain) and not _tells_error(plain):
                    yield frame.place(node)
            case Structure(node=ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]) as node, frame=frame):
                if re.match(_FIELD, text) and not _in_except(node, frame):
                    yield frame.place(node)
            case Foreign():
                continue
            case _:
                continue


def _tells_error(text: str) -> bool:
    return '"error"' in text


def _in_except(node: ast.AST, frame: Frame) -> bool:
    parents = frame.function.parents if frame.function else frame.module.parents
    current: ast.AST | None = node
    while current is not None:
        if isinstance(current, ast.ExceptHandler):
            return True
        current = parents.get(current)
    return False


def _sent(frame: Frame) -> Iterator[ast.expr]:
    for statement in frame.function.node.body if frame.function else ():
        for node in expressions(statement):
            if isinstance(node, ast.Yield) and node.value is not None and not _in_except(node, frame):
                yield node.value
