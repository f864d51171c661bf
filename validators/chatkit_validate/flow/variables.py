"""What a name stands for in a frame: locals that reach the use, parameters, closures, globals, imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import attributes, calls, hints
from chatkit_validate.flow.blocks import Reaching
from chatkit_validate.flow.value import (
    Caught,
    ClassValue,
    Constant,
    Foreign,
    Frame,
    FunctionValue,
    Instance,
    ModuleValue,
    Opaque,
    Parameter,
    Part,
    Structure,
    Value,
)
from chatkit_validate.names import (
    Binding,
    Binds,
    Class,
    External,
    Function,
    Module,
    Namespace,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatkit_validate.flow.origin import Flow
    from chatkit_validate.names import Definition

_DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security"})


def name(flow: Flow, node: ast.Name, frame: Frame) -> tuple[Value, ...]:
    """What the name `node` stands for where it is used."""
    current: Frame | None = frame
    first = True
    while current is not None and current.function is not None:
        scope = current.function.scope
        if node.id in scope.outer:
            break
        bindings = scope.bindings.get(node.id)
        if bindings:
            if first and len(bindings) > 1:
                bindings = Reaching(bindings, current.function.parents).at(node) or bindings
            return _bound(flow, bindings, current)
        first = False
        current = current.closure or _unknown_closure(flow, current.function)
    return global_name(flow, node.id, frame.module, node, frame)


def _unknown_closure(flow: Flow, function: Function) -> Frame | None:
    owner = function.outside.owner
    while isinstance(owner, Class):
        owner = owner.outside.owner
    return flow.entry(owner) if isinstance(owner, Function) else None


def global_name(flow: Flow, identifier: str, module: Module, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    """What the global or builtin `identifier` of `module` stands for, assignments by functions included."""
    found: list[Value] = []
    for item in flow.project.lookup(module.scope, identifier):
        found.extend(definition(flow, item, node, frame))
    if not found:
        return (Opaque(f"nothing defines the name {identifier}", frame.place(node)),)
    return tuple(dict.fromkeys(found))


def definition(flow: Flow, item: Definition, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    """The values of what a name was resolved to."""
    match item:
        case Module() | Namespace():
            return (ModuleValue(item),)
        case Class():
            return (ClassValue(item),)
        case Function():
            return (FunctionValue(item),)
        case External(name=dotted):
            return (Foreign(dotted, node, frame),)
        case Variable():
            return _variable(flow, item)


def _variable(flow: Flow, variable: Variable) -> tuple[Value, ...]:
    module = variable.scope.module
    if variable.scope.owner is not None:
        owner = variable.scope.owner
        place = flow.entry(owner) if isinstance(owner, Function) else flow.module_frame(module)
        return _bound(flow, variable.bindings, place)
    found = list(_bound(flow, variable.bindings, flow.module_frame(module)))
    for function in module.global_writers(variable.name):
        bindings = function.scope.bindings.get(variable.name, [])
        found.extend(_bound(flow, bindings, flow.entry(function)))
    return tuple(found)


def _bound(flow: Flow, bindings: Sequence[Binding], frame: Frame) -> tuple[Value, ...]:
    found: list[Value] = []
    for item in bindings:
        found.extend(binding(flow, item, frame))
    return tuple(dict.fromkeys(found))


def binding(flow: Flow, item: Binding, frame: Frame) -> tuple[Value, ...]:
    """The values that one binding gives its name in `frame`."""
    match item.how:
        case Binds.PARAMETER:
            assert isinstance(item.node, ast.arg)  # noqa: S101 - narrows for the type checker
            return parameter(flow, item.node, frame)
        case Binds.FUNCTION | Binds.CLASS:
            return _defined(item, frame)
        case Binds.IMPORT:
            found = flow.project.imported(frame.module, item.source, item.member)
            return tuple(value for each in found for value in definition(flow, each, item.node, frame)) or (
                Opaque(f"the import of {item.source} {item.member} cannot be found", frame.place(item.node)),
            )
        case Binds.EXCEPT:
            assert isinstance(item.node, ast.ExceptHandler)  # noqa: S101 - narrows for the type checker
            return (Caught(item.node, frame),)
        case Binds.ASSIGN | Binds.AUGMENT if item.value is not None:
            values = _assigned(flow, item, item.value, frame)
            if isinstance(item.node, ast.AnnAssign) and all(_is_none(value) for value in values):
                # `server: Server | None = None`: somebody sets it later, and the annotation says to what.
                values = (*values, *typed(flow, item.node.annotation, item.node, frame))
            return values
        case Binds.ITERATE if item.value is not None:
            return _iterated(flow, item, item.value, frame)
        case Binds.ENTER if item.value is not None:
            return calls.entered(flow, item.value, frame)
        case Binds.ASSIGN:
            return typed(flow, getattr(item.node, "annotation", None), item.node, frame) if item.value else ()
        case _:
            return (Opaque(f"what {item.name} is bound to here is not followed", frame.place(item.node)),)


def _is_none(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is None


def _defined(item: Binding, frame: Frame) -> tuple[Value, ...]:
    if isinstance(item.target, Function):
        return (FunctionValue(item.target, None, frame if frame.function else None),)
    return (ClassValue(item.target),) if item.target else ()


def _assigned(flow: Flow, item: Binding, value: ast.expr, frame: Frame) -> tuple[Value, ...]:
    found = flow.values(value, frame)
    for position in item.unpack:
        found = tuple(part for base in found for part in attributes.item(flow, base, (position,), item.node, frame))
    return found


def _iterated(flow: Flow, item: Binding, value: ast.expr, frame: Frame) -> tuple[Value, ...]:
    found: list[Value] = []
    for base in flow.values(value, frame):
        if isinstance(base, Structure) and isinstance(base.node, ast.List | ast.Tuple | ast.Set) and not item.unpack:
            found.extend(part for element in base.node.elts for part in flow.values(element, base.frame))
        elif isinstance(base, Foreign):
            found.append(Foreign(f"{base.name}[]", item.node, frame, base))
        else:
            found.append(Part(base, None, item.node, frame))
    return tuple(found)


def parameter(flow: Flow, node: ast.arg, frame: Frame) -> tuple[Value, ...]:
    """What the parameter `node` of the frame's function stands for: argument, receiver, dependency, default or type."""
    function = frame.function
    passed = frame.arguments.get(node.arg)
    if passed is not None:
        return flow.values(*passed)
    if function is None:
        return (Parameter(node.arg, node, frame),)
    if calls.is_receiver(flow, function, node):
        return _receiver(flow, function, node, frame)
    default = calls.default(function, node)
    injected = dependency(flow, node, frame)
    if injected is not None:
        return injected
    outside = frame.closure or flow.module_frame(frame.module)
    if frame.call is not None and not frame.loose:
        if default is not None:
            return flow.values(default, outside)
        return (Parameter(node.arg, node, frame),)
    found = list(typed(flow, node.annotation, node, frame))
    if default is not None and not found:
        found.extend(value for value in flow.values(default, outside) if isinstance(value, Constant | Foreign))
        found.append(Parameter(node.arg, node, frame))
    return tuple(found) or (Parameter(node.arg, node, frame),)


