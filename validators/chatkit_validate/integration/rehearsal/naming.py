"""What names stand for: locals, modules' globals, imports, libraries."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.environment import Environment
from chatkit_validate.integration.rehearsal.values import Callable, Library, Unknown, Value
from chatkit_validate.names import (
    Binds,
    Class,
    Definition,
    External,
    Function,
    Module,
    Namespace,
    Variable,
    canonical,
)

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine
    from chatkit_validate.names import Scope

_CONTEXT = frozenset({"contextlib.asynccontextmanager", "contextlib.contextmanager"})
_NAMED = {
    "math.inf": float("inf"),
    "datetime.UTC": Library("datetime.timezone.utc"),
    "logging": Unknown("logging", truth=True),
}


def name(machine: Machine, identifier: str, environment: Environment) -> Value:
    """What `identifier` stands for in `environment`."""
    holder = environment.holder(identifier)
    if holder is not None:
        return holder.names[identifier]
    scope: Scope | None = environment.scope
    while scope is not None and scope.parent is not None:
        bindings = scope.bindings.get(identifier)
        if bindings and not isinstance(scope.owner, Class):
            # A function's own name before it is bound, or of an enclosing call that is not rehearsed.
            definitions = [item.target for item in bindings if item.target is not None]
            if definitions:
                return value_of(machine, definitions[-1])
            return Unknown(identifier, truth=True)
        scope = scope.parent
    return member(machine, environment.module, identifier)


def member(machine: Machine, module: Module | Namespace, identifier: str) -> Value:
    """What a module's `identifier` stands for."""
    if isinstance(module, Module):
        key = (module, identifier)
        if key in machine.globals:
            return machine.globals[key]
        found = machine.project.lookup(module.scope, identifier)
    else:
        found = machine.project.members(module, identifier)
    value = value_of(machine, _best(found)) if found else Unknown(identifier, truth=True)
    if isinstance(module, Module):
        machine.globals[module, identifier] = value
    return value


def _best(found: tuple[Definition, ...]) -> Definition:
    """Of several meanings the project's own; a variable only where there is nothing else."""
    for kind in (Class, Function, External, Module):
        for item in found:
            if isinstance(item, kind):
                return item
    return found[0]


def value_of(machine: Machine, definition: Definition) -> Value:
    """The value of what a name was resolved to."""
    match definition:
        case Function():
            return wrapped(machine, definition, Callable(definition.node, definition))
        case External(name=dotted):
            return of_library(machine, dotted)
        case Variable():
            return _variable(machine, definition)
        case _:
            return definition


def of_library(_machine: Machine, dotted: str) -> Value:
    """What a library's name stands for."""
    dotted = canonical(dotted)
    if dotted in _NAMED:
        return _NAMED[dotted]
    if dotted in {"builtins.True", "builtins.False", "builtins.None"}:
        return {"True": True, "False": False, "None": None}[dotted[9:]]
    if dotted in {"os.environ", "sys.argv"}:
        return Unknown(dotted, truth=True)
    return Library(dotted)


def _variable(machine: Machine, variable: Variable) -> Value:
    module = variable.scope.module
    key = (module, variable.name)
    if key in machine.globals:
        return machine.globals[key]
    machine.globals[key] = Unknown(variable.name, truth=True)
    body = machine.bodies.setdefault(module, Environment(module))
    value: Value = Unknown(variable.name, truth=True)
    for binding in variable.bindings:
        if binding.how is Binds.ASSIGN and binding.value is not None and not binding.unpack:
            value = machine.evaluate(binding.value, body)
    if value is None and (module.global_writers(variable.name) or len(variable.bindings) > 1):
        # Something sets it before the first request.
        value = Unknown(variable.name, truth=True)
    machine.globals[key] = value
    return value


def in_class(machine: Machine, cls: Class, identifier: str) -> Value:
    """A plain attribute of a class."""
    key = (cls, identifier)
    if key not in machine.remembered:
        machine.remembered[key] = None
        value: Value = Unknown(f"{cls.name}.{identifier}")
        for binding in cls.scope.bindings[identifier]:
            if isinstance(binding.target, Class):
                value = binding.target
            elif binding.how is Binds.ASSIGN and binding.value is not None:
                value = machine.evaluate(binding.value, Environment(cls.module))
        machine.remembered[key] = value
    return machine.remembered[key]


def nested(node: ast.FunctionDef | ast.AsyncFunctionDef, environment: Environment) -> Value:
    """A function that is defined inside another."""
    bindings = environment.scope.bindings.get(node.name, ())
    function = next((item.target for item in bindings if item.node is node), None)
    found = function if isinstance(function, Function) else Function(node, environment.scope)
    return Callable(node, found, None, environment)


def imported(machine: Machine, statement: ast.Import | ast.ImportFrom, environment: Environment) -> None:
    """Binds what an import inside a function imports."""
    for names in environment.scope.bindings.values():
        for binding in names:
            if binding.node is statement:
                found = machine.project.imported(environment.module, binding.source, binding.member)
                value = value_of(machine, _best(found)) if found else Unknown(binding.name, truth=True)
                environment.names[binding.name] = value


def decorators(machine: Machine, function: Function) -> frozenset[str]:
    """The library decorators of `function`, by their dotted names."""
    if not function.node.decorator_list:
        return frozenset()
    key = ("decorators", function)
    if key not in machine.remembered:
        targets = [item.func if isinstance(item, ast.Call) else item for item in function.node.decorator_list]
        machine.remembered[key] = frozenset(machine.project.external(item, function.outside) for item in targets)
    found: frozenset[str] = machine.remembered[key]
    return found


def is_context(machine: Machine, function: Function | None) -> bool:
    """Whether `with` enters what a call of `function` gives at its first `yield`."""
    return function is not None and bool(decorators(machine, function) & _CONTEXT)


def wrapped(machine: Machine, function: Function, plain: Callable) -> Value:
    """`plain` as the project's own decorators leave it; those of libraries are taken to pass everything on."""
    value: Value = plain
    for decorator in reversed(function.node.decorator_list):
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = machine.project.resolve(target, function.outside)
        if not any(isinstance(item, Function) for item in found):
            continue
        given = machine.evaluate(decorator, Environment(function.module))
        made = machine.call(given, [value])
        if isinstance(made, Callable):
            made.receiver = made.receiver if made.receiver is not None else plain.receiver
            value = made
    return value
