"""What becomes of an exception: which `except` catches it, what that answers, or where it leaves the program."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow.blocks import completes
from chatkit_validate.flow.value import ClassValue, Foreign, Frame, FunctionValue, Instance
from chatkit_validate.names import Class, External, ancestors
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatkit_validate.flow.origin import Flow
    from chatkit_validate.source import Place

_STEPS = 60


class End(Enum):
    """How the way of an exception can end."""

    ESCAPES = "escapes"
    ANSWERS = "answers"
    CONTINUES = "continues"


@dataclass(frozen=True, slots=True)
class Thrown:
    """An exception on its way.

    Attributes:
        type: Its class: one of the project's, or the dotted name of a library's; `builtins.Exception` stands for any
            error nobody expected. None where it cannot be resolved.
        node: What raises it, for the last time where it is raised again.
        frame: Where `node` stands.
        first: The exception as it was raised first, where it is raised again.
    """

    type: Class | str | None
    node: ast.AST
    frame: Frame
    first: Thrown | None = None

    @property
    def origin(self) -> Thrown:
        """The exception as it was raised first."""
        return self.first or self

    @property
    def where(self) -> Place:
        """Where it is raised."""
        return self.frame.place(self.node)


@dataclass(frozen=True, slots=True)
class Fate:
    """One way an exception can end.

    Attributes:
        end: Out of the entry point, in a `return`, or swallowed so that the code after goes on.
        thrown: The exception as it ends: the original, or the last one raised in its place.
        node: The `return` (ANSWERS), the `except` clause (CONTINUES), what raised it (ESCAPES).
        frame: Where `node` stands.
        caught: The `except` clauses it went through, first one first, each with its frame.
    """

    end: End
    thrown: Thrown
    node: ast.AST
    frame: Frame
    caught: tuple[tuple[ast.ExceptHandler, Frame], ...] = ()

    @property
    def where(self) -> Place:
        """Where it ends."""
        return self.frame.place(self.node)


def fates(flow: Flow, thrown: Thrown) -> tuple[Fate, ...]:
    """Every way `thrown` can end, following `except` clauses outwards through the frames that lead to it."""
    found: list[Fate] = []
    pending: list[tuple[Thrown, ast.AST, Frame, tuple[tuple[ast.ExceptHandler, Frame], ...]]] = [
        (thrown, thrown.node, thrown.frame, ())
    ]
    seen: set[tuple[ast.AST, Frame, Class | str | None]] = set()
    steps = 0
    while pending and steps < _STEPS:
        steps += 1
        current, node, frame, caught = pending.pop()
        if (node, frame, current.type) in seen:
            continue
        seen.add((node, frame, current.type))
        handler = _catching(flow, current, node, frame)
        if handler is None:
            if frame.caller is not None and frame.call is not None:
                pending.append((current, frame.call, frame.caller, caught))
            else:
                found.append(Fate(End.ESCAPES, current, current.node, current.frame, caught))
            continue
        through = (*caught, (handler, frame))
        for leaving in leaves(flow, handler, current, frame):
            match leaving:
                case Fate():
                    found.append(Fate(leaving.end, current, leaving.node, leaving.frame, through))
                case Thrown():
                    pending.append((leaving, leaving.node, leaving.frame, through))
    return tuple(found)


def _catching(flow: Flow, thrown: Thrown, node: ast.AST, frame: Frame) -> ast.ExceptHandler | None:
    """The `except` clause of the frame's own code that catches what `node` raises; None where it leaves the frame."""
    parents = flow.parents(frame)
    current = node
    limit = frame.function.node if frame.function else None
    while current is not limit:
        parent = parents.get(current)
        if parent is None:
            return None
        if isinstance(parent, ast.Try | ast.TryStar) and any(item is current for item in parent.body):
            for handler in parent.handlers:
                if catches(flow, handler, thrown.type, frame):
                    return handler
        current = parent
    return None


def catches(flow: Flow, handler: ast.ExceptHandler, kind: Class | str | None, frame: Frame) -> bool:
    """Whether `handler` catches exceptions of class `kind`."""
    if handler.type is None:
        return True
    return any(derives(flow, kind, base) for base in named(flow, handler.type, frame))


def named(flow: Flow, expression: ast.expr, frame: Frame) -> Iterator[Class | str | None]:
    """The exception classes that an `except` clause or an `isinstance` names; None for one that is not resolved."""
    parts: Sequence[ast.expr] = expression.elts if isinstance(expression, ast.Tuple) else (expression,)
    for part in parts:
        scope = frame.function.scope if frame.function else frame.module.scope
        resolved = flow.project.resolve(part, scope)
        classes = [item for item in resolved if isinstance(item, Class | External)]
        if classes:
            yield from (item.name if isinstance(item, External) else item for item in classes)
            continue
        for value in flow.values(part, frame):
            match value:
                case ClassValue(cls=cls):
                    yield cls
                case Foreign(name=name):
                    yield name
                case _:
                    yield None