def _receiver(flow: Flow, function: Function, node: ast.arg, frame: Frame) -> tuple[Value, ...]:
    if frame.receiver is not None:
        return (frame.receiver,)
    owner = function.owner
    if owner is None:
        return (Parameter(node.arg, node, frame),)
    if calls.decorated(flow, function, "builtins.classmethod"):
        return (ClassValue(owner),)
    return (Instance(owner, node, frame, made=False),)


def dependency(flow: Flow, node: ast.arg, frame: Frame) -> tuple[Value, ...] | None:
    """What FastAPI injects for the parameter `node`; None where it is no dependency."""
    callee = injected(flow, node, frame)
    if callee is None:
        return None
    found: list[Value] = []
    for value in callee:
        found.extend(calls.result(flow, value, None, None, node, frame))
    return tuple(dict.fromkeys(found))


def injected(flow: Flow, node: ast.arg, frame: Frame) -> tuple[Value, ...] | None:
    """The callables FastAPI calls for the parameter `node` (`Depends`, `Annotated[..., Depends]`); None if none."""
    function = frame.function
    if function is None:
        return None
    outside = frame.closure or _unknown_closure(flow, function) or flow.module_frame(frame.module)
    default = calls.default(function, node)
    candidates: list[tuple[ast.expr, Frame]] = [(default, outside)] if default is not None else []
    said = hints.read(flow.project, node.annotation, function.outside) if node.annotation else None
    if said is not None:
        candidates.extend(
            (extra, outside if scope is function.outside else flow.module_frame(scope.module))
            for extra, scope in said.metadata
        )
    for expression, where in candidates:
        for made in flow.values(expression, where):
            if isinstance(made, Foreign) and made.name.endswith("()") and made.name[:-2] in _DEPENDS:
                return _depends(flow, made, said)
    return None


def _depends(flow: Flow, made: Foreign, said: hints.Annotation | None) -> tuple[Value, ...]:
    if isinstance(made.node, ast.Call) and made.frame is not None:
        for keyword in made.node.keywords:
            if keyword.arg == "dependency":
                return flow.values(keyword.value, made.frame)
        if made.node.args:
            return flow.values(made.node.args[0], made.frame)
    types = said.types if said else ()
    return tuple(ClassValue(item) if isinstance(item, Class) else Foreign(item.name) for item in types)


def typed(flow: Flow, expression: ast.expr | None, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    """Objects known only by the annotation `expression`; empty where it names no class of use."""
    if expression is None:
        return ()
    scope = frame.function.outside if frame.function else frame.module.scope
    found: list[Value] = []
    for item in hints.read(flow.project, expression, scope).types:
        if isinstance(item, Class):
            found.append(Instance(item, node, frame, made=False))
        elif not item.name.startswith(("builtins.", "typing.")):
            found.append(Foreign(f"{item.name}()", node, frame))
    return tuple(found)
