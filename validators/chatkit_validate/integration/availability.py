"""Whether the server is there when a request comes, and what answers where it is not."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import Constant, Foreign, FunctionValue, Instance, Value, calls, variables
from chatkit_validate.flow.attributes import frame_of, writes
from chatkit_validate.flow.blocks import Reaching, block_of, completes, inside
from chatkit_validate.flow.exceptions import Thrown, raised
from chatkit_validate.integration import errors
from chatkit_validate.names import Binds, Variable
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.integration.model import Endpoint, Integration
    from chatkit_validate.names import Function, Module
    from chatkit_validate.source import Place

_STATES = ("fastapi.FastAPI().state", "starlette.requests.Request().state")
_STEPS = 200


class Presence(Enum):
    """What is known of the server when a request comes."""

    ALWAYS = "always"
    BUILT = "built on first use"
    SET = "set before the first request"
    GUARDED = "guarded"
    MISSING = "perhaps missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether the server is there.

    Attributes:
        presence: What is known.
        where: The place that shows it.
        status: What a guard answers; None where there is none or where it cannot be read.
        asserted: Whether the guard is an `assert`.
    """

    presence: Presence
    where: Place
    status: int | None = None
    asserted: bool = False


@dataclass(slots=True, eq=False)
class _Trace:
    """Where the server comes from: the frames its reference passes through, and what could leave it missing."""

    flow: Flow
    frames: list[Frame] = field(default_factory=list)
    states: list[tuple[str, bool]] = field(default_factory=list)
    globals: list[tuple[str, Frame]] = field(default_factory=list)
    nones: list[Constant] = field(default_factory=list)
    seen: set[tuple[ast.AST, Frame]] = field(default_factory=set)

    def follow(self, expression: ast.expr, frame: Frame) -> None:
        """Follows `expression` back to what makes it."""
        if (expression, frame) in self.seen or len(self.seen) > _STEPS:
            return
        self.seen.add((expression, frame))
        if frame not in self.frames:
            self.frames.append(frame)
        match expression:
            case ast.Name():
                self._name(expression, frame)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                self.follow(inner, frame)
            case ast.IfExp(body=body, orelse=orelse):
                self.follow(body, frame)
                self.follow(orelse, frame)
            case ast.BoolOp(values=parts):
                for part in parts:
                    self.follow(part, frame)
            case ast.Constant(value=None):
                self.nones.append(Constant(None, expression, frame))
            case ast.Call():
                self._call(expression, frame)
            case ast.Attribute(value=base, attr=attr):
                if self._is_state(base, frame):
                    self.states.append((attr, False))
            case _:
                return

    def _name(self, node: ast.Name, frame: Frame) -> None:
        current: Frame | None = frame
        while current is not None and current.function is not None:
            scope = current.function.scope
            bindings = scope.bindings.get(node.id)
            if bindings and node.id not in scope.outer:
                if current is frame:
                    bindings = Reaching(bindings, current.function.parents).at(node) or bindings
                for binding in bindings:
                    if binding.how is Binds.PARAMETER and isinstance(binding.node, ast.arg):
                        self._parameter(binding.node, current)
                    elif binding.how is Binds.IMPORT:
                        self._imported(variables.binding(self.flow, binding, current))
                    elif binding.value is not None and not binding.unpack:
                        self.follow(binding.value, current)
                return
            current = current.closure
        self._global(node.id, frame)

    def _global(self, name: str, frame: Frame) -> None:
        for item in self.flow.project.lookup(frame.module.scope, name):
            if not isinstance(item, Variable):
                continue
            module = self.flow.module_frame(item.scope.module)
            self.globals.append((item.name, module))
            for binding in item.bindings:
                if isinstance(binding.value, ast.Constant) and binding.value.value is None:
                    self.nones.append(Constant(None, binding.value, module))
                elif binding.value is not None:
                    self._built_at_import(binding.value, module)

    def _built_at_import(self, value: ast.expr, module: Frame) -> None:
        for found in self.flow.values(value, module):
            if isinstance(found, Constant) and found.value is None:
                self.nones.append(found)

    def _imported(self, values: tuple[Value, ...]) -> None:
        self.nones.extend(value for value in values if isinstance(value, Constant) and value.value is None)

    def _parameter(self, node: ast.arg, frame: Frame) -> None:
        passed = frame.arguments.get(node.arg)
        if passed is not None:
            self.follow(*passed)
            return
        for callee in variables.injected(self.flow, node, frame) or ():
            if isinstance(callee, FunctionValue):
                self._inside(self.flow.enter(callee, None, None))

    def _inside(self, inner: Frame) -> None:
        if inner.function is None:
            return
        if inner not in self.frames:
            self.frames.insert(0, inner)
        for value in calls.returns(inner.function):
            if value is not None:
                self.follow(value, inner)
        for statement in inside(inner.function.node.body):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield) and statement.value.value:
                self.follow(statement.value.value, inner)

    def _call(self, node: ast.Call, frame: Frame) -> None:
        for callee in self.flow.values(node.func, frame):
            match callee:
                case FunctionValue():
                    self._inside(self.flow.enter(callee, node, frame))
                case Foreign(name="builtins.getattr") if len(node.args) > 1 and self._is_state(node.args[0], frame):
                    for attr in self.flow.constants(node.args[1], frame) or ():
                        self.states.append((str(attr), len(node.args) > 2))
                case _:
                    continue

    def _is_state(self, base: ast.expr, frame: Frame) -> bool:
        values = self.flow.values(base, frame)
        return any(isinstance(value, Foreign) and value.name in _STATES for value in values)


