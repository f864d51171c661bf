"""Functions that are given an application, or a router, and register things on it: in whose calls they run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import FunctionValue
from chatkit_validate.flow.blocks import expressions, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.names import Function, Module

_REGISTERING = (
    "add_api_route(",
    "add_exception_handler(",
    "add_middleware(",
    "add_route(",
    "include_router(",
    "mount(",
    # as decorators
    "api_route(",
    "exception_handler(",
    "middleware(",
    "post(",
)
_NAMES = ("app", "api", "router")


def frames(
    flow: Flow, modules: tuple[Module, ...], function: Function, running: Callable[[Function], tuple[Frame, ...]]
) -> tuple[Frame, ...]:
    """The frames of the calls of `function`, if it registers something on a parameter of its own; empty otherwise.

    Args:
        flow: The engine.
        modules: Where it may be called.
        function: Any function.
        running: The frames in which a function that may call it runs.
    """
    if not _may_register(function):
        return ()
    return tuple(dict.fromkeys(_called(flow, modules, function, running)))


def _called(
    flow: Flow, modules: tuple[Module, ...], function: Function, running: Callable[[Function], tuple[Frame, ...]]
) -> Iterator[Frame]:
    name = function.node.name
    for module in modules:
        if name not in module.file.text:
            continue
        for owner in (None, *module.functions()):
            body = module.file.tree.body if owner is None else owner.node.body
            for call in calls_in(body):
                if name not in {getattr(call.func, "id", ""), getattr(call.func, "attr", "")} or owner is function:
                    continue
                for caller in (flow.module_frame(module),) if owner is None else running(owner):
                    for value in flow.values(call.func, caller):
                        if isinstance(value, FunctionValue) and value.function is function:
                            yield flow.enter(value, call, caller)


def _may_register(function: Function) -> bool:
    """Whether a parameter may be what something is registered on, here or where it is passed on to; cheap."""
    text = function.module.file.text
    for each in (*function.node.args.posonlyargs, *function.node.args.args):
        if any(f"{each.arg}.{word}" in text for word in _REGISTERING):
            return True
        if each.arg.startswith(_NAMES) and (f"({each.arg}" in text or f", {each.arg}" in text):
            return True
    return False


def calls_in(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Every call that the statements make themselves, in source order."""
    for statement in inside(body):
        heads = [value for _, value in ast.iter_fields(statement) if isinstance(value, ast.expr)]
        heads.extend(item.context_expr for item in getattr(statement, "items", []))
        for head in heads:
            for node in expressions(head):
                if isinstance(node, ast.Call):
                    yield node
