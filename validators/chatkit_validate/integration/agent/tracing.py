"""What a value is made from, things put into lists and dictionaries later included, and which part of each is taken."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.flow import (
    Constant,
    Foreign,
    Frame,
    FunctionValue,
    Generated,
    Instance,
    Opaque,
    Parameter,
    Part,
    Structure,
)
from chatkit_validate.flow.blocks import inside, own_nodes
from chatkit_validate.flow.calls import returns
from chatkit_validate.flow.influence import operands, passed
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from chatkit_validate.flow import Flow, Value
    from chatkit_validate.names import Function

    Read = tuple[ast.expr, Frame]

_STEPS = 6000
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


@dataclass(frozen=True, slots=True)
class Met:
    """A value that takes part.

    Attributes:
        value: The value.
        taken: The attribute or key of it that is used; empty where it is used whole.
    """

    value: Value
    taken: str


class Trace:
    """Everything that expressions are made from.

    Args:
        flow: The engine.
        start: Expressions and the frames to read them in.
        closed: Calls that are not looked into: what they are given takes no part.

    Attributes:
        met: Each value with the part of it that is taken, in the order they are met.
        read: Each expression that was evaluated on the way.
        exhausted: Whether the walk ended at its bound.
    """

    def __init__(self, flow: Flow, start: Iterable[Read], closed: Container[ast.AST] = ()) -> None:
        self.met: dict[Met, None] = {}
        self.read: dict[Read, None] = {}
        self.exhausted = False
        self._flow = flow
        self._closed = closed
        self._todo: list[Read] = list(start)
        # A function that is the value itself is called for it; one in a list of tools is only named.
        self._asked = {value for part in self._todo for value in flow.values(*part) if isinstance(value, FunctionValue)}
        self._pending: list[Met] = []
        self._walked: set[Value] = set()
        self._walk()

    def values(self) -> Iterator[Value]:
        """The values, each once."""
        return iter(dict.fromkeys(met.value for met in self.met))

    def gaps(self) -> Iterator[Opaque]:
        """Where reading ended without an answer."""
        return (value for value in self.values() if isinstance(value, Opaque))

    def _walk(self) -> None:
        for _ in range(_STEPS):
            if self._pending:
                self._value(self._pending.pop())
            elif self._todo:
                self._expression(*self._todo.pop())
            else:
                return
        self.exhausted = True

    def _expression(self, node: ast.expr, frame: Frame) -> None:
        if (node, frame) in self.read:
            return
        self.read[node, frame] = None
        if isinstance(node, ast.Name) and (loops := _looped(self._flow, node, frame)):
            self._todo.extend((loop, frame) for loop in loops)
            return
        found = self._flow.values(node, frame)
        self._pending.extend(Met(value, "") for value in found)
        if any(isinstance(value, Opaque) for value in found):
            # What an unknown callable gives is made from what it is given, and from what it is called on.
            self._todo.extend((part, frame) for part in (*_around(node), *_assigned(node, frame)))
        elif isinstance(node, ast.Call) and all(not hasattr(value, "base") for value in found):
            self._todo.extend((part, frame) for part in _receiver(node))

    def _value(self, met: Met) -> None:
        if met in self.met:
            return
        self.met[met] = None
        if met.value in self._walked:
            return
        self._walked.add(met.value)
        if getattr(met.value, "node", None) not in self._closed:
            self._into(met.value)
            self._todo.extend(_grown(self._flow, met.value))

    def _into(self, value: Value) -> None:
        match value:
            case Structure(node=ast.Call(func=func)):
                self._todo.append((func, value.frame))
            case Structure(node=node, frame=frame):
                self._todo.extend((part, frame) for part in operands(node))
            case Foreign(name=name, node=node, frame=where, base=base):
                if base is not None:
                    self._pending.append(Met(base, "" if name.endswith(("()", "[]")) else name.rpartition(".")[2]))
                if isinstance(node, ast.Call) and where is not None and name.endswith("()"):
                    self._todo.extend((part, where) for part in passed(node))
            case Part(base=base, key=key, node=node, frame=frame):
                self._pending.append(Met(base, key if isinstance(key, str) and key != "()" else ""))
                if isinstance(node, ast.Call):
                    self._todo.extend((part, frame) for part in passed(node))
            case Instance(node=ast.Call() as node, frame=frame, made=True):
                self._todo.extend((part, frame) for part in passed(node))
            case Generated(frame=inner):
                self._todo.extend(_generated(inner))
            case FunctionValue(function=function, receiver=receiver):
                if receiver is not None:
                    self._pending.append(Met(receiver, function.name))
                if value not in self._asked:
                    return
                inner = self._flow.entry(function, receiver)
                self._todo.extend((part, inner) for part in returns(function) if part is not None)
            case _:
                return


def _looped(flow: Flow, node: ast.Name, frame: Frame) -> list[ast.expr]:
    """What the comprehension loops over whose variable `node` is; empty where it is no such variable."""
    parents = flow.parents(frame)
    above = parents.get(node)
    while above is not None and not isinstance(above, ast.stmt):
        if isinstance(above, _COMPREHENSIONS):
            found = [one.iter for one in above.generators if _binds(one.target, node.id)]
            if found:
                return found
        above = parents.get(above)
    return []


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target))


def _around(node: ast.expr) -> list[ast.expr]:
    while isinstance(node, ast.Await | ast.Starred):
        node = node.value
    if isinstance(node, ast.Call):
        return [*passed(node), *_receiver(node)]
    return [node.value] if isinstance(node, ast.Attribute | ast.Subscript) else []


def _assigned(node: ast.expr, frame: Frame) -> list[ast.expr]:
    """What a local name is assigned from, for names whose value is not known."""
    if not isinstance(node, ast.Name) or frame.function is None:
        return []
    bindings = frame.function.scope.bindings.get(node.id, ())
    return [binding.value for binding in bindings if binding.value is not None]


def _receiver(node: ast.Call) -> list[ast.expr]:
    return [node.func.value] if isinstance(node.func, ast.Attribute) else []


def _grown(flow: Flow, held: Value) -> Iterator[Read]:
    """What later statements of the same function put into the list or dictionary `held`."""
    frame = getattr(held, "frame", None)
    if not isinstance(frame, Frame) or frame.function is None or isinstance(held, Constant | Parameter):
        return
    for base, given in _puts(frame.function):
        if held in flow.values(base, frame):
            yield given, frame


@lru_cache(maxsize=4096)
def _puts(function: Function) -> tuple[tuple[ast.expr, ast.expr], ...]:
    """What the function's statements put into something: the container and what is put."""
    found: list[tuple[ast.expr, ast.expr]] = []
    for statement in inside(function.node.body):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=base, attr=attr), args=[*_, given])):
                if attr in {"append", "extend", "insert", "update"}:
                    found.append((base, given))
            case ast.AugAssign(target=ast.Name() as target, op=ast.Add(), value=given):
                found.append((ast.copy_location(ast.Name(target.id, ast.Load()), given), given))
            case ast.Assign(targets=[ast.Subscript(value=base)], value=given):
                found.append((base, given))
            case _:
                continue
    return tuple(found)


