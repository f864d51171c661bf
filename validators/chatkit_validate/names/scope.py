"""Scopes and what binds a name in them, read in one pass over the statements of a body."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.names.syntax import arguments, blocks, parent_map
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatkit_validate.names.module import Module


class Binds(Enum):
    """The ways Python gives a name a meaning."""

    IMPORT = 1
    FUNCTION = 2
    CLASS = 3
    ASSIGN = 4
    AUGMENT = 5
    ITERATE = 6
    ENTER = 7
    EXCEPT = 8
    PARAMETER = 9
    CAPTURE = 10


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One place that binds a name.

    Attributes:
        name: The bound name.
        how: The kind of binding.
        node: The statement (or argument, or named expression) that binds.
        value: The expression the value comes from, where there is one.
        unpack: Position inside the unpacked value, outermost first; empty when the value is bound whole.
        target: The project's function or class, for definitions.
        source: Imports: absolute or relative module as written, leading dots included.
        member: Imports: the member taken from `source`; empty when the module itself is bound.
    """

    name: str
    how: Binds
    node: ast.AST
    value: ast.expr | None = None
    unpack: tuple[int, ...] = ()
    target: Function | Class | None = None
    source: str = ""
    member: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Scope:
    """A namespace: a module's, a class's or a function's.

    Attributes:
        module: The module it stands in.
        owner: The function or class whose body it is; None for the module's own.
        parent: The enclosing scope; None for the module's own.
        bindings: What binds each name, in source order.
        outer: Names declared `global` or `nonlocal` here.
        stars: Modules imported with `*`, as written, leading dots included.
        functions: Functions defined directly here.
        classes: Classes defined directly here.
    """

    module: Module
    owner: Function | Class | None
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    stars: list[str] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)

    def add(self, binding: Binding) -> None:
        """Records `binding` after those already known."""
        self.bindings.setdefault(binding.name, []).append(binding)


@dataclass(slots=True, eq=False, repr=False)
class Function:
    """A function or method of the project.

    Attributes:
        node: Its definition.
        outside: The scope it is defined in.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef
    outside: Scope
    _scope: Scope | None = None
    _parents: dict[ast.AST, ast.AST] | None = None

    @property
    def name(self) -> str:
        """Its name as defined."""
        return self.node.name

    @property
    def module(self) -> Module:
        """The module that defines it."""
        return self.outside.module

    @property
    def owner(self) -> Class | None:
        """The class it is a method of."""
        owner = self.outside.owner
        return owner if isinstance(owner, Class) else None

    @property
    def qualname(self) -> str:
        """Dotted name inside its module, as Python's `__qualname__` without `<locals>`."""
        return qualname(self.outside, self.name)

    @property
    def scope(self) -> Scope:
        """Its own namespace, read on first use."""
        if self._scope is None:
            self._scope = Scope(self.module, self, self.outside)
            for argument in arguments(self.node):
                self._scope.add(Binding(argument.arg, Binds.PARAMETER, argument))
            collect(self._scope, self.node.body)
        return self._scope

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The syntactic parent of every node in it, nested functions included."""
        if self._parents is None:
            self._parents = parent_map(self.node)
        return self._parents


@dataclass(slots=True, eq=False, repr=False)
class Class:
    """A class of the project.

    Attributes:
        node: Its definition.
        outside: The scope it is defined in.
    """

    node: ast.ClassDef
    outside: Scope
    _scope: Scope | None = None

    @property
    def name(self) -> str:
        """Its name as defined."""
        return self.node.name

    @property
    def module(self) -> Module:
        """The module that defines it."""
        return self.outside.module

    @property
    def qualname(self) -> str:
        """Dotted name inside its module, as Python's `__qualname__` without `<locals>`."""
        return qualname(self.outside, self.name)

    @property
    def scope(self) -> Scope:
        """Its own namespace, read on first use."""
        if self._scope is None:
            self._scope = Scope(self.module, self, self.outside)
            collect(self._scope, self.node.body)
        return self._scope

    def own(self, name: str) -> Function | None:
        """The method `name` as this class itself defines it last, or None."""
        for binding in reversed(self.scope.bindings.get(name, ())):
            if isinstance(binding.target, Function):
                return binding.target
        return None


def qualname(outside: Scope, name: str) -> str:
    """The dotted name of `name` defined in `outside`, without its module."""
    return f"{outside.owner.qualname}.{name}" if outside.owner else name


def collect(scope: Scope, body: Sequence[ast.stmt]) -> None:
    """Records into `scope` every binding that the statements of `body` make, compound statements included."""
    stack: list[ast.stmt] = list(reversed(body))
    while stack:
        statement = stack.pop()
        _RECORD.get(type(statement), _ignore)(scope, statement)
        for block in reversed(blocks(statement)):
            stack.extend(reversed(block))


