"""Whether a loop over events passes on the one that finishes an assistant's message."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatkit_validate.flow import Flow, Frame

_TYPE = "thread.item.done"
_EVENT = "ThreadItemDoneEvent"
_ITEM = "AssistantMessageItem"
_ANY = frozenset({"ThreadStreamEvent", "ThreadItemEvent", "BaseModel", "object"})
_ATTRIBUTES = {"type": True, "item": True, "item_id": False, "update": False}


class Passing(Enum):
    """What a loop does with the event."""

    PASSED = "passed on"
    DROPPED = "dropped"
    PERHAPS = "passed on or dropped"


@dataclass(frozen=True, slots=True)
class _End:
    """What came of the event in a block, and whether the block can be left at its end."""

    passing: Passing
    goes_on: bool


def passing(flow: Flow, loop: ast.AsyncFor | ast.For, frame: Frame) -> Passing:
    """What `loop` does with the `thread.item.done` of an assistant's message, every condition on it worked out."""
    if not isinstance(loop.target, ast.Name):
        return Passing.PERHAPS
    return _Reader(flow, frame, loop.target.id).block(loop.body).passing


def yields(loop: ast.AsyncFor | ast.For) -> bool:
    """Whether the loop sends anything itself."""
    return any(isinstance(node, ast.Yield) for statement in loop.body for node in ast.walk(statement))


