"""Operators: on Python's own values as Python has it, on columns as parts of a statement, on the rest if known."""

from __future__ import annotations

import ast
import operator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal import access
from chatkit_validate.integration.rehearsal.relation import Clause, clause
from chatkit_validate.integration.rehearsal.tables import Result
from chatkit_validate.integration.rehearsal.values import NATIVE, Made, Object, Text, Unknown, Value, owner_of, thrown

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_ORDER = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}
_WORDS = {
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_PLAIN = (*NATIVE, datetime, date, timedelta, list, tuple, dict, set, frozenset)
_LARGE = 100_000


def binary(machine: Machine, op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`."""
    if isinstance(left, Clause) or isinstance(right, Clause):
        return _of_clauses(op, left, right)
    if isinstance(op, ast.Mod) and isinstance(left, str | Text):
        return _percent(left, right)
    if isinstance(op, ast.Add) and isinstance(left, str | Text | Unknown) and isinstance(right, str | Text | Unknown):
        return join([left, right])
    function = _BINARY.get(type(op))
    if function is not None and isinstance(left, _PLAIN) and isinstance(right, _PLAIN) and _small(op, left, right):
        try:
            return function(left, right)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
            raise thrown(type(error).__name__) from None
    if isinstance(left, list) and isinstance(op, ast.Add):
        return [*left, *access.iterate(machine, right)]
    return Unknown("a calculation", owner_of(left, right), (left, right))


def _small(op: ast.operator, left: Value, right: Value) -> bool:
    """Whether a product is no text or list of a size that nobody wants to wait for."""
    if not isinstance(op, ast.Mult):
        return True
    sized = next((item for item in (left, right) if isinstance(item, str | bytes | list | tuple)), None)
    if sized is None:
        return all(not isinstance(item, int) or abs(item) < 2**64 for item in (left, right))
    factor = right if sized is left else left
    return isinstance(factor, int) and len(sized) * factor < _LARGE


def _of_clauses(op: ast.operator, left: Value, right: Value) -> Value:
    match op:
        case ast.BitAnd():
            return clause("and", [clause_of(left), clause_of(right)])
        case ast.BitOr():
            return clause("or", [clause_of(left), clause_of(right)])
        case _:
            return clause("arithmetic", type(op).__name__, clause_of(left), clause_of(right))


def clause_of(value: Value) -> Clause:
    """`value` as a part of a statement."""
    return value if isinstance(value, Clause) else clause("value", value)


def unary(machine: Machine, op: ast.unaryop, value: Value) -> Value:
    """`op value`."""
    match op:
        case ast.Not():
            return not machine.truth(value)
        case ast.Invert() if isinstance(value, Clause):
            return clause("not", value)
        case ast.USub() if isinstance(value, int | float | timedelta):
            return -value
        case ast.UAdd():
            return value
        case _:
            return Unknown("a calculation", owner_of(value), (value,))


def compare(machine: Machine, op: ast.cmpop, left: Value, right: Value) -> Value:
    """`left op right`; a condition of a statement where one of them is a column."""
    if (isinstance(left, Clause) or isinstance(right, Clause)) and type(op) in _WORDS:
        if isinstance(op, ast.Is | ast.IsNot):
            return isinstance(op, ast.IsNot)
        return clause("compare", _WORDS[type(op)], clause_of(left), clause_of(right))
    match op:
        case ast.Is() | ast.IsNot():
            same = _identical(machine, left, right)
            return same if isinstance(op, ast.Is) else not same
        case ast.Eq() | ast.NotEq():
            known = equal(machine, left, right)
            if known is None:
                known = machine.choose(f"whether {left!r} is {right!r}"[:80])
            return known if isinstance(op, ast.Eq) else not known
        case ast.In() | ast.NotIn():
            held = access.contains(machine, right, left)
            return held if isinstance(op, ast.In) else not held
        case _:
            return _ordered(op, left, right)


def _identical(machine: Machine, left: Value, right: Value) -> bool:
    if left is None or right is None:
        other = right if left is None else left
        if isinstance(other, Unknown) and other.truth is None and not other.owner:
            return machine.choose(f"whether {other.label} is None")
        return other is None
    return left is right or (isinstance(left, bool) and left == right)


def equal(_machine: Machine, left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if isinstance(left, Result) or isinstance(right, Result):
        return bool(_status(left) == _status(right))
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _equal_unknown(left, right)
    if isinstance(left, Text) or isinstance(right, Text):
        return bool(left == right)
    if isinstance(left, Object) and isinstance(right, Object):
        return left is right or (left.cls is right.cls and bool(left.fields == right.fields))
    if isinstance(left, Made) and isinstance(right, Made):
        return left is right or (left.name == right.name and bool(left.fields == right.fields))
    if isinstance(left, datetime) and isinstance(right, datetime) and bool(left.tzinfo) != bool(right.tzinfo):
        return False
    return bool(left == right)


def _status(value: Value) -> Value:
    return value.status if isinstance(value, Result) else value


def _equal_unknown(left: Value, right: Value) -> bool | None:
    if left == right:
        return True
    owners = [value.owner for value in (left, right) if isinstance(value, Unknown)]
    if all(owners):
        # Two users, or a user and a constant of the program: nobody is called "anonymous".
        return False
    other = right if isinstance(left, Unknown) and not left.owner else left
    if other is None:
        unknown = left if isinstance(left, Unknown) else right
        return False if unknown.truth else None
    return None


def _ordered(op: ast.cmpop, left: Value, right: Value) -> Value:
    compared: Value = _ORDER.get(type(op))
    if compared is not None and isinstance(left, _PLAIN) and isinstance(right, _PLAIN):
        if isinstance(left, datetime) and isinstance(right, datetime) and bool(left.tzinfo) != bool(right.tzinfo):
            raise thrown("TypeError", "can't compare offset-naive and offset-aware datetimes")
        try:
            return compared(left, right)
        except TypeError:
            raise thrown("TypeError", "not comparable") from None
    return Unknown("a comparison", owner_of(left, right), (left, right)) if not owner_of(left, right) else True


def join(pieces: list[Value]) -> Value:
    """The pieces as one string."""
    flat: list[Value] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Text) else (piece,):
            if isinstance(part, str) and flat and isinstance(flat[-1], str):
                flat[-1] += part
            elif part != "":
                flat.append(part)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 and isinstance(flat[0], str) else Text(tuple(flat))


def formatted(value: Value, spec: Value = "", *, shown: bool = False) -> Value:
    """`f"{value:spec}"`; widths are left out, so that nothing grows."""
    if isinstance(value, str):
        return repr(value) if shown else str(value)
    if isinstance(value, Text):
        return value
    if isinstance(value, datetime | date) and isinstance(spec, str) and "%" in spec:
        return value.strftime(spec)
    if isinstance(value, (*NATIVE, datetime, date)):
        return str(value)
    if isinstance(value, Unknown):
        return value
    return access.text(value)


def _percent(template: Value, given: Value) -> Value:
    values = list(given) if isinstance(given, tuple) else [given]
    whole = template.parts if isinstance(template, Text) else (template,)
    pieces: list[Value] = []
    for part in whole:
        if not isinstance(part, str):
            pieces.append(part)
            continue
        position = 0
        while (at := part.find("%", position)) != -1:
            pieces.append(part[position:at])
            end = at + 1
            key = None
            if part[end : end + 1] == "(" and ")" in part[end:]:
                close = part.index(")", end)
                key, end = part[end + 1 : close], close + 1
            while end < len(part) and part[end] in "-+ #0123456789.":
                end += 1
            if part[end : end + 1] == "%":
                pieces.append("%")
            elif key is not None and isinstance(given, dict):
                pieces.append(formatted(given.get(key)))
            elif values:
                pieces.append(formatted(values.pop(0)))
            position = end + 1
        pieces.append(part[position:])
    return join(pieces)