def read(integration: Integration, endpoint: Endpoint) -> Availability:
    """Whether the endpoint's server is there when a request comes; ask through `Integration.once`."""
    flow = integration.flow
    processing = endpoint.processing
    trace = _Trace(flow)
    trace.follow(processing.receiver, processing.frame)
    if not processing.servers and not trace.states:
        return Availability(Presence.UNKNOWN, processing.where)
    unset = [(attr, lenient) for attr, lenient in trace.states if lenient or not _always_set(flow, attr)]
    if not trace.nones and not unset:
        return Availability(Presence.ALWAYS, processing.where)
    for frame in trace.frames:
        if guard := _guard(integration, endpoint, frame, trace):
            return guard
    declared = _declared_where_present(flow, endpoint, trace)
    if declared is not None:
        return Availability(Presence.ALWAYS, declared)
    for frame in trace.frames:
        lazy = _lazy(flow, frame, trace)
        if lazy is not None:
            return Availability(Presence.BUILT, lazy)
    names = [attr for attr, _ in trace.states] or [name for name, _ in trace.globals]
    if trace.states and all(_always_set(flow, attr) for attr in names):
        return Availability(Presence.SET, processing.where)
    if trace.globals and any(_set_at_startup(name, frame) for name, frame in trace.globals):
        return Availability(Presence.SET, processing.where)
    return Availability(Presence.MISSING, processing.where)


def _declared_where_present(flow: Flow, endpoint: Endpoint, trace: _Trace) -> Place | None:
    """`if server: @app.post(...)`: where the server is missing there is no route.

    A flag counts where the same condition decides whether the server is made.
    """
    function = endpoint.handler.function
    module = flow.module_frame(function.module)
    node: ast.AST | None = function.node
    while node is not None:
        parent = function.module.parents.get(node)
        if isinstance(parent, ast.If) and node in parent.body:
            same = ast.dump(parent.test)
            made = (above for bound, _ in trace.globals for above in _conditions(bound, function.module))
            if _asks_present(trace, parent.test, module) or same in made:
                return module.place(parent)
        node = parent
    return None


def _conditions(name: str, module: Module) -> Iterator[str]:
    """The tests, as dumped syntax, under which the global `name` is bound."""
    for binding in module.scope.bindings.get(name, ()):
        parent = module.parents.get(binding.node)
        while parent is not None:
            if isinstance(parent, ast.If):
                yield ast.dump(parent.test)
            parent = module.parents.get(parent)


def _always_set(flow: Flow, attr: str) -> bool:
    """Whether some lifespan or start-up function sets `state.attr` whatever the configuration."""
    for write in writes(flow, attr):
        if write.value is None or not isinstance(write.base, ast.Attribute) or write.base.attr != "state":
            continue
        values = flow.values(write.value, frame_of(flow, write))
        if any(isinstance(value, Constant) and value.value is None for value in values):
            continue
        if write.function is None or _unconditional(write.node, write.function):
            return True
    return False


def _set_at_startup(name: str, frame: Frame) -> bool:
    """Whether a lifespan or start-up function binds the global `name` whatever the configuration."""
    for function in frame.module.global_writers(name):
        starts = calls.is_generator(function) or any(
            isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr == "on_event"
            for item in function.node.decorator_list
        )
        for binding in function.scope.bindings.get(name, ()) if starts else ():
            if isinstance(binding.node, ast.stmt) and _unconditional(binding.node, function):
                return True
    return False


def _unconditional(node: ast.stmt, function: Function) -> bool:
    """Whether every run of `function` reaches `node`."""
    parents = function.parents
    current: ast.AST = node
    while current is not function.node:
        parent = parents.get(current)
        if parent is None:
            return False
        if isinstance(parent, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Match | ast.ExceptHandler):
            return False
        if isinstance(parent, ast.Try) and (current not in parent.body or _forgives(parent)):
            return False
        for earlier in block_of(current, parent) or ():
            if earlier is current:
                break
            if isinstance(earlier, ast.stmt) and any(isinstance(item, ast.Return) for item in inside([earlier])):
                return False
        current = parent
    return True


def _forgives(statement: ast.Try) -> bool:
    return any(completes(handler.body) for handler in statement.handlers)


