"""Exception handlers registered on an application, by decorator, by call or in its constructor."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, FunctionValue, Structure
from chatkit_validate.flow.exceptions import derives, named
from chatkit_validate.integration.application import argument
from chatkit_validate.integration.middleware import on
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Frame
    from chatkit_validate.integration.application import Router
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Class


@dataclass(frozen=True, slots=True, eq=False)
class ExceptionHandler:
    """A function that answers exceptions the routes let out.

    Attributes:
        type: The exception class; an int for a status; None where it cannot be resolved.
        runs: The function.
        node: What registers it.
        frame: Where `node` stands.
    """

    type: Class | str | int | None
    runs: FunctionValue
    node: ast.AST
    frame: Frame


def of(integration: Integration, application: Router) -> tuple[ExceptionHandler, ...]:
    """The exception handlers of `application`."""
    return (
        *_decorated(integration, application),
        *_added(integration, application),
        *_listed(integration, application),
    )


def answering(integration: Integration, application: Router, kind: Class | str | None) -> ExceptionHandler | None:
    """The handler that answers exceptions of class `kind`: the one for its nearest base class."""
    best: tuple[int, ExceptionHandler] | None = None
    for handler in integration.once(of, application):
        catch_all = handler.type in {500, "builtins.Exception"}
        base = "builtins.Exception" if catch_all else handler.type
        if isinstance(base, int) or not derives(integration.flow, kind, base):
            continue
        rank = 2 if catch_all else 0 if base == kind else 1
        if best is None or rank < best[0]:
            best = (rank, handler)
    return best[1] if best else None


def _decorated(integration: Integration, application: Router) -> Iterator[ExceptionHandler]:
    routing = integration.routing
    for module in routing.modules:
        if "exception_handler" not in module.file.text:
            continue
        for function in module.functions():
            for decorator in function.node.decorator_list:
                if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
                    continue
                frame = routing.defining(function)
                if decorator.func.attr == "exception_handler" and on(
                    integration, decorator.func.value, frame, application
                ):
                    runs = FunctionValue(function, None, frame if frame.function else None)
                    for kind in _kinds(integration, decorator.args[:1], frame):
                        yield ExceptionHandler(kind, runs, decorator, frame)


def _added(integration: Integration, application: Router) -> Iterator[ExceptionHandler]:
    for module in integration.routing.modules:
        if "add_exception_handler" not in module.file.text:
            continue
        for frame, call in integration.routing.calls(module):
            if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_exception_handler":
                continue
            if on(integration, call.func.value, frame, application):
                kind, runs = argument(call, "exc_class_or_status_code", 0), argument(call, "handler", 1)
                if kind is not None and runs is not None:
                    yield from _pairs(integration, kind, runs, call, frame)


def _listed(integration: Integration, application: Router) -> Iterator[ExceptionHandler]:
    call = application.node
    listed = argument(call, "exception_handlers", None) if isinstance(call, ast.Call) else None
    for value in integration.flow.values(listed, application.frame) if listed is not None else ():
        if isinstance(value, Structure) and isinstance(value.node, ast.Dict):
            for kind, runs in zip(value.node.keys, value.node.values, strict=True):
                if kind is not None:
                    yield from _pairs(integration, kind, runs, runs, value.frame)


def _pairs(
    integration: Integration, kind: ast.expr, runs: ast.expr, node: ast.AST, frame: Frame
) -> Iterator[ExceptionHandler]:
    for value in integration.flow.values(runs, frame):
        if isinstance(value, FunctionValue):
            for each in _kinds(integration, [kind], frame):
                yield ExceptionHandler(each, value, node, frame)


def _kinds(integration: Integration, expressions: list[ast.expr], frame: Frame) -> Iterator[Class | str | int | None]:
    for expression in expressions:
        values = integration.flow.values(expression, frame)
        status = next((item.value for item in values if isinstance(item, Constant)), None)
        if isinstance(status, int):
            yield status
        else:
            yield from named(integration.flow, expression, frame)
