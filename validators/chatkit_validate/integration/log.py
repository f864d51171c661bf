"""Log calls and prints, and the credentials that reach them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, Instance, Part, Structure
from chatkit_validate.integration import credential, modules
from chatkit_validate.integration.credential import Credential
from chatkit_validate.integration.settings import is_settings
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame, Value
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.source import Place

_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace", "success"})
_LOGGERS = ("logging.getLogger()", "logging.", "structlog.", "loguru.logger", "logbook.", "picologging.")
_PRINTS = frozenset(
    {"builtins.print", "pprint.pprint", "rich.print", "sys.stderr.write", "sys.stdout.write", "typer.echo"}
)
_FILES = ("builtins.open()", "sys.stderr", "sys.stdout", "pathlib.Path().open()", "aiofiles.open()")
# What these give says nothing of what they are given.
_HIDES = frozenset(
    [
        "len",
        "bool",
        "type",
        "isinstance",
        "hash",
        "id",
        "sha256",
        "sha1",
        "md5",
        "hexdigest",
        "mask",
        "redact",
        "sanitize",
        "masked",
        "any",
        "all",
        "int",
        "float",
        "count",
        "startswith",
        "endswith",
        "keys",
        "index",
        "find",
        "get_unverified_header",
        "hasattr",
        "callable",
        "sorted_keys",
    ]
)
_STEPS = 8


@dataclass(frozen=True, slots=True)
class Logged:
    """A credential in a log call.

    Attributes:
        where: The log call.
        what: The kind of credential.
        leaf: The expression inside the call that brings it in.
        origin: Where it comes from; the leaf itself where only its name says so.
        text: The leaf as written.
    """

    where: Place
    what: Credential
    leaf: Place
    origin: Place
    text: str


@dataclass(frozen=True, slots=True)
class Logging:
    """What the application writes to logs.

    Attributes:
        calls: How many log calls were read.
        logged: The credentials among what they are given, in order of path and line.
        first: The first log call.
    """

    calls: int
    logged: tuple[Logged, ...]
    first: Place | None


def logging(integration: Integration, root: str) -> Logging:
    """Reads every log call in the modules that the application imports."""
    count, first = 0, None
    found: dict[tuple[Place, Credential], Logged] = {}
    flow = integration.flow
    for module in integration.once(modules.modules, root):
        for frame, call in integration.routing.calls(module):
            if not is_log(flow, call, frame):
                continue
            count += 1
            place = frame.place(call)
            first = first or place
            for argument in (*call.args, *(word.value for word in call.keywords)):
                for logged in _within(flow, argument, frame, place, _STEPS):
                    found.setdefault((place, logged.what), logged)
    return Logging(count, tuple(sorted(found.values(), key=lambda one: one.where)), first)


def is_log(flow: Flow, call: ast.Call, frame: Frame) -> bool:
    """Whether `call` prints, logs, or writes to a stream or an opened file."""
    function = call.func
    scope = frame.function.scope if frame.function else frame.module.scope
    if isinstance(function, ast.Name):
        return flow.project.external(function, scope) in _PRINTS
    if not isinstance(function, ast.Attribute) or function.attr not in {*_METHODS, "write", "print", "pprint", "echo"}:
        return False
    name = flow.project.external(function, scope)
    if name in _PRINTS:
        return True
    owners = flow.values(function.value, frame)
    prefixes = _FILES if function.attr == "write" else _LOGGERS
    if any(isinstance(owner, Foreign) and owner.name.startswith(prefixes) for owner in owners):
        return True
    named = function.value.attr if isinstance(function.value, ast.Attribute) else getattr(function.value, "id", "")
    return function.attr in _METHODS and named.lower().lstrip("_") in {"logger", "log", "logging"}


def _within(flow: Flow, node: ast.expr, frame: Frame, call: Place, steps: int) -> Iterator[Logged]:
    """The credentials that `node` shows when it is printed."""
    if steps == 0:
        return
    found = _leaf(flow, node, frame, call)
    if found is not None:
        yield found
        return
    match node:
        case ast.Name():
            for value in flow.values(node, frame):
                if isinstance(value, Structure) and isinstance(value.node, ast.JoinedStr | ast.BinOp | ast.Dict):
                    yield from _parts(flow, value.node, value.frame, call, steps)
        case ast.Call():
            yield from _called(flow, node, frame, call, steps)
        case _:
            yield from _parts(flow, node, frame, call, steps)


def _parts(flow: Flow, node: ast.expr, frame: Frame, call: Place, steps: int) -> Iterator[Logged]:
    match node:
        case ast.JoinedStr(values=values):
            inner = [part.value for part in values if isinstance(part, ast.FormattedValue)]
        case ast.BinOp(left=left, right=right):
            inner = [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            inner = [body, orelse]
        case ast.BoolOp(values=values):
            inner = values
        case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
            inner = values
        case ast.Dict(values=values):
            inner = values
        case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
            inner = [value]
        case ast.Subscript(value=value, slice=ast.Slice()):
            inner = [value]
        case ast.DictComp(value=value, generators=[ast.comprehension(iter=source, ifs=[])]):
            inner = [value, source]
        case _:
            return
    for part in inner:
        yield from _within(flow, part, frame, call, steps - 1)


def _called(flow: Flow, node: ast.Call, frame: Frame, call: Place, steps: int) -> Iterator[Logged]:
    """Conversions (`str(x)`, `dict(x)`, `x.decode()`) show what they are given; measures and hashes do not."""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in _HIDES or name.startswith(("mask", "redact", "verify", "_mask", "_redact", "is_", "has_", "hash")):
        return
    if isinstance(function, ast.Attribute) and name in {
        "decode",
        "strip",
        "replace",
        "format",
        "join",
        "split",
        "lower",
    }:
        yield from _within(flow, function.value, frame, call, steps - 1)
    if name in {"str", "repr", "dict", "list", "dumps", "format", "join", "pformat"}:
        for argument in (*node.args, *(word.value for word in node.keywords)):
            yield from _within(flow, argument, frame, call, steps - 1)


def _leaf(flow: Flow, node: ast.expr, frame: Frame, call: Place) -> Logged | None:
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        return None
    values = flow.values(node, frame)
    for value in values:
        what = credential.by_origin(flow, value) or _settings(flow, value)
        if what is not None:
            return Logged(call, what, frame.place(node), _origin(value) or frame.place(node), unparse(node)[:60])
    inner = node.value if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) else node
    named = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
    if isinstance(inner, ast.Attribute) and named == "headers" and _is_request(inner.value):
        return Logged(call, Credential.HEADERS, frame.place(node), frame.place(node), unparse(node)[:60])
    what = credential.by_name(named) if named else None
    if what is None or credential.is_literal(values) or credential.streamed(values) or _harmless(values):
        return None
    return Logged(call, what, frame.place(node), frame.place(node), unparse(node)[:60])


def _is_request(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in {"request", "req"}


def _harmless(values: tuple[Value, ...]) -> bool:
    """A condition, a count, a class: something the name does not speak of."""
    return bool(values) and all(
        (isinstance(value, Structure) and isinstance(value.node, ast.Compare | ast.UnaryOp))
        or (isinstance(value, Constant))
        for value in values
    )


def _settings(flow: Flow, value: Value) -> Credential | None:
    base = value.base if isinstance(value, Part) else None
    for one in (value, base):
        if isinstance(one, Instance) and is_settings(flow, one.cls) and credential.secret_fields(one.cls):
            return Credential.SETTINGS if one is value else None
    return None


def _origin(value: Value) -> Place | None:
    node, frame = getattr(value, "node", None), getattr(value, "frame", None)
    return frame.place(node) if node is not None and frame is not None else None
