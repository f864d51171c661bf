"""What an annotation says: the type, and the metadata of `Annotated`, aliases followed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.names import Class, External, Module, Namespace, Project, Scope, Variable, annotation
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from chatkit_validate.names import Definition

_HOPS = 12
_OPTIONAL = frozenset({"typing.Optional", "typing.Final", "typing.ClassVar", "typing.Required", "typing.NotRequired"})


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """An annotation taken apart.

    Attributes:
        types: The classes or library classes it names, `None` left out; several for a union.
        metadata: What stands after the type in `Annotated[...]`, with the scope to read it in.
        nullable: Whether `None` is among its types.
    """

    types: tuple[Class | External, ...]
    metadata: tuple[tuple[ast.expr, Scope], ...] = ()
    nullable: bool = False


def read(project: Project, expression: ast.expr, scope: Scope) -> Annotation:
    """What `expression` says as an annotation in `scope`."""
    types: list[Class | External] = []
    metadata: list[tuple[ast.expr, Scope]] = []
    nullable = False
    pending: list[tuple[ast.expr, Scope, int]] = [(expression, scope, _HOPS)]
    while pending:
        current, where, hops = pending.pop()
        if hops == 0:
            continue
        match current:
            case ast.Constant(value=None):
                nullable = True
            case ast.Constant(value=str() as text):
                parsed = annotation(text)
                if parsed is not None:
                    pending.append((parsed, where, hops - 1))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                pending.extend([(right, where, hops - 1), (left, where, hops - 1)])
            case ast.Subscript(value=base, slice=inner):
                nullable |= _subscript(project, base, inner, where, hops, pending, types, metadata)
            case ast.Name() | ast.Attribute():
                _name(project, current, where, hops, pending, types)
            case _:
                continue
    return Annotation(tuple(dict.fromkeys(types)), tuple(metadata), nullable)


def _subscript(
    project: Project,
    base: ast.expr,
    inner: ast.expr,
    scope: Scope,
    hops: int,
    pending: list[tuple[ast.expr, Scope, int]],
    types: list[Class | External],
    metadata: list[tuple[ast.expr, Scope]],
) -> bool:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    name = project.external(base, scope)
    if name == "typing.Annotated":
        pending.append((parts[0], scope, hops - 1))
        metadata.extend((part, scope) for part in parts[1:])
    elif name == "typing.Union":
        pending.extend((part, scope, hops - 1) for part in reversed(parts))
    elif name in _OPTIONAL:
        pending.append((parts[0], scope, hops - 1))
        return name == "typing.Optional"
    elif name.endswith(".FromDishka"):
        # dishka's marker: the container makes the object, the annotation says which class.
        pending.append((parts[0], scope, hops - 1))
    else:
        types.extend(item for item in project.resolve(base, scope) if isinstance(item, Class | External))
    return False


def _name(
    project: Project,
    expression: ast.Name | ast.Attribute,
    scope: Scope,
    hops: int,
    pending: list[tuple[ast.expr, Scope, int]],
    types: list[Class | External],
) -> None:
    for item in _once(project, expression, scope):
        if isinstance(item, Class | External):
            types.append(item)
        elif isinstance(item, Variable):
            values = (binding.value for binding in item.bindings if not binding.unpack)
            pending.extend((value, item.scope, hops - 1) for value in values if value is not None)


def _once(project: Project, expression: ast.Name | ast.Attribute, scope: Scope) -> tuple[Definition, ...]:
    if isinstance(expression, ast.Name):
        return project.lookup(scope, expression.id)
    found: list[Definition] = []
    for owner in project.resolve(expression.value, scope):
        if isinstance(owner, Module | Namespace | Class | External):
            found.extend(project.attribute(owner, expression.attr))
    return tuple(found)