def _generated(frame: Frame) -> Iterator[Read]:
    for node in own_nodes(frame.function) if frame.function else ():
        if isinstance(node, ast.For | ast.AsyncFor):
            yield node.iter, frame
        elif isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
            yield node.value, frame


def keyword(flow: Flow, call: ast.Call, name: str, position: int | None, frame: Frame) -> tuple[ast.expr, Frame] | None:
    """The argument of `call` passed by keyword, position or within `**dictionary`; None where it is not passed."""
    for item in call.keywords:
        if item.arg == name:
            return item.value, frame
    if position is not None and position < len(call.args) and not isinstance(call.args[position], ast.Starred):
        return call.args[position], frame
    for item in call.keywords:
        if item.arg is None:
            for value in flow.values(item.value, frame):
                found = _entry(value, name) if isinstance(value, Structure) else None
                if found is not None and isinstance(value, Structure):
                    return found, value.frame
                if isinstance(value, Structure) and (later := _set(flow, value, name)) is not None:
                    return later, value.frame
    return None


def _entry(held: Structure, name: str) -> ast.expr | None:
    if not isinstance(held.node, ast.Dict):
        return None
    for key, value in zip(held.node.keys, held.node.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == name:
            return value
    return None


def _set(flow: Flow, held: Structure, name: str) -> ast.expr | None:
    for statement in inside(held.frame.function.node.body) if held.frame.function else ():
        match statement:
            case ast.Assign(targets=[ast.Subscript(value=base, slice=ast.Constant(value=key))], value=given):
                if key == name and held in flow.values(base, held.frame):
                    return given
            case _:
                continue
    return None