def _guard(integration: Integration, endpoint: Endpoint, frame: Frame, trace: _Trace) -> Availability | None:
    """The statement in the frame's own code that leaves when the server is missing."""
    if frame.function is None:
        return None
    for statement in inside(frame.function.node.body):
        match statement:
            case ast.If(test=test, body=body):
                if _asks_missing(trace, test, frame) and not completes(body):
                    found = _leaves(integration, endpoint, body, frame)
                elif _asks_present(trace, test, frame) and not completes(body):
                    found = _leaves(integration, endpoint, _after(statement, frame), frame)
                else:
                    continue
                if found is not None:
                    return found
            case ast.Assert(test=test) if _asks_present(trace, test, frame):
                thrown = Thrown("builtins.AssertionError", statement, frame)
                status = _status(integration, endpoint, thrown)
                return Availability(Presence.GUARDED, frame.place(statement), status, asserted=True)
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                if found := _guard_within(integration, endpoint, call, frame, trace):
                    return found
            case _:
                continue
    return None


def _guard_within(
    integration: Integration, endpoint: Endpoint, call: ast.Call, frame: Frame, trace: _Trace
) -> Availability | None:
    """As `_guard`, in a function that is given the server."""
    for callee in trace.flow.values(call.func, frame) if call.args or call.keywords else ():
        if isinstance(callee, FunctionValue):
            inner = trace.flow.enter(callee, call, frame)
            given = [name for name, passed in inner.arguments.items() if _is_server(trace, *passed)]
            trace.seen.update((ast.Name(name), inner) for name in given)
            if given and (found := _guard(integration, endpoint, inner, trace)):
                return found
    return None


def _after(statement: ast.stmt, frame: Frame) -> list[ast.stmt]:
    assert frame.function is not None  # noqa: S101 - the caller has one
    parent = frame.function.parents.get(statement)
    block = [item for item in block_of(statement, parent) or () if isinstance(item, ast.stmt)] if parent else []
    position = next((index for index, item in enumerate(block) if item is statement), len(block))
    return block[position + 1 :]


def _leaves(integration: Integration, endpoint: Endpoint, body: list[ast.stmt], frame: Frame) -> Availability | None:
    for statement in inside(body):
        if isinstance(statement, ast.Raise):
            thrown = raised(integration.flow, statement, frame)
            return Availability(Presence.GUARDED, frame.place(statement), _status(integration, endpoint, thrown))
        if isinstance(statement, ast.Return) and frame is endpoint.frame:
            values = integration.flow.values(statement.value, frame) if statement.value is not None else ()
            statuses = {errors.status_of(integration.flow, value) for value in values} or {200}
            return Availability(
                Presence.GUARDED, frame.place(statement), statuses.pop() if len(statuses) == 1 else None
            )
    return None


def _status(integration: Integration, endpoint: Endpoint, thrown: Thrown) -> int | None:
    statuses = {answer.status for answer in errors.answers(integration, endpoint, thrown)}
    return statuses.pop() if len(statuses) == 1 else None


def _asks_missing(trace: _Trace, test: ast.expr, frame: Frame) -> bool:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _asks_present(trace, inner, frame)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            return _is_server(trace, left, frame)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_asks_missing(trace, part, frame) for part in parts)
        case _:
            return False


def _asks_present(trace: _Trace, test: ast.expr, frame: Frame) -> bool:
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]):
            return _is_server(trace, left, frame)
        case ast.Call(func=ast.Name(id="hasattr"), args=[_, ast.Constant(value=attr)]):
            return any(attr == name for name, _ in trace.states)
        case ast.BoolOp(op=ast.And(), values=parts):
            return any(_asks_present(trace, part, frame) for part in parts)
        case ast.Name() | ast.Attribute() | ast.NamedExpr() | ast.Call():
            return _is_server(trace, test, frame)
        case _:
            return False


def _is_server(trace: _Trace, expression: ast.expr, frame: Frame) -> bool:
    """Whether `expression` is one that the server's reference passes through."""
    if isinstance(expression, ast.NamedExpr):
        return _is_server(trace, expression.value, frame) or (expression.value, frame) in trace.seen
    if (expression, frame) in trace.seen:
        return True
    if isinstance(expression, ast.Name):
        if any(isinstance(node, ast.Name) and node.id == expression.id and at is frame for node, at in trace.seen):
            return True
        return any(name == expression.id for name, _ in trace.globals)
    made = {value for value in trace.flow.values(expression, frame) if isinstance(value, Instance)}
    return bool(made) and any(
        isinstance(node, ast.expr) and made & set(trace.flow.values(node, at)) for node, at in trace.seen
    )


def _lazy(flow: Flow, frame: Frame, trace: _Trace) -> Place | None:
    """`if server is None: server = Build()` in the frame's own code."""
    for statement in inside(frame.function.node.body) if frame.function else ():
        if isinstance(statement, ast.If) and _asks_missing(trace, statement.test, frame):
            for inner in inside(statement.body):
                if isinstance(inner, ast.Assign) and any(
                    isinstance(value, Instance) for value in flow.values(inner.value, frame)
                ):
                    return frame.place(inner)
    return None
