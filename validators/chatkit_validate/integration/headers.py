"""Response headers: literal dictionaries, items set afterwards, and what middleware adds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Part, Structure
from chatkit_validate.flow.blocks import expressions, inside
from chatkit_validate.integration import middleware
from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.application import Router
    from chatkit_validate.integration.model import Integration

Headers = dict[str, "str | None"]


def literal(flow: Flow, expression: ast.expr, frame: Frame) -> Evidence[Headers]:
    """The headers a `headers=` expression gives, names in lower case; a value None where it is not literal.

    Where the expression has alternatives, only what all of them hold.
    """
    return _literal(flow, expression, frame, frozenset())


def _literal(flow: Flow, expression: ast.expr, frame: Frame, within: frozenset[Value]) -> Evidence[Headers]:
    where = frame.place(expression)
    common: Headers | None = None
    for value in flow.values(expression, frame):
        # `headers = {**headers, "X": "y"}` is made from itself, among others.
        if value in within:
            continue
        found = _one(flow, value, within | {value})
        if found is None:
            return Unresolved("the headers are built in a way that cannot be followed", where)
        common = found if common is None else {name: found[name] for name in common if name in found}
    if common is None:
        return Unresolved("the headers are built in a way that cannot be followed", where)
    return Found(common, where)


def _one(flow: Flow, value: Value, within: frozenset[Value]) -> Headers | None:
    match value:
        case Constant(value=None):
            return {}
        case Structure(node=ast.Dict() as node, frame=frame):
            return _display(flow, node, frame, value, within)
        case Structure(node=ast.BinOp(op=ast.BitOr(), left=left, right=right), frame=frame):
            merged: Headers = {}
            for side in (left, right):
                inner = _literal(flow, side, frame, within)
                if not isinstance(inner, Found):
                    return None
                merged.update(inner.value)
            return merged
        case Foreign(name="builtins.dict()", node=ast.Call() as call, frame=frame) if frame is not None:
            named: Headers = {}
            for argument in call.args:
                inner = _literal(flow, argument, frame, within)
                if not isinstance(inner, Found):
                    return None
                named.update(inner.value)
            for keyword in call.keywords:
                if keyword.arg is not None:
                    named[keyword.arg.lower()] = _text(flow, keyword.value, frame)
            return named
        case Part(base=base, key="()") if isinstance(base, Part) and base.key == "copy":
            return _one(flow, base.base, within)
        case _:
            return None


def _display(flow: Flow, node: ast.Dict, frame: Frame, value: Value, within: frozenset[Value]) -> Headers | None:
    found: Headers = {}
    for key, item in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = _literal(flow, item, frame, within)
            if not isinstance(inner, Found):
                return None
            found.update(inner.value)
            continue
        names = flow.constants(key, frame)
        if names is None:
            continue
        for name in names:
            found[str(name).lower()] = _text(flow, item, frame)
    found.update(_items(flow, frame, value))
    return found


def _text(flow: Flow, expression: ast.expr, frame: Frame) -> str | None:
    literals = flow.constants(expression, frame)
    return str(literals[0]) if literals and len(literals) == 1 else None


def _items(flow: Flow, frame: Frame, owner: Value) -> Headers:
    """`headers["Name"] = value` on the dictionary that `owner` is."""
    if frame.function is None:
        return {}
    found: Headers = {}
    for base, key, value in _set_items(frame):
        if isinstance(base, ast.Name) and any(item == owner for item in flow.values(base, frame)):
            for name in flow.constants(key, frame) or ():
                found[str(name).lower()] = _text(flow, value, frame) if value is not None else None
    return found


def _set_items(frame: Frame) -> list[tuple[ast.expr, ast.expr, ast.expr | None]]:
    """`base[key] = value` and `base.update({key: value})` in the frame's own body."""
    body = frame.function.node.body if frame.function else frame.module.file.tree.body
    found: list[tuple[ast.expr, ast.expr, ast.expr | None]] = []
    for statement in inside(body):
        match statement:
            case ast.Assign(targets=targets, value=value):
                found.extend((item.value, item.slice, value) for item in targets if isinstance(item, ast.Subscript))
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=base, attr="update"), args=[ast.Dict(keys=keys, values=values)])
            ):
                found.extend((base, key, item) for key, item in zip(keys, values, strict=True) if key is not None)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=base, attr="setdefault" | "append"), args=[key, value])
            ):
                found.append((base, key, value))
            case _:
                continue
    return found


def set_later(flow: Flow, call: ast.Call, frames: tuple[Frame, ...]) -> Headers:
    """Headers set on the response that `call` makes after it was made: `response.headers["Name"] = value`."""
    found: Headers = {}
    for frame in dict.fromkeys(frames):
        for base, key, value in _set_items(frame):
            if not isinstance(base, ast.Attribute) or base.attr not in {"headers", "raw_headers"}:
                continue
            if any(getattr(owner, "node", None) is call for owner in flow.values(base.value, frame)):
                for name in flow.constants(key, frame) or ():
                    found[str(name).lower()] = _text(flow, value, frame) if value is not None else None
    return found


def by_middleware(integration: Integration, application: Router) -> Evidence[Headers]:
    """Headers that the application's own middleware puts on responses."""
    flow = integration.flow
    found: Headers = {}
    for each in integration.once(middleware.of, application):
        if each.runs is None or each.runs.function is None:
            continue
        for base, key, value in _set_items(each.runs):
            if _of_request(flow, base, each.runs):
                continue
            for name in flow.constants(key, each.runs) or ():
                if isinstance(name, str):
                    found[name.lower()] = _text(flow, value, each.runs) if value is not None else None
        for node in expressions(each.runs.function.node):
            # Plain ASGI middleware writes pairs of bytes.
            if isinstance(node, ast.Tuple) and len(node.elts) == 2:
                pair = [item.value for item in node.elts if isinstance(item, ast.Constant)]
                if len(pair) == 2 and all(isinstance(item, bytes) for item in pair):
                    name, text = (item.decode("latin-1") for item in pair if isinstance(item, bytes))
                    found[name.lower()] = text
    where = application.where
    return Found(found, where) if found else Absent(where)


def _of_request(flow: Flow, base: ast.expr, frame: Frame) -> bool:
    values = flow.values(base, frame)
    return any(isinstance(value, Foreign) and value.name.startswith("starlette.requests.") for value in values)