class _Reader:
    def __init__(self, flow: Flow, frame: Frame, name: str) -> None:
        self.flow = flow
        self.frame = frame
        self.names = {name}

    def block(self, body: Sequence[ast.stmt]) -> _End:
        seen = Passing.DROPPED
        for statement in body:
            end = self.statement(statement)
            seen = _later(seen, end.passing)
            if seen is Passing.PASSED or not end.goes_on:
                return _End(seen, end.goes_on)
        return _End(seen, goes_on=True)

    def statement(self, statement: ast.stmt) -> _End:
        match statement:
            case ast.If(test=test, body=body, orelse=orelse):
                return self.branch(self.truth(test), body, orelse)
            case ast.Match(subject=ast.expr() as subject, cases=cases):
                return self.cases(subject, cases)
            case ast.Try(body=body, orelse=orelse) | ast.TryStar(body=body, orelse=orelse):
                return self.block([*body, *orelse])
            case ast.With(body=body) | ast.AsyncWith(body=body):
                return self.block(body)
            case ast.For(body=body) | ast.AsyncFor(body=body) | ast.While(body=body):
                inner = self.block(body).passing
                return _End(Passing.DROPPED if inner is Passing.DROPPED else Passing.PERHAPS, goes_on=True)
            case ast.Continue() | ast.Break() | ast.Return() | ast.Raise():
                return _End(Passing.DROPPED, goes_on=False)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if self.mentions(value):
                # `event = rewritten(event)`
                self.names.add(name)
                return _End(Passing.DROPPED, goes_on=True)
            case _:
                sent = any(
                    isinstance(node, ast.Yield) and node.value is not None and self.mentions(node.value)
                    for node in ast.walk(statement)
                )
                return _End(Passing.PASSED if sent else Passing.DROPPED, goes_on=True)

    def branch(self, truth: bool | None, body: list[ast.stmt], orelse: list[ast.stmt]) -> _End:  # noqa: FBT001 - of three values
        if truth is not None:
            return self.block(body if truth else orelse)
        return _either(self.block(body), self.block(orelse))

    def cases(self, subject: ast.expr, cases: list[ast.match_case]) -> _End:
        found: _End | None = None
        for case in cases:
            fits = self.fits(subject, case.pattern)
            if fits is False:
                continue
            end = self.block(case.body)
            found = end if found is None else _either(found, end)
            if fits and case.guard is None:
                return found
        last = _End(Passing.DROPPED, goes_on=True)
        return last if found is None else _either(found, last)

    def fits(self, subject: ast.expr, pattern: ast.pattern) -> bool | None:
        match pattern:
            case ast.MatchAs(pattern=None):
                return True
            case ast.MatchAs(pattern=ast.pattern() as inner):
                return self.fits(subject, inner)
            case ast.MatchOr(patterns=patterns):
                return _any(self.fits(subject, one) for one in patterns)
            case ast.MatchClass(cls=cls, kwd_attrs=attributes, kwd_patterns=inner):
                own = self.instance(subject, cls)
                parts = [
                    self.fits(ast.Attribute(subject, attribute, ast.Load()), one)
                    for attribute, one in zip(attributes, inner, strict=True)
                ]
                return _all([own, *parts])
            case ast.MatchValue(value=ast.Constant(value=str() as text)):
                return self.equals(subject, text)
            case _:
                return None

    def truth(self, test: ast.expr) -> bool | None:
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                known = self.truth(inner)
                return None if known is None else not known
            case ast.BoolOp(op=ast.And(), values=parts):
                return _all(self.truth(part) for part in parts)
            case ast.BoolOp(values=parts):
                return _any(self.truth(part) for part in parts)
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                return self.compare(left, operation, right)
            case ast.Call(func=ast.Name(id="isinstance"), args=[subject, cls]):
                return self.instance(subject, cls)
            case ast.Call(func=ast.Name(id="hasattr"), args=[subject, ast.Constant(value=str() as name)]):
                return _ATTRIBUTES.get(name) if self.is_event(subject) else True if self.is_item(subject) else None
            case _:
                return True if self.is_event(test) or self.is_item(test) else None

    def compare(self, left: ast.expr, operation: ast.cmpop, right: ast.expr) -> bool | None:
        texts = self.flow.constants(right, self.frame)
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            texts = tuple(one.value if isinstance(one, ast.Constant) else None for one in right.elts)
        elif not isinstance(operation, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            texts = None
        if not texts or None in texts:
            return None
        known = _any(self.equals(left, str(text)) for text in texts)
        return known if known is None or isinstance(operation, ast.Eq | ast.In | ast.Is) else not known

    def equals(self, subject: ast.expr, text: str) -> bool | None:
        match subject:
            case ast.Attribute(value=owner, attr="type"):
                if self.is_event(owner):
                    return text == _TYPE
                return text == "assistant_message" if self.is_item(owner) else None
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value="type"), *_]):
                return self.equals(ast.Attribute(owner, "type", ast.Load()), text)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="type"), args=[owner]), attr="__name__"):
                return text == _EVENT if self.is_event(owner) else None
            case _:
                return None

    def instance(self, subject: ast.expr, cls: ast.expr) -> bool | None:
        wanted = _EVENT if self.is_event(subject) else _ITEM if self.is_item(subject) else ""
        if not wanted:
            return None
        if isinstance(cls, ast.Tuple):
            return _any(self.instance(subject, one) for one in cls.elts)
        if isinstance(cls, ast.BinOp):
            return _any((self.instance(subject, cls.left), self.instance(subject, cls.right)))
        name = unparse(cls).rpartition(".")[2]
        scope = self.frame.function.scope if self.frame.function else self.frame.module.scope
        name = self.flow.project.external(cls, scope).rpartition(".")[2] or name
        return name == wanted or name in _ANY

    def is_event(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.names

    def is_item(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute(value=owner, attr="item"):
                return self.is_event(owner)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value="item"), *_]):
                return self.is_event(owner)
            case _:
                return False

    def mentions(self, value: ast.expr) -> bool:
        return any(isinstance(node, ast.Name) and node.id in self.names for node in ast.walk(value))


def _later(seen: Passing, new: Passing) -> Passing:
    return new if seen is Passing.DROPPED or new is Passing.PASSED else seen


def _either(one: _End, other: _End) -> _End:
    same = one.passing is other.passing
    return _End(one.passing if same else Passing.PERHAPS, one.goes_on or other.goes_on)


def _any(truths) -> bool | None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - an iterable of three-valued truths
    known = list(truths)
    return True if True in known else None if None in known else False


def _all(truths) -> bool | None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - same
    known = list(truths)
    return False if False in known else None if None in known else True
