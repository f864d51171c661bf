"""Attributes and items: of objects made in the project, of modules, of displays, of `app.state`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import calls, variables
from chatkit_validate.flow.blocks import inside
from chatkit_validate.flow.value import (
    Caught,
    ClassValue,
    Constant,
    Foreign,
    Frame,
    FunctionValue,
    Generated,
    Instance,
    ModuleValue,
    Opaque,
    Parameter,
    Part,
    Structure,
    Value,
)
from chatkit_validate.names import Binds, Class, Function, Module, arguments, canonical
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatkit_validate.flow.origin import Flow

# Attributes of library objects that are other library objects.
_TYPED = {
    "starlette.requests.Request().app": "fastapi.FastAPI()",
    "starlette.websockets.WebSocket().app": "fastapi.FastAPI()",
    "starlette.applications.Starlette().state": "fastapi.FastAPI().state",
    "starlette.requests.HTTPConnection().app": "fastapi.FastAPI()",
}
_STATES = ("fastapi.FastAPI().state", "starlette.requests.Request().state")


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An assignment to an attribute: `target = value`, or `setattr(target.value, ...)`.

    Attributes:
        base: The object written to.
        attr: The attribute.
        value: What is written; None for `del`, unpacking and augmented writes that are not followed.
        node: The statement.
        function: The function it stands in; None for the module's body.
        module: The module it stands in.
    """

    base: ast.expr
    attr: str
    value: ast.expr | None
    node: ast.stmt
    function: Function | None
    module: Module


