"""Where a value comes from: the demand-driven evaluator behind every flow question."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import attributes, calls, variables
from chatkit_validate.flow.value import (
    Constant,
    Frame,
    FunctionValue,
    Opaque,
    Structure,
    Value,
)
from chatkit_validate.names import Function, Hierarchy, Module, Project
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

_NESTED = 70  # expressions behind each other; deeper chains are answered with Opaque
_VALUES = 48  # alternatives of one expression
_BUDGET = 15_000  # expressions evaluated for one question


@dataclass(slots=True, eq=False)
class Flow:
    """Questions about values, asked of any expression in any frame.

    Attributes:
        project: What names mean.
        paths: The files that may act on a running application: attribute writes are looked for in these.
        hierarchy: What classes inherit.
        declared: Calls whose result is known from elsewhere, see `declare`.
    """

    project: Project
    paths: tuple[str, ...] = ()
    hierarchy: Hierarchy = field(init=False)
    _memo: dict[tuple[ast.AST, Frame], tuple[Value, ...]] = field(default_factory=dict)
    _active: dict[tuple[ast.AST, Frame], int] = field(default_factory=dict)
    _partial: dict[tuple[ast.AST, Frame], tuple[Value, ...]] = field(default_factory=dict)
    _low: int = 1_000_000
    _spent: int = 0
    _frames: dict[object, Frame] = field(default_factory=dict)
    declared: dict[ast.Call, str] = field(default_factory=dict)
    writes_of: dict[str, tuple[attributes.Write, ...]] = field(default_factory=dict)
    writes_by_module: dict[Module, Mapping[str, list[attributes.Write]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hierarchy = Hierarchy(self.project)

    def values(self, expression: ast.expr, frame: Frame) -> tuple[Value, ...]:
        """Everything `expression` can stand for in `frame`.

        An empty result means that nothing flows there (only reached by recursion). `Opaque` among the values
        means that reading ended without an answer, so the others need not be all.
        """
        key = (expression, frame)
        known = self._memo.get(key)
        if known is not None:
            return known
        level = self._active.get(key)
        if level is not None:
            self._low = min(self._low, level)
            return ()
        partial = self._partial.get(key)
        if partial is not None:
            self._low = 0
            return partial
        level = len(self._active)
        if level == 0:
            self._spent = 0
        self._spent += 1
        if level >= _NESTED or self._spent > _BUDGET:
            self._low = -1
            return (Opaque("the value goes through too many steps to follow", frame.place(expression)),)
        outer, self._low = self._low, 1_000_000
        self._active[key] = level
        try:
            found = tuple(dict.fromkeys(_evaluate(self, expression, frame)))
        finally:
            del self._active[key]
        if len(found) > _VALUES:
            found = (*found[:_VALUES], Opaque("too many alternatives to follow", frame.place(expression)))
        # A result computed inside a cycle is partial until the cycle's first expression is done: it serves the
        # question at hand and is forgotten with it.
        if self._low >= level:
            self._memo[key] = found
            self._low = outer
        else:
            self._partial[key] = found
            self._low = min(self._low, outer)
        if level == 0:
            self._partial.clear()
        return found

    def declare(self, call: ast.Call, name: str) -> None:
        """Says that `call` gives the library object `name`, whatever the code says of what is called."""
        if self.declared.get(call) != name:
            self.declared[call] = name
            self._memo.clear()

    def module_frame(self, module: Module) -> Frame:
        """The frame of the module's body."""
        return self._frame(("module", module), Frame(module))

    def entry(self, function: Function, receiver: Value | None = None) -> Frame:
        """The frame of `function` as a framework calls it: no argument is known but its dependencies."""
        return self.enter(FunctionValue(function, receiver), None, None)

    def enter(self, callee: FunctionValue, call: ast.Call | None, caller: Frame | None) -> Frame:
        """The frame of `callee` for `call` made in `caller`; the same frame for the same question."""
        key = (callee, call, caller)
        known = self._frames.get(key)
        if known is None:
            known = calls.activate(self, callee, call, caller)
            self._frames[key] = known
        return known

    def hand(self, callee: FunctionValue, call: ast.Call, caller: Frame) -> Frame:
        """The frame of a function that `call` is given and runs, with arguments nobody knows."""
        frame = Frame(
            callee.function.module, callee.function, {}, callee.receiver, callee.closure, caller, call,
            caller.depth + 1, loose=True,
        )  # fmt: skip
        return self._frame(("handed", callee, call, caller), frame)

    def merged(self, callee: FunctionValue) -> Frame:
        """The one frame that stands for every call of `callee` too deep to be told apart."""
        frame = Frame(callee.function.module, callee.function, {}, callee.receiver, callee.closure, depth=calls.DEPTH)
        return self._frame(("merged", callee), frame)

    def _frame(self, key: object, frame: Frame) -> Frame:
        return self._frames.setdefault(key, frame)

    def constants(self, expression: ast.expr, frame: Frame) -> tuple[object, ...] | None:
        """The literal values `expression` can have, joined strings folded; None where one is not literal."""
        return self._constants(expression, frame, frozenset())

    def _constants(self, expression: ast.expr, frame: Frame, within: frozenset[ast.AST]) -> tuple[object, ...] | None:
        found: list[object] = []
        for value in self.values(expression, frame):
            match value:
                case Constant(value=literal):
                    found.append(literal)
                case Structure(node=ast.JoinedStr() | ast.BinOp() as node, frame=where):
                    # `text = text + "."` is part of itself.
                    texts = self._text(node, where, within | {node}) if node not in within else None
                    if texts is None:
                        return None
                    found.append(texts)
                case _:
                    return None
        return tuple(found) if found else None

    def _text(self, node: ast.JoinedStr | ast.BinOp, frame: Frame, within: frozenset[ast.AST]) -> str | None:
        parts = node.values if isinstance(node, ast.JoinedStr) else _terms(node)
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add):
            return None
        text = ""
        for part in parts:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            literals = self._constants(inner, frame, within)
            if literals is None or len(literals) != 1:
                return None
            text += str(literals[0])
        return text

    def parents(self, frame: Frame) -> Mapping[ast.AST, ast.AST]:
        """The syntactic parent of every node in the frame's code."""
        return frame.function.parents if frame.function else frame.module.parents


