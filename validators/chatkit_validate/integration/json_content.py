"""What a value is that was made from a result that does not stream: its JSON, or something that only looks like it."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Structure
from chatkit_validate.flow.influence import influences, operands
from chatkit_validate.integration.processing import RESULT
from chatkit_validate.names.unparse import unparse

if TYPE_CHECKING:
    from chatkit_validate.flow import Flow, Frame, Value

_DUMPS = frozenset({"json.dumps()", "orjson.dumps()", "ujson.dumps()"})
_PRINTERS = frozenset({"builtins.str()", "builtins.repr()", "builtins.format()", "builtins.ascii()"})
_DICTS = frozenset({"builtins.vars()", "dataclasses.asdict()"})


class Shape(Enum):
    """What a value made from a `NonStreamingResult` is.

    BYTES and TEXT are its JSON, DATA is that JSON parsed, QUOTED the JSON written as a JSON string. OBJECT is the
    result itself, CALLED what `result.json()` would give, MISSING an attribute it has not, PRINTED Python's text of
    something that is no text, WRAPPED a container around any of these, UNWRITABLE what `json.dumps` refuses.
    NOTHING has no part in it: None.
    """

    BYTES = 1
    TEXT = 2
    DATA = 3
    QUOTED = 4
    OBJECT = 5
    CALLED = 6
    MISSING = 7
    PRINTED = 8
    WRAPPED = 9
    UNWRITABLE = 10
    NOTHING = 11
    UNKNOWN = 12


_WRONG = (Shape.CALLED, Shape.MISSING, Shape.PRINTED, Shape.UNWRITABLE, Shape.WRAPPED)


def shape(flow: Flow, value: Value) -> Shape:
    """What `value` is; UNKNOWN where it cannot be told or is not made from a result."""
    match value:
        case Constant(value=None):
            return Shape.NOTHING
        case Foreign(node=ast.Call() as call, frame=frame) if frame and value.name == f"{RESULT}.json()":
            # Where `callable(...)` asks first, it is never called.
            return Shape.NOTHING if _if_callable(flow, call, frame) else Shape.CALLED
        case Foreign(name=name) if name.startswith(RESULT):
            return _of_result(name[len(RESULT) :])
        case Foreign(name=name, node=ast.Call() as call, frame=frame) if frame is not None:
            return _of_call(flow, name, call, frame)
        case Structure(node=ast.JoinedStr() as node, frame=frame):
            return _printed(_single(flow, operands(node), frame))
        case Structure(node=ast.Dict() | ast.List() | ast.Tuple() as node, frame=frame):
            return _of_display(flow, node, frame)
        case Structure(node=ast.BinOp(op=ast.Add()) as node, frame=frame):
            return _single(flow, operands(node), frame)
        case _:
            return Shape.UNKNOWN


def _of_result(path: str) -> Shape:
    """`path` leads from the result to the value."""
    if not path:
        return Shape.OBJECT
    if path == ".json":
        return Shape.BYTES
    if path.startswith(".json()"):
        return Shape.CALLED
    if path == ".json.decode()":
        return Shape.TEXT
    if path.startswith(".json"):
        return Shape.UNKNOWN
    return Shape.WRAPPED if path.startswith(".__dict__") else Shape.MISSING


def _of_call(flow: Flow, name: str, call: ast.Call, frame: Frame) -> Shape:
    given = _single(flow, call.args[:1], frame)
    if given in _WRONG:
        return given
    if name.endswith((".loads()", "from_json()")):
        return Shape.DATA if given in {Shape.BYTES, Shape.TEXT} else Shape.UNKNOWN
    if name in _DUMPS:
        written = {Shape.DATA: Shape.TEXT, Shape.TEXT: Shape.QUOTED}
        refused = {Shape.BYTES: Shape.UNWRITABLE, Shape.OBJECT: Shape.UNWRITABLE}
        # A `default=` may make anything of what json itself refuses.
        return (written if call.keywords else written | refused).get(given, Shape.UNKNOWN)
    if name in _PRINTERS:
        # `str(data, "utf-8")` decodes.
        return Shape.TEXT if len(call.args) > 1 and given is Shape.BYTES else _printed(given)
    if name in _DICTS:
        return Shape.WRAPPED if given is Shape.OBJECT else Shape.UNKNOWN
    used = (item.name for part in call.args for item in influences(flow, part, frame) if isinstance(item, Foreign))
    return Shape.BYTES if any(item.startswith(f"{RESULT}.json") for item in used) else Shape.UNKNOWN


def _printed(given: Shape) -> Shape:
    match given:
        case Shape.TEXT | Shape.QUOTED:
            return given
        case Shape.OBJECT | Shape.BYTES | Shape.DATA:
            return Shape.PRINTED
        case _:
            return given if given in _WRONG else Shape.UNKNOWN


def _of_display(flow: Flow, node: ast.Dict | ast.List | ast.Tuple, frame: Frame) -> Shape:
    if isinstance(node, ast.Dict) and None in node.keys:
        # `{**json.loads(result.json)}` is the same object, perhaps with more in it.
        return Shape.UNKNOWN
    held = node.values if isinstance(node, ast.Dict) else node.elts
    return Shape.UNKNOWN if _single(flow, held, frame) is Shape.UNKNOWN else Shape.WRAPPED


def _single(flow: Flow, parts: list[ast.expr], frame: Frame) -> Shape:
    """What the first of `parts` is that is made from a result."""
    shapes = [shape(flow, value) for part in parts for value in flow.values(part, frame)]
    return next((each for each in shapes if each not in {Shape.UNKNOWN, Shape.NOTHING}), Shape.UNKNOWN)


def _if_callable(flow: Flow, call: ast.AST, frame: Frame) -> bool:
    """Whether `call` is made only where `callable(...)` holds, which it does for no bytes."""
    parents = flow.parents(frame)
    node: ast.AST | None = call
    while node is not None and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        above = parents.get(node)
        if isinstance(above, ast.If | ast.IfExp):
            body = above.body if isinstance(above.body, list) else [above.body]
            asks = isinstance(above.test, ast.Call) and unparse(above.test.func) == "callable"
            if asks and any(one is node for one in body):
                return True
        node = above
    return False