def derives(flow: Flow, kind: Class | str | None, base: Class | str | None) -> bool:
    """Whether an exception of class `kind` is one of class `base`; what is unknown is any other error."""
    if base in {"builtins.Exception", "builtins.BaseException"}:
        cancelled = kind in {"asyncio.CancelledError", "builtins.KeyboardInterrupt", "builtins.SystemExit"}
        return base == "builtins.BaseException" or not cancelled
    if kind is None or base is None:
        return False
    if isinstance(kind, Class):
        if isinstance(base, Class):
            return base in flow.hierarchy.order(kind)
        return bool(flow.hierarchy.is_a(kind, base))
    return isinstance(base, str) and base in (ancestors(kind) or (kind,))


def broad(flow: Flow, handler: ast.ExceptHandler, frame: Frame) -> bool:
    """Whether `handler` catches whatever goes wrong: bare, `Exception` or `BaseException`."""
    return catches(flow, handler, "builtins.Exception", frame)


def leaves(flow: Flow, handler: ast.ExceptHandler, thrown: Thrown, frame: Frame) -> list[Fate | Thrown]:
    """How control leaves `handler` when it caught `thrown`: answers, raises, or goes on after the `try`."""
    found: list[Fate | Thrown] = []
    if _run(flow, handler.body, handler, thrown, frame, found):
        found.append(Fate(End.CONTINUES, thrown, handler, frame))
    return found


def _run(
    flow: Flow,
    body: Sequence[ast.stmt],
    handler: ast.ExceptHandler,
    thrown: Thrown,
    frame: Frame,
    found: list[Fate | Thrown],
) -> bool:
    """Collects the exits of `body`; whether control can also reach its end."""
    for statement in body:
        match statement:
            case ast.Return():
                found.append(Fate(End.ANSWERS, thrown, statement, frame))
                return False
            case ast.Raise():
                found.append(_raised(flow, statement, handler, thrown, frame))
                return False
            case ast.Continue() | ast.Break():
                found.append(Fate(End.CONTINUES, thrown, handler, frame))
                return False
            case ast.If():
                decided = _asks(flow, statement.test, handler, thrown, frame)
                branches = [statement.body] if decided else [statement.orelse] if decided is False else []
                branches = branches or [statement.body, statement.orelse]
                passing = [_run(flow, branch, handler, thrown, frame, found) for branch in branches]
                if True not in passing:
                    return False
            case ast.With() | ast.AsyncWith():
                if not _run(flow, statement.body, handler, thrown, frame, found):
                    return False
            case ast.Try() | ast.TryStar():
                inner = _run(flow, [*statement.body, *statement.orelse], handler, thrown, frame, found)
                inner = inner or any(completes(item.body) for item in statement.handlers)
                if not _run(flow, statement.finalbody, handler, thrown, frame, found) or not inner:
                    return False
            case ast.For() | ast.AsyncFor() | ast.While():
                _run(flow, statement.body, handler, thrown, frame, found)
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                if _never_returns(flow, call, frame, found):
                    return False
            case _:
                continue
    return True


def _raised(flow: Flow, statement: ast.Raise, handler: ast.ExceptHandler, thrown: Thrown, frame: Frame) -> Thrown:
    again = statement.exc is None or (isinstance(statement.exc, ast.Name) and statement.exc.id == handler.name)
    if again:
        # Where it is raised again decides who catches it next, not what it is.
        return Thrown(thrown.type, statement, frame, thrown.origin)
    return raised(flow, statement, frame)


def raised(flow: Flow, statement: ast.Raise, frame: Frame) -> Thrown:
    """What a `raise` with an expression raises."""
    if statement.exc is not None:
        for value in flow.values(statement.exc, frame):
            match value:
                case Instance(cls=cls) | ClassValue(cls=cls):
                    return Thrown(cls, statement, frame)
                case Foreign(name=name):
                    return Thrown(name.removesuffix("()"), statement, frame)
                case _:
                    continue
    return Thrown(None, statement, frame)


def _asks(flow: Flow, test: ast.expr, handler: ast.ExceptHandler, thrown: Thrown, frame: Frame) -> bool | None:
    """Whether `test` holds for `thrown`, where it asks for its class; None where it asks something else."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            answer = _asks(flow, inner, handler, thrown, frame)
            return None if answer is None else not answer
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), classes]) if name == handler.name:
            if thrown.type is None:
                return None
            return any(derives(flow, thrown.type, base) for base in named(flow, classes, frame))
        case _:
            return None


def _never_returns(flow: Flow, call: ast.Call, frame: Frame, found: list[Fate | Thrown]) -> bool:
    """A call of a project function that only raises, as `fail(error)`: its raises are the handler's."""
    for callee in flow.values(call.func, frame):
        if isinstance(callee, FunctionValue) and not completes(callee.function.node.body):
            inner = flow.enter(callee, call, frame)
            last = callee.function.node.body[-1]
            if isinstance(last, ast.Raise):
                found.append(raised(flow, last, inner))
                return True
    return False