def read(flow: Flow, owner: Value, attr: str, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    """What `owner.attr` stands for, read at `node`."""
    match owner:
        case ModuleValue(module=module):
            found = tuple(
                value
                for item in flow.project.members(module, attr)
                for value in variables.definition(flow, item, node, frame)
            )
            return found or (Opaque(f"the module has no member {attr} that can be found", frame.place(node)),)
        case Instance():
            return _of_instance(flow, owner, attr, node, frame)
        case ClassValue(cls=cls):
            return _of_class(flow, cls, owner, attr, node, frame)
        case Foreign(name=name):
            return _of_foreign(flow, owner, name, attr, node, frame)
        case Opaque():
            return (owner,)
        case Constant(value=None):
            return ()
        case Constant() | Structure() | Parameter() | Caught() | Part() | Generated() | FunctionValue():
            return (Part(owner, attr, node, frame),)


def _of_foreign(flow: Flow, owner: Foreign, name: str, attr: str, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    path = canonical(f"{name}.{attr}")
    path = _TYPED.get(path, path)
    if name in _STATES:
        written = tuple(_state(flow, name, attr, frame.module))
        if written:
            return tuple(dict.fromkeys(written))
    return (Foreign(path, node, frame, owner),)


def _state(flow: Flow, state: str, attr: str, reader: Module) -> Iterator[Value]:
    """Values that the application of `reader` stores in `app.state.attr` or `request.state.attr`."""
    for write in _of_one_application(flow, writes(flow, attr), reader):
        if not isinstance(write.base, ast.Attribute) or write.base.attr != "state":
            continue
        frame = frame_of(flow, write)
        for value in flow.values(write.base, frame):
            unknown = isinstance(value, Part) and isinstance(value.base, Parameter)
            # An unannotated `app` of a lifespan is still the application.
            if unknown or (isinstance(value, Foreign) and value.name == state):
                if write.value is None:
                    yield Opaque(f"what is stored in state.{attr} here is not followed", frame.place(write.node))
                else:
                    yield from flow.values(write.value, frame)
                break


def _of_one_application(flow: Flow, found: tuple[Write, ...], reader: Module) -> tuple[Write, ...]:
    """Those of `found` that stand beside `reader`: applications of one repository have a state each.

    All of them where none does, as when a library of the repository reads what its applications write.
    """
    root = next(iter(flow.project.index.roots(reader.folder)))
    beside = tuple(
        write for write in found if _overlap(root, next(iter(flow.project.index.roots(write.module.folder))))
    )
    return beside or found


def _overlap(root: str, other: str) -> bool:
    """Whether one of two folders is, or holds, the other; the tree itself, `""`, holds all."""
    return not root or not other or f"{root}/".startswith(f"{other}/") or f"{other}/".startswith(f"{root}/")


def frame_of(flow: Flow, write: Write) -> Frame:
    """The frame of the code a write stands in."""
    return flow.entry(write.function) if write.function else flow.module_frame(write.module)


def writes(flow: Flow, attr: str) -> tuple[Write, ...]:
    """Every assignment to an attribute called `attr` in the application's files."""
    known = flow.writes_of.get(attr)
    if known is None:
        known = flow.writes_of[attr] = tuple(_writes(flow, attr))
    return known


def _writes(flow: Flow, attr: str) -> Iterator[Write]:
    for path in flow.paths:
        module = flow.project.module(path)
        # The text is only a sieve: a file without the word cannot hold the assignment.
        if module is not None and attr in module.file.text:
            yield from module_writes(flow, module).get(attr, ())


def module_writes(flow: Flow, module: Module) -> Mapping[str, list[Write]]:
    """Every attribute assignment of `module`, by attribute."""
    known = flow.writes_by_module.get(module)
    if known is None:
        index: dict[str, list[Write]] = {}
        bodies: list[tuple[Function | None, list[ast.stmt]]] = [(None, module.file.tree.body)]
        bodies.extend((function, function.node.body) for function in module.functions())
        for function, body in bodies:
            for statement in inside(body):
                for base, attr, value in _written(statement):
                    index.setdefault(attr, []).append(Write(base, attr, value, statement, function, module))
        known = flow.writes_by_module[module] = index
    return known


def _written(statement: ast.stmt) -> Iterator[tuple[ast.expr, str, ast.expr | None]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Attribute):
                    yield target.value, target.attr, value
                elif isinstance(target, ast.Tuple):
                    yield from _unpacked(target, value)
        case ast.AnnAssign(target=ast.Attribute() as target, value=value) if value is not None:
            yield target.value, target.attr, value
        case ast.AugAssign(target=ast.Attribute() as target):
            yield target.value, target.attr, None
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                if isinstance(item.optional_vars, ast.Attribute):
                    yield item.optional_vars.value, item.optional_vars.attr, item.context_expr
        case ast.Expr(
            value=ast.Call(func=ast.Name(id="setattr"), args=[base, ast.Constant(value=str() as attr), value])
        ):
            yield base, attr, value
        case _:
            return


def _unpacked(target: ast.Tuple, value: ast.expr) -> Iterator[tuple[ast.expr, str, ast.expr | None]]:
    parts = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
    for position, element in enumerate(target.elts):
        if isinstance(element, ast.Attribute):
            yield element.value, element.attr, parts[position] if parts else None


def _of_instance(flow: Flow, owner: Instance, attr: str, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    method = flow.hierarchy.method(owner.cls, attr)
    if method is not None:
        bound = FunctionValue(method, owner)
        if calls.is_property(flow, method):
            return calls.result(flow, bound, None, None, node, frame)
        return (bound,)
    found = [*_assigned(flow, owner, attr), *_field(flow, owner, attr)]
    if not found:
        found.extend(_foreign_writes(flow, owner, attr))
    if not found:
        outside = flow.hierarchy.outside(owner.cls)
        found.extend(Foreign(f"{base}().{attr}", node, frame, owner) for base in outside)
    return tuple(dict.fromkeys(found)) or (
        Opaque(f"{owner.cls.name}.{attr} is set nowhere that can be read", frame.place(node)),
    )


def _assigned(flow: Flow, owner: Instance, attr: str) -> Iterator[Value]:
    """`self.attr = value` in the methods of the object's classes."""
    for base in flow.hierarchy.order(owner.cls):
        if not isinstance(base, Class):
            continue
        for write in module_writes(flow, base.module).get(attr, ()):
            function = write.function
            if function is None or function.owner is not base or not _is_self(function, write.base):
                continue
            frame = constructor_frame(flow, owner, function) or flow.entry(function, owner)
            if write.value is not None:
                yield from flow.values(write.value, frame)


def _is_self(function: Function, base: ast.expr) -> bool:
    first = next(arguments(function.node), None)
    return isinstance(base, ast.Name) and first is not None and base.id == first.arg


def constructor_frame(flow: Flow, owner: Instance, function: Function) -> Frame | None:
    """The frame of `function` as the `__init__` that made `owner`; None if it is another method."""
    if function.name != "__init__" or not owner.made or not isinstance(owner.node, ast.Call):
        return None
    if flow.hierarchy.method(owner.cls, "__init__") is not function:
        return None
    return flow.enter(FunctionValue(function, owner), owner.node, owner.frame)


def _field(flow: Flow, owner: Instance, attr: str) -> Iterator[Value]:
    """A dataclass, model or named-tuple field, or a plain class attribute."""
    held = flow.hierarchy.attribute(owner.cls, attr)
    if held is None:
        return
    cls, bindings = held
    body = flow.module_frame(cls.module)
    last = bindings[-1]
    if owner.made and isinstance(owner.node, ast.Call) and flow.hierarchy.method(owner.cls, "__init__") is None:
        passed = _passed(flow, owner.cls, attr, owner.node)
        if passed is not None:
            yield from flow.values(passed, owner.frame)
            return
    if last.value is not None and last.how is Binds.ASSIGN:
        yield from flow.values(last.value, body)
    elif isinstance(last.node, ast.AnnAssign):
        yield from variables.typed(flow, last.node.annotation, last.node, body)


def _passed(flow: Flow, cls: Class, attr: str, call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == attr:
            return keyword.value
    if call.args and not any(isinstance(argument, ast.Starred) for argument in call.args):
        fields = [
            binding.name
            for base in reversed(flow.hierarchy.order(cls))
            if isinstance(base, Class)
            for held in base.scope.bindings.values()
            for binding in held[-1:]
            if isinstance(binding.node, ast.AnnAssign)
        ]
        if attr in fields and fields.index(attr) < len(call.args):
            return call.args[fields.index(attr)]
    return None


def _foreign_writes(flow: Flow, owner: Instance, attr: str) -> Iterator[Value]:
    """`obj.attr = value` outside the class, where obj is of the class."""
    for write in writes(flow, attr):
        frame = frame_of(flow, write)
        for value in flow.values(write.base, frame):
            if isinstance(value, Instance) and value.cls is owner.cls and write.value is not None:
                yield from flow.values(write.value, frame)
                break


def _of_class(flow: Flow, cls: Class, owner: ClassValue, attr: str, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    method = flow.hierarchy.method(cls, attr)
    if method is not None:
        static = calls.decorated(flow, method, "builtins.classmethod")
        return (FunctionValue(method, owner if static else None),)
    held = flow.hierarchy.attribute(cls, attr)
    if held is not None:
        body = flow.module_frame(held[0].module)
        found = tuple(value for item in held[1] for value in variables.binding(flow, item, body))
        found = (*found, *_set_on_class(flow, held[0], attr))
        if found:
            return tuple(dict.fromkeys(found))
    outside = flow.hierarchy.outside(cls)
    return tuple(Foreign(f"{base}.{attr}", node, frame, owner) for base in outside) or (
        Opaque(f"{cls.name} has no member {attr} that can be found", frame.place(node)),
    )


def _set_on_class(flow: Flow, cls: Class, attr: str) -> Iterator[Value]:
    """`cls.attr = value` in a class method: how a class keeps its only instance."""
    for write in module_writes(flow, cls.module).get(attr, ()):
        function = write.function
        if function is None or function.owner is not cls or write.value is None or not _is_self(function, write.base):
            continue
        if calls.decorated(flow, function, "builtins.classmethod"):
            yield from flow.values(write.value, flow.entry(function))


def item(flow: Flow, base: Value, keys: tuple[object, ...] | None, node: ast.AST, frame: Frame) -> tuple[Value, ...]:
    """What `base[key]` stands for; `keys` None where the key is not literal."""
    match base:
        case Structure(node=ast.Dict() as display) if keys is not None:
            found = [value for key in keys for value in _entry(flow, base, key)]
            return tuple(found) or (Part(base, keys[0], node, frame),)
        case Structure(node=(ast.Tuple() | ast.List()) as display, frame=where) if keys is not None:
            found = []
            for key in keys:
                if isinstance(key, int) and -len(display.elts) <= key < len(display.elts):
                    found.extend(flow.values(display.elts[key], where))
            return tuple(found) or (Part(base, keys[0], node, frame),)
        case Foreign(name=name):
            return (Foreign(f"{name}[]", node, frame, base),)
        case Instance(cls=cls, node=ast.Call(keywords=given), frame=where, made=True) if keys is not None and any(
            name.endswith(".TypedDict") for name in flow.hierarchy.outside(cls)
        ):
            held = [value for word in given if word.arg in keys for value in flow.values(word.value, where)]
            return tuple(held) or (Part(base, keys[0], node, frame),)
        case Opaque():
            return (base,)
        case ClassValue():
            return (base,)
        case Constant(value=None):
            return ()
        case _:
            return (Part(base, keys[0] if keys else None, node, frame),)


def _entry(flow: Flow, display: Structure, key: object) -> Iterator[Value]:
    # `kept = {**kept, "a": 1}` spreads itself: each display is asked once.
    seen: set[Value] = set()
    pending: list[Value] = [display]
    while pending:
        held = pending.pop()
        if held in seen or not isinstance(held, Structure) or not isinstance(held.node, ast.Dict):
            continue
        seen.add(held)
        for name, value in zip(held.node.keys, held.node.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                yield from flow.values(value, held.frame)
            elif name is None:
                for spread in flow.values(value, held.frame):
                    if isinstance(spread, Structure) and isinstance(spread.node, ast.Dict):
                        pending.append(spread)
                    else:
                        yield from item(flow, spread, (key,), value, held.frame)
