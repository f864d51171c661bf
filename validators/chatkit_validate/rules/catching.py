"""Fixes that put an `except` clause where an exception passes: before one that is there, or in a `try` of its own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.rules.edit import Fix
from chatkit_validate.rules.editing import alone, indentation, inserted, line_start, newline, unit_in, wrapped
from chatkit_validate.rules.importing import imported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatkit_validate.flow import Frame
    from chatkit_validate.flow.exceptions import Thrown
    from chatkit_validate.integration import Endpoint
    from chatkit_validate.integration.errors import Answer
    from chatkit_validate.names import Module
    from chatkit_validate.rules.edit import Edit

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)
_LOGS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "print_exc"})


def refusing(endpoint: Endpoint, thrown: Thrown, now: Answer, answer: tuple[int, str], *, safe: bool) -> Fix | None:
    """Answers the exception `thrown` with an HTTPException.

    Args:
        endpoint: Whose callers get it.
        thrown: The exception.
        now: What becomes of it now: the new clause stands before the first that catches it, else in the handler.
        answer: Status and detail.
        safe: Whether nothing else changes where no clause catches it yet.

    Returns:
        None where the code is written in a way that this cannot edit.
    """
    kind = thrown.origin.type
    if not isinstance(kind, str):
        return None
    source, _, name = kind.rpartition(".")
    node, frame = _own(endpoint, thrown)
    handler = None
    if now.fate.caught:
        handler, frame = now.fate.caught[0]
        safe = safe and only_answers(handler)
        if handler.type is not None and name in {
            getattr(one, "id", getattr(one, "attr", "")) for one in ast.walk(handler.type)
        }:
            return None  # caught by name, and answered so on purpose
    local, imports = imported(frame.module, source, name)
    http, more = imported(frame.module, "fastapi", "HTTPException", "fastapi.exceptions")
    body = (f'raise {http}({answer[0]}, "{answer[1]}") from None',)
    edits = before(frame.module, handler, local, body) if handler else _around(frame, node, local, body)
    return _joined(edits, imports, more, safe=safe)


def _own(endpoint: Endpoint, thrown: Thrown) -> tuple[ast.AST, Frame]:
    """What of the handler's own code raises `thrown`, and the handler's frame."""
    node, frame = thrown.node, thrown.frame
    while frame is not endpoint.frame and frame.caller is not None and frame.call is not None:
        node, frame = frame.call, frame.caller
    return node, frame


def passing(frame: Frame, caught: ast.ExceptHandler, *, safe: bool) -> Fix | None:
    """Lets an HTTPException through before the clause `caught`."""
    local, imports = imported(frame.module, "fastapi", "HTTPException", "fastapi.exceptions")
    return _joined(before(frame.module, caught, local, ("raise",)), imports, (), safe=safe)


def _joined(edits: Sequence[Edit] | None, *imports: Sequence[Edit], safe: bool) -> Fix | None:
    if not edits:
        return None
    distinct = {*edits, *(edit for group in imports for edit in group)}
    return Fix(safe=safe, edits=tuple(sorted(distinct, key=lambda one: (one.path, one.start, one.end, one.text))))


def only_answers(handler: ast.ExceptHandler) -> bool:
    """Whether a clause does nothing but log and answer, so that nobody misses it for an exception caught before."""
    return isinstance(handler.body[-1], ast.Raise | ast.Return) and all(
        isinstance(one, ast.Raise | ast.Return | ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and _logs(one.value))
        for one in handler.body
    )


def _logs(call: ast.Call) -> bool:
    function = call.func
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) in _LOGS


def before(module: Module, handler: ast.ExceptHandler, kind: str, body: Sequence[str]) -> tuple[Edit, ...] | None:
    """A clause `except kind` above `handler`, of the same `try`."""
    if isinstance(module.parents.get(handler), ast.TryStar):
        return None  # an exception of a group is raised again in a group
    margin, end = indentation(module, handler.lineno), newline(module)
    inner = margin + _unit(module, handler)
    lines = [f"{margin}except {kind}:", *(f"{inner}{line}" for line in body)]
    return (inserted(module, line_start(module, handler.lineno), "".join(f"{line}{end}" for line in lines)),)


def _unit(module: Module, handler: ast.ExceptHandler) -> str:
    """What the clause's body is indented by."""
    first = handler.body[0]
    deeper = indentation(module, first.lineno).removeprefix(indentation(module, handler.lineno))
    return deeper if first.lineno > handler.lineno and deeper else unit_in(module, handler)


def _around(frame: Frame, node: ast.AST, kind: str, body: Sequence[str]) -> tuple[Edit, ...] | None:
    """A clause of the innermost `try` around `node` that has any, else a `try` around its statement alone."""
    module = frame.module
    limit = frame.function.node if frame.function else None
    statement: ast.stmt | None = None
    current: ast.AST | None = node
    while current is not None and current is not limit:
        parent = module.parents.get(current)
        if statement is None and isinstance(current, ast.stmt):
            statement = current
        if isinstance(parent, ast.Try) and parent.handlers and current in parent.body:
            return before(module, parent.handlers[0], kind, body)
        current = parent
    if not isinstance(statement, _SIMPLE) or not alone(module, statement):
        return None
    unit = unit_in(module, statement)
    return wrapped(module, [statement], "try:", (f"except {kind}:", *(f"{unit}{line}" for line in body)))