def _terms(node: ast.BinOp) -> list[ast.expr]:
    """The terms of `a + b + c`, however many."""
    found = [node.right]
    left = node.left
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        found.append(left.right)
        left = left.left
    return [left, *reversed(found)]


def _evaluate(flow: Flow, expression: ast.expr, frame: Frame) -> tuple[Value, ...]:
    match expression:
        case ast.Constant(value=value):
            return (Constant(value, expression, frame),)
        case ast.Name():
            return variables.name(flow, expression, frame)
        case ast.Attribute(value=base, attr=attr):
            return tuple(
                found
                for owner in flow.values(base, frame)
                for found in attributes.read(flow, owner, attr, expression, frame)
            )
        case ast.Call():
            return calls.call(flow, expression, frame)
        case ast.Await(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
            return flow.values(inner, frame)
        case ast.IfExp(body=body, orelse=orelse):
            return (*flow.values(body, frame), *flow.values(orelse, frame))
        case ast.BoolOp(op=operation, values=parts):
            return _either(flow, operation, parts, frame)
        case ast.Subscript():
            return _item(flow, expression, frame)
        case _:
            return (Structure(expression, frame),)


def _either(flow: Flow, operation: ast.boolop, parts: list[ast.expr], frame: Frame) -> tuple[Value, ...]:
    found: list[Value] = []
    for part in parts[:-1]:
        for value in flow.values(part, frame):
            truth = bool(value.value) if isinstance(value, Constant) else None
            # `a or b` gives a only where it is true, `a and b` only where it is false.
            if truth is None or truth is isinstance(operation, ast.Or):
                found.append(value)
    found.extend(flow.values(parts[-1], frame))
    return tuple(found)


def _item(flow: Flow, expression: ast.Subscript, frame: Frame) -> tuple[Value, ...]:
    found: list[Value] = []
    keys = flow.constants(expression.slice, frame) if not isinstance(expression.slice, ast.Slice) else None
    for base in flow.values(expression.value, frame):
        found.extend(attributes.item(flow, base, keys, expression, frame))
    return tuple(found)
