"""Errors that end as an empty success: in the handler, and in respond()."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, FunctionValue, Structure
from chatkit_validate.flow.blocks import completes, expressions, inside
from chatkit_validate.flow.calls import is_generator
from chatkit_validate.flow.exceptions import broad
from chatkit_validate.integration import errors, leak, serving
from chatkit_validate.integration.application import argument
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.source import Place

_PLAIN = frozenset({"starlette.responses.Response()", "starlette.responses.JSONResponse()"})


@dataclass(frozen=True, slots=True)
class Silence:
    """An error that nobody is told of.

    Attributes:
        where: The `except` clause that swallows it.
        message: What happens.
        way: Further places with what they show.
    """

    where: Place
    message: str
    way: tuple[tuple[Place, str], ...] = ()


def silences(integration: Integration, endpoint: Endpoint) -> tuple[Silence, ...]:
    """Every error of the endpoint that ends as an empty success."""
    found = list(_handler(integration, endpoint))
    for frame in integration.once(leak.respond_frames, endpoint):
        # A generator that respond() passes on among others is a side show: what it swallows, others still answer.
        if frame.function is not None and is_generator(frame.function) and _carries_answer(frame):
            found.extend(_generator(integration.flow, frame))
    return tuple(found)


def _handler(integration: Integration, endpoint: Endpoint) -> Iterator[Silence]:
    for thrown in serving.thrown(integration, endpoint, "builtins.Exception"):
        for answer in errors.answers(integration, endpoint, thrown):
            empty = answer.swallowed or (answer.status == 200 and _says_nothing(integration.flow, answer))
            if not empty or not answer.fate.caught:
                continue
            handler, frame = answer.fate.caught[0]
            yield Silence(
                frame.place(handler),
                "After any exception the handler goes on and answers 200 with nothing in it",
                ((thrown.where, "raised here"),),
            )


def _says_nothing(flow: Flow, answer: errors.Answer) -> bool:
    values = [value for expression, frame in answer.details for value in flow.values(expression, frame)]
    return all(_is_nothing(flow, value) for value in values)


def _is_nothing(flow: Flow, value: Value) -> bool:
    """Nothing, or a response that holds nothing: no content, an empty text, an empty object."""
    match value:
        case Constant(value=content):
            return not content or content in {"{}", b"{}", "[]", b"[]"}
        case Structure(node=ast.Dict(keys=held) | ast.List(elts=held)):
            return not held
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if name in _PLAIN and frame is not None:
            content = argument(call, "content", 0)
            return content is None or all(_is_nothing(flow, held) for held in flow.values(content, frame))
        case _:
            return False


def _generator(flow: Flow, frame: Frame) -> Iterator[Silence]:
    assert frame.function is not None  # noqa: S101 - the caller has checked
    body = frame.function.node.body
    for statement in inside(body):
        match statement:
            case ast.Try() if _sends(statement.body) and not _in_handler(statement, frame):
                yield from _caught(flow, statement, frame)
            case ast.If() if _ends_silently(statement):
                yield from _missing(flow, statement, frame)
            case _:
                continue


def _carries_answer(frame: Frame) -> bool:
    """Whether what the generator sends is all that `respond()` sends: it is it, or is passed on alone."""
    caller = frame.caller
    while caller is not None and caller.function is not None:
        sending = [item for item in inside(caller.function.node.body) if _sends_itself(item)]
        if len(sending) > 1:
            return False
        caller = caller.caller
    return True


def _sends_itself(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield | ast.YieldFrom)


def _in_handler(statement: ast.stmt, frame: Frame) -> bool:
    """Whether `statement` stands in an `except` clause: the error was told, or is being told."""
    assert frame.function is not None  # noqa: S101 - the caller has checked
    node: ast.AST | None = statement
    while node is not None and node is not frame.function.node:
        if isinstance(node, ast.ExceptHandler):
            return True
        node = frame.function.parents.get(node)
    return False


def _caught(flow: Flow, statement: ast.Try, frame: Frame) -> Iterator[Silence]:
    """A `try` around what is sent, whose broad `except` neither sends nor raises."""
    for handler in statement.handlers:
        silent = not _sends(handler.body) and not _raises(handler.body)
        if silent and broad(flow, handler, frame) and not _sends_after(statement, frame):
            yield Silence(frame.place(handler), "After any exception the stream ends as if the answer were complete")


def _sends(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for item in body for node in expressions(item))


def _raises(body: list[ast.stmt]) -> bool:
    return any(isinstance(item, ast.Raise) for item in inside(body))


def _sends_after(statement: ast.stmt, frame: Frame) -> bool:
    assert frame.function is not None  # noqa: S101 - the caller has checked
    later = [item for item in inside(frame.function.node.body) if item.lineno > (statement.end_lineno or 0)]
    return _sends([item for item in later if isinstance(item, ast.Expr | ast.Assign)])


def _ends_silently(statement: ast.If) -> bool:
    """`if item is None: return` without a word."""
    body = statement.body
    if completes(body) or _sends(body) or not isinstance(body[-1], ast.Return):
        return False
    return body[-1].value is None and _asked(statement.test) is not None


def _asked(test: ast.expr) -> ast.expr | None:
    match test:
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            return left
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.BoolOp(op=ast.Or(), values=[first, *_]):
            return _asked(first)
        case _:
            return None


def _missing(flow: Flow, statement: ast.If, frame: Frame) -> Iterator[Silence]:
    """The value that is missing is what a helper gives after it caught anything."""
    asked = _asked(statement.test)
    if asked is None or _sent_before(statement, frame):
        return
    for call, callee in _givers(flow, asked, frame):
        for inner in inside(callee.function.node.body):
            handlers = inner.handlers if isinstance(inner, ast.Try) else []
            for handler in handlers:
                place = flow.enter(callee, call, frame)
                if broad(flow, handler, place) and _gives_none(handler, callee):
                    yield Silence(
                        place.place(handler),
                        f"{callee.function.name}() gives None after any exception, and the stream ends without event",
                        ((frame.place(statement), "ended here"),),
                    )


def _sent_before(statement: ast.stmt, frame: Frame) -> bool:
    assert frame.function is not None  # noqa: S101 - the caller has checked
    earlier = [item for item in frame.function.node.body if (item.end_lineno or 0) < statement.lineno]
    return _sends(earlier)


def _gives_none(handler: ast.ExceptHandler, callee: FunctionValue) -> bool:
    if _raises(handler.body):
        return False
    returned = [item for item in inside(handler.body) if isinstance(item, ast.Return)]
    if returned:
        return all(
            item.value is None or (isinstance(item.value, ast.Constant) and item.value.value is None)
            for item in returned
        )
    return not any(isinstance(item, ast.Return) and item.value is not None for item in callee.function.node.body)


def _givers(flow: Flow, asked: ast.expr, frame: Frame) -> Iterator[tuple[ast.Call, FunctionValue]]:
    """The calls of project functions that give `asked` its value."""
    pending = [asked]
    if isinstance(asked, ast.Name) and frame.function is not None:
        bindings = frame.function.scope.bindings.get(asked.id, [])
        pending = [binding.value for binding in bindings if binding.value is not None]
    for expression in pending:
        for node in expressions(expression):
            if isinstance(node, ast.Call):
                for callee in flow.values(node.func, frame):
                    if isinstance(callee, FunctionValue):
                        yield node, callee