def _ignore(scope: Scope, statement: ast.stmt) -> None:
    """Statements that bind nothing."""


def _function(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)  # noqa: S101 - narrows for the type checker
    function = Function(statement, scope)
    scope.functions.append(function)
    scope.add(Binding(statement.name, Binds.FUNCTION, statement, target=function))


def _class(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.ClassDef)  # noqa: S101 - narrows for the type checker
    cls = Class(statement, scope)
    scope.classes.append(cls)
    scope.add(Binding(statement.name, Binds.CLASS, statement, target=cls))


def _import(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Import)  # noqa: S101 - narrows for the type checker
    for alias in statement.names:
        name = alias.asname or alias.name.partition(".")[0]
        source = alias.name if alias.asname else name
        scope.add(Binding(name, Binds.IMPORT, statement, source=source))


def _import_from(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.ImportFrom)  # noqa: S101 - narrows for the type checker
    source = "." * statement.level + (statement.module or "")
    for alias in statement.names:
        if alias.name == "*":
            scope.stars.append(source)
        else:
            scope.add(Binding(alias.asname or alias.name, Binds.IMPORT, statement, source=source, member=alias.name))


def _assign(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Assign)  # noqa: S101 - narrows for the type checker
    for target in statement.targets:
        _target(scope, target, Binds.ASSIGN, statement, statement.value)
    _walrus(scope, statement.value)


def _annotated(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.AnnAssign)  # noqa: S101 - narrows for the type checker
    _target(scope, statement.target, Binds.ASSIGN, statement, statement.value)


def _augmented(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.AugAssign)  # noqa: S101 - narrows for the type checker
    _target(scope, statement.target, Binds.AUGMENT, statement, statement.value)


def _loop(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.For | ast.AsyncFor)  # noqa: S101 - narrows for the type checker
    _target(scope, statement.target, Binds.ITERATE, statement, statement.iter)


def _enter(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.With | ast.AsyncWith)  # noqa: S101 - narrows for the type checker
    for item in statement.items:
        if item.optional_vars is not None:
            _target(scope, item.optional_vars, Binds.ENTER, statement, item.context_expr)


def _try(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Try | ast.TryStar)  # noqa: S101 - narrows for the type checker
    for handler in statement.handlers:
        if handler.name:
            scope.add(Binding(handler.name, Binds.EXCEPT, handler))


def _outer(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Global | ast.Nonlocal)  # noqa: S101 - narrows for the type checker
    scope.outer.update(statement.names)


def _test(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.If | ast.While)  # noqa: S101 - narrows for the type checker
    _walrus(scope, statement.test)


def _expression(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Expr | ast.Return)  # noqa: S101 - narrows for the type checker
    if statement.value is not None:
        _walrus(scope, statement.value)


def _match(scope: Scope, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Match)  # noqa: S101 - narrows for the type checker
    for case in statement.cases:
        for node in ast.walk(case.pattern):
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if isinstance(name, str):
                scope.add(Binding(name, Binds.CAPTURE, node, statement.subject))


def _walrus(scope: Scope, expression: ast.expr) -> None:
    # Walking every expression is worth it only where a file has the operator at all.
    if isinstance(expression, ast.Constant | ast.Name | ast.Attribute) or not scope.module.walrus:
        return
    for node in ast.walk(expression):
        if isinstance(node, ast.NamedExpr):
            scope.add(Binding(node.target.id, Binds.ASSIGN, node, node.value))


def _target(
    scope: Scope,
    target: ast.expr,
    how: Binds,
    node: ast.AST,
    value: ast.expr | None,
    unpack: tuple[int, ...] = (),
) -> None:
    match target:
        case ast.Name(id=name):
            scope.add(Binding(name, how, node, value, unpack))
        case ast.Starred(value=inner):
            _target(scope, inner, how, node, value, unpack)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            _targets(scope, elements, how, node, value, unpack)
        case _:
            return


def _targets(
    scope: Scope,
    elements: Iterable[ast.expr],
    how: Binds,
    node: ast.AST,
    value: ast.expr | None,
    unpack: tuple[int, ...],
) -> None:
    for position, element in enumerate(elements):
        _target(scope, element, how, node, value, (*unpack, position))


_RECORD = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.With: _enter,
    ast.AsyncWith: _enter,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Global: _outer,
    ast.Nonlocal: _outer,
    ast.If: _test,
    ast.While: _test,
    ast.Expr: _expression,
    ast.Return: _expression,
    ast.Match: _match,
}
