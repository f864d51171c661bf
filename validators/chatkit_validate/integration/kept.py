"""What a server keeps of a conversation between turns: entries of a dictionary it holds, texts in a vector store."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, FunctionValue, Instance, Part, Structure
from chatkit_validate.flow.reachable import own_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.integration.turn import Turn

_SEARCHES = (".similarity_search()", ".asimilarity_search()", ".max_marginal_relevance_search()")
_ADDS = frozenset({"add_documents", "aadd_documents", "add_texts", "aadd_texts"})


def written(flow: Flow, turn: Turn, value: Value, key: str) -> Iterator[Value]:
    """What the server's other methods put under `key` into the dictionary that `value` was read from."""
    display = _root(value)
    for receiver in {frame.receiver for frame in turn.frames}:
        if display is None or not key or not isinstance(receiver, Instance):
            continue
        for function in receiver.cls.scope.functions:
            frame = flow.entry(function, receiver)
            for node in ast.walk(function.node):
                match node:
                    case ast.Assign(targets=[ast.Subscript(value=owner, slice=ast.Constant(value=name))], value=given):
                        if name == key and any(_root(one) is display for one in flow.values(owner, frame)):
                            yield from flow.values(given, frame)
                    case _:
                        continue


def _root(value: Value) -> ast.Dict | None:
    """The display of the dictionary that `value` is, or was looked up in; None for other values."""
    for _ in range(8):
        match value:
            case Structure(node=ast.Dict() as display):
                return display
            case Part(base=base):
                value = base
            case _:
                return None
    return None


def remembered(flow: Flow, turn: Turn, value: Value) -> bool:
    """Whether `value` was found in a vector store to which the same turn adds texts: what was said before."""
    if not isinstance(value, Foreign) or not any(search in value.name for search in _SEARCHES):
        return False
    return any(_adds(flow, turn))


def _adds(flow: Flow, turn: Turn) -> Iterator[bool]:
    for called in turn.reached:
        yield isinstance(called.node.func, ast.Attribute) and called.node.func.attr in _ADDS
        # `asyncio.to_thread(self.memory.add_turn, ...)`
        for given in called.node.args[:2]:
            for one in flow.values(given, called.frame):
                if isinstance(one, FunctionValue):
                    names = (call.func for call in own_calls(flow.entry(one.function, one.receiver)))
                    yield any(isinstance(name, ast.Attribute) and name.attr in _ADDS for name in names)
