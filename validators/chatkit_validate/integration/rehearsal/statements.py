"""Running statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal import access, binding, naming
from chatkit_validate.integration.rehearsal.values import (
    Callable,
    Generated,
    Library,
    Made,
    Object,
    ThrownError,
    Unknown,
    Value,
    thrown,
)

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.environment import Environment
    from chatkit_validate.integration.rehearsal.machine import Machine

_ROUNDS = 400


class ReturnSignal(Exception):  # noqa: N818 - control flow, no error
    """A `return`."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class BreakSignal(Exception):  # noqa: N818 - same
    """A `break`."""


class ContinueSignal(Exception):  # noqa: N818 - same
    """A `continue`."""


def execute(machine: Machine, body: list[ast.stmt], environment: Environment) -> None:
    """Runs the statements of `body`."""
    for statement in body:
        machine.step(statement, environment.module)
        _statement(machine, statement, environment)


def _statement(machine: Machine, statement: ast.stmt, environment: Environment) -> None:
    match statement:
        case ast.Expr(value=value):
            machine.evaluate(value, environment)
        case ast.Assign(targets=targets, value=value):
            given = machine.evaluate(value, environment)
            for target in targets:
                binding.assign(machine, target, given, environment)
        case ast.AnnAssign(target=target, value=value):
            if value is not None:
                binding.assign(machine, target, machine.evaluate(value, environment), environment)
        case ast.AugAssign():
            binding.augment(machine, statement, environment)
        case ast.Return(value=value):
            raise ReturnSignal(machine.evaluate(value, environment) if value is not None else None)
        case ast.If(test=test, body=body, orelse=orelse):
            execute(machine, body if machine.truth(machine.evaluate(test, environment)) else orelse, environment)
        case ast.For() | ast.AsyncFor():
            _loop(machine, statement, environment)
        case ast.While():
            _while(machine, statement, environment)
        case ast.Raise(exc=exc):
            _raise(machine, exc, statement, environment)
        case ast.Try():
            _try(machine, statement, environment)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            _with(machine, items, body, environment)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            environment.names[statement.name] = naming.nested(statement, environment)
        case ast.Import() | ast.ImportFrom():
            naming.imported(machine, statement, environment)
        case ast.Assert(test=test):
            if not machine.truth(machine.evaluate(test, environment)):
                raise thrown("AssertionError")
        case ast.Delete(targets=targets):
            for target in targets:
                binding.delete(machine, target, environment)
        case ast.Break():
            raise BreakSignal
        case ast.Continue():
            raise ContinueSignal
        case ast.Match():
            _match(machine, statement, environment)
        case _:
            return


def _loop(machine: Machine, statement: ast.For | ast.AsyncFor, environment: Environment) -> None:
    items = access.iterate(machine, machine.evaluate(statement.iter, environment))
    for number, item in enumerate(items):
        if number > _ROUNDS:
            break
        binding.assign(machine, statement.target, item, environment)
        try:
            execute(machine, statement.body, environment)
        except BreakSignal:
            return
        except ContinueSignal:
            continue
    execute(machine, statement.orelse, environment)


def _while(machine: Machine, statement: ast.While, environment: Environment) -> None:
    for _ in range(_ROUNDS):
        if not machine.truth(machine.evaluate(statement.test, environment)):
            execute(machine, statement.orelse, environment)
            return
        try:
            execute(machine, statement.body, environment)
        except BreakSignal:
            return
        except ContinueSignal:
            continue


def _raise(machine: Machine, raised: ast.expr | None, statement: ast.stmt, environment: Environment) -> None:
    if raised is None:
        current = environment.holder("__caught__")
        raise ThrownError(current.names["__caught__"] if current else Made("builtins.RuntimeError", {}), statement)
    error = machine.evaluate(raised, environment)
    if isinstance(error, Library) or not isinstance(error, Made | Object | Unknown):
        error = machine.call(error, [])
    raise ThrownError(error, statement)


def _try(machine: Machine, statement: ast.Try, environment: Environment) -> None:
    machine.caught.append(tuple(_caught_names(machine, statement, environment)))
    try:
        try:
            execute(machine, statement.body, environment)
        finally:
            machine.caught.pop()
    except ThrownError as error:
        try:
            if not _handled(machine, statement, error, environment):
                raise
        finally:
            execute(machine, statement.finalbody, environment)
        return
    except (ReturnSignal, BreakSignal, ContinueSignal):
        execute(machine, statement.finalbody, environment)
        raise
    try:
        execute(machine, statement.orelse, environment)
    finally:
        execute(machine, statement.finalbody, environment)


def _caught_names(machine: Machine, statement: ast.Try, environment: Environment) -> list[str]:
    """The library classes that the handlers of `statement` name."""
    kinds = (kind for handler in statement.handlers for kind in _kinds(machine, handler, environment))
    return [kind.name for kind in kinds if isinstance(kind, Library)]


def _kinds(machine: Machine, handler: ast.ExceptHandler, environment: Environment) -> list[Value]:
    if handler.type is None:
        return [Library("builtins.BaseException")]
    value = machine.evaluate(handler.type, environment)
    return list(value) if isinstance(value, tuple | list) else [value]


def _handled(machine: Machine, statement: ast.Try, error: ThrownError, environment: Environment) -> bool:
    for handler in statement.handlers:
        kinds = _kinds(machine, handler, environment)
        answers = [machine.is_a(error.error, kind) for kind in kinds]
        matches = True in answers or (
            None in answers and machine.choose(f"whether {ast.unparse(handler.type)} is raised" if handler.type else "")
        )
        if not matches:
            continue
        if handler.name:
            environment.names[handler.name] = error.error
        before = environment.names.get("__caught__")
        environment.names["__caught__"] = error.error
        try:
            execute(machine, handler.body, environment)
        finally:
            environment.names["__caught__"] = before
        return True
    return False


def _with(machine: Machine, items: list[ast.withitem], body: list[ast.stmt], environment: Environment) -> None:
    """Enters what the items give; nothing but `contextlib.suppress` is taken to swallow exceptions."""
    swallowed: list[Value] = []
    for item in items:
        manager = machine.evaluate(item.context_expr, environment)
        if isinstance(manager, Made) and manager.name == "contextlib.suppress":
            swallowed.extend(manager.fields["args"])
        entered = _entered(machine, manager)
        if item.optional_vars is not None:
            binding.assign(machine, item.optional_vars, entered, environment)
    try:
        execute(machine, body, environment)
    except ThrownError as error:
        if not any(machine.is_a(error.error, kind) for kind in swallowed):
            raise


def _entered(machine: Machine, manager: Value) -> Value:
    if isinstance(manager, Generated):
        return manager[0] if manager else None
    if isinstance(manager, Object):
        for name in ("__aenter__", "__enter__"):
            found = access.method_of(machine, manager, name)
            if isinstance(found, Callable):
                return machine.call(found, [])
    return manager


def _match(machine: Machine, statement: ast.Match, environment: Environment) -> None:
    subject = machine.evaluate(statement.subject, environment)
    for case in statement.cases:
        if binding.matches(machine, case.pattern, subject, environment) and (
            case.guard is None or machine.truth(machine.evaluate(case.guard, environment))
        ):
            execute(machine, case.body, environment)
            return
