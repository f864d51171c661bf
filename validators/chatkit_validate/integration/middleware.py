"""Middleware of an application: the project's functions that run around every request."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, Foreign, FunctionValue, Instance, Structure
from chatkit_validate.flow.blocks import expressions
from chatkit_validate.integration.application import argument
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Frame, Value
    from chatkit_validate.integration.application import Router
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place


@dataclass(frozen=True, slots=True, eq=False)
class Middleware:
    """Something that is put around an application's requests.

    Attributes:
        name: The dotted name of a library's middleware; the project's function or class otherwise.
        call: The call or decorator that adds it.
        frame: Where it is added.
        runs: The frame of the project function that handles a request; None for a library's middleware.
    """

    name: str
    call: ast.Call
    frame: Frame
    runs: Frame | None

    @property
    def where(self) -> Place:
        """Where it is added."""
        return self.frame.place(self.call)


def of(integration: Integration, application: Router) -> tuple[Middleware, ...]:
    """The middleware of `application`, in the order it is added."""
    return tuple(_added(integration, application))


def _added(integration: Integration, application: Router) -> Iterator[Middleware]:
    routing, flow = integration.routing, integration.flow
    for module in routing.modules:
        if "middleware" not in module.file.text:
            continue
        for function in module.functions():
            for decorator in function.node.decorator_list:
                if isinstance(decorator, ast.Call) and _is(decorator.func, "middleware"):
                    frame = routing.defining(function)
                    assert isinstance(decorator.func, ast.Attribute)  # noqa: S101 - narrows for the type checker
                    if on(integration, decorator.func.value, frame, application):
                        inner = flow.enter(FunctionValue(function, None, frame if frame.function else None), None, None)
                        yield Middleware(function.qualname, decorator, frame, inner)
        for frame, call in routing.calls(module):
            if _is(call.func, "add_middleware"):
                assert isinstance(call.func, ast.Attribute)  # noqa: S101 - narrows for the type checker
                cls = argument(call, "middleware_class", 0)
                if cls is not None and on(integration, call.func.value, frame, application):
                    yield from _classes(integration, cls, call, frame)
    listed = argument(application.node, "middleware", None) if isinstance(application.node, ast.Call) else None
    for value in flow.values(listed, application.frame) if listed is not None else ():
        if isinstance(value, Structure):
            for node in expressions(value.node):
                if isinstance(node, ast.Call) and node.args:
                    yield from _classes(integration, node.args[0], node, value.frame)


def _is(function: ast.expr, attr: str) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == attr


def on(integration: Integration, owner: ast.expr, frame: Frame, application: Router) -> bool:
    """Whether `owner` is `application`, or the application as a parameter of a function that sets it up."""
    for value in integration.flow.values(owner, frame):
        router = integration.routing.router(value)
        if router is application:
            return True
        if isinstance(value, Foreign) and value.name == "fastapi.FastAPI()" and isinstance(value.node, ast.arg):
            return True
    return False


def _classes(integration: Integration, cls: ast.expr, call: ast.Call, frame: Frame) -> Iterator[Middleware]:
    flow = integration.flow
    for value in flow.values(cls, frame):
        if isinstance(value, Foreign):
            yield Middleware(value.name, call, frame, None)
        elif isinstance(value, ClassValue):
            made: Value = Instance(value.cls, call, frame, made=False)
            method = flow.hierarchy.method(value.cls, "dispatch") or flow.hierarchy.method(value.cls, "__call__")
            inner = flow.enter(FunctionValue(method, made), None, None) if method else None
            yield Middleware(value.cls.qualname, call, frame, inner)
