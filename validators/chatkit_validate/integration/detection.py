"""How the handler tells a result that streams from one that does not."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Foreign, Structure
from chatkit_validate.flow.blocks import block_of, completes
from chatkit_validate.flow.exceptions import named
from chatkit_validate.integration import response
from chatkit_validate.integration.processing import RESULT
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.names import Class
    from chatkit_validate.source import Place

_STREAM = "chatkit.server.StreamingResult"
_PLAIN = "chatkit.server.NonStreamingResult"
# StreamingResult derives from AsyncIterable alone and has no `__anext__`: it is neither iterator nor generator.
_ITERATES = frozenset({"typing.AsyncIterable"})
# Attributes that only one of the two result classes has.
_STREAM_ATTRIBUTES = frozenset({"__aiter__", "json_events"})
_PLAIN_ATTRIBUTES = frozenset({"json"})


class Tells(Enum):
    """What a test on the result says when it holds."""

    STREAM = 1
    PLAIN = 2
    NEITHER = 3


@dataclass(frozen=True, slots=True)
class Test:
    """A test on what `process()` gave.

    Attributes:
        tells: What it says when it holds; NEITHER where it holds for no result of the library.
        where: Where it stands.
    """

    tells: Tells
    where: Place


def tests(integration: Integration, endpoint: Endpoint, reply: response.Reply | response.Bare) -> tuple[Test, ...]:
    """The tests on the result that decide whether `reply` is given, in the handler and in what it calls."""
    steps = response.reached(endpoint, reply)
    return tuple(test for node, frame in steps for test in _tests(integration.flow, node, frame))


def _tests(flow: Flow, node: ast.AST, frame: Frame) -> tuple[Test, ...]:
    parents = flow.parents(frame)
    found: list[Test] = []
    while (parent := parents.get(node)) is not None and not _is_whole(node, frame):
        if isinstance(parent, ast.If | ast.IfExp) and node is not parent.test:
            found.extend(_read(flow, parent.test, frame))
        elif isinstance(parent, ast.match_case):
            found.extend(_pattern(flow, parent, frame))
        block = block_of(node, parent)
        for earlier in _before(block, node) if block else ():
            if isinstance(earlier, ast.If) and not (completes(earlier.body) and completes(earlier.orelse)):
                found.extend(_read(flow, earlier.test, frame))
        node = parent
    return tuple(found)


def _is_whole(node: ast.AST, frame: Frame) -> bool:
    """Whether `node` is the function that the frame runs."""
    return frame.function is not None and node is frame.function.node


def only_foreign(integration: Integration, endpoint: Endpoint, reply: response.Reply | response.Bare) -> bool:
    """Whether `reply` is given only for a result of neither class: a fallback the library never takes."""
    steps = response.reached(endpoint, reply)
    return any(_is_fallback(integration.flow, node, frame) for node, frame in steps)


def _is_fallback(flow: Flow, node: ast.AST, frame: Frame) -> bool:
    parents = flow.parents(frame)
    while (parent := parents.get(node)) is not None and not _is_whole(node, frame):
        if isinstance(parent, ast.If):
            told = {test.tells for test in _read(flow, parent.test, frame)}
            if (Tells.NEITHER in told and node in parent.body) or (Tells.PLAIN in told and node in parent.orelse):
                return True
        block = block_of(node, parent)
        for earlier in _before(block, node) if block else ():
            leaving = isinstance(earlier, ast.If) and not completes(earlier.body)
            test = earlier.test if leaving and isinstance(earlier, ast.If) else None
            if test is not None and any(each.tells is Tells.PLAIN for each in _read(flow, test, frame)):
                return True
        node = parent
    return False


def _before(block: object, node: ast.AST) -> Iterator[ast.AST]:
    for item in block if isinstance(block, list) else ():
        if item is node:
            return
        yield item


def has_json(flow: Flow, test: ast.expr, frame: Frame) -> bool | None:
    """Whether `test` asks for the JSON attribute of a result, which a result that does not stream always has."""
    found = [item.tells for item in _read(flow, test, frame)]
    return True if Tells.PLAIN in found else False if Tells.STREAM in found else None


def _read(flow: Flow, test: ast.expr, frame: Frame, within: frozenset[ast.AST] = frozenset()) -> Iterator[Test]:
    if test in within:
        return
    within |= {test}
    match test:
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _read(flow, part, frame, within)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            for found in _read(flow, inner, frame, within):
                flipped = {Tells.STREAM: Tells.PLAIN, Tells.PLAIN: Tells.STREAM, Tells.NEITHER: Tells.NEITHER}
                yield Test(flipped[found.tells], found.where)
        case ast.Name():
            for value in flow.values(test, frame):
                node, where = getattr(value, "node", None), getattr(value, "frame", None)
                if isinstance(value, Foreign | Structure) and isinstance(node, ast.Call | ast.BoolOp) and where:
                    yield from _read(flow, node, where, within)
        case ast.Call(func=ast.Name(), args=[subject, argument, *_]) if _is_result(flow, subject, frame):
            yield from _call(flow, test, argument, frame)
        case ast.Call(args=[subject]) if _is_result(flow, subject, frame):
            for value in flow.values(test.func, frame):
                if isinstance(value, Foreign) and value.name.startswith("inspect.is"):
                    yield Test(Tells.NEITHER, frame.place(test))
        case ast.Compare(left=left, comparators=[right]):
            yield from _compared(flow, test, left, right, frame)
        case _:
            return


def _is_result(flow: Flow, subject: ast.expr, frame: Frame) -> bool:
    return any(isinstance(value, Foreign) and value.name == RESULT for value in flow.values(subject, frame))


def _call(flow: Flow, test: ast.Call, argument: ast.expr, frame: Frame) -> Iterator[Test]:
    for callee in flow.values(test.func, frame):
        name = callee.name if isinstance(callee, Foreign) else ""
        if name == "builtins.isinstance":
            yield Test(_class(list(named(flow, argument, frame))), frame.place(test))
        elif name in {"builtins.hasattr", "builtins.getattr"}:
            for attribute in flow.constants(argument, frame) or ():
                tells = Tells.STREAM if attribute in _STREAM_ATTRIBUTES else Tells.NEITHER
                yield Test(Tells.PLAIN if attribute in _PLAIN_ATTRIBUTES else tells, frame.place(test))


def _class(kinds: list[Class | str | None]) -> Tells:
    if _STREAM in kinds or any(kind in _ITERATES for kind in kinds):
        return Tells.STREAM
    if _PLAIN in kinds:
        return Tells.PLAIN
    return Tells.NEITHER


def _compared(flow: Flow, test: ast.Compare, left: ast.expr, right: ast.expr, frame: Frame) -> Iterator[Test]:
    """`type(result) is StreamingResult`, `type(result).__name__ == "StreamingResult"`."""
    subject = left.value if isinstance(left, ast.Attribute) and left.attr == "__name__" else left
    if not (isinstance(subject, ast.Call) and len(subject.args) == 1 and _is_result(flow, subject.args[0], frame)):
        return
    names = [name.rpartition(".")[2] for name in named(flow, right, frame) if isinstance(name, str)]
    names.extend(str(name) for name in flow.constants(right, frame) or ())
    tells = Tells.STREAM if "StreamingResult" in names else Tells.PLAIN if "NonStreamingResult" in names else None
    negated = isinstance(test.ops[0], ast.NotEq | ast.IsNot)
    if tells is not None and negated:
        tells = Tells.PLAIN if tells is Tells.STREAM else Tells.STREAM
    yield Test(tells or Tells.NEITHER, frame.place(test))


def _pattern(flow: Flow, case: ast.match_case, frame: Frame) -> Iterator[Test]:
    for node in ast.walk(case.pattern):
        if isinstance(node, ast.MatchClass):
            yield Test(_class(list(named(flow, node.cls, frame))), frame.place(case.pattern))


def streaming_tests(integration: Integration, endpoint: Endpoint) -> tuple[Test, ...] | None:
    """The tests that decide whether the handler streams; None where no response streams at all."""
    streams = integration.once(response.streams, endpoint)
    if not streams:
        return None
    return tuple(dict.fromkeys(test for reply in streams for test in tests(integration, endpoint, reply)))
