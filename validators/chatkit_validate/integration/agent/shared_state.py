"""What a turn writes on objects that other turns share."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import ClassValue, Foreign, Frame, Instance, ModuleValue, Structure
from chatkit_validate.flow.blocks import own_nodes, statement_of
from chatkit_validate.integration import modules, serving
from chatkit_validate.integration.agent import history, lifetime, runs, served
from chatkit_validate.integration.agent.lifetime import Life
from chatkit_validate.integration.agent.tracing import Trace, keyword
from chatkit_validate.names import Variable, arguments
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.flow import Value
    from chatkit_validate.integration.agent.served import Served
    from chatkit_validate.integration.model import Integration
    from chatkit_validate.names import Function
    from chatkit_validate.source import Place

_PUTS = frozenset({"append", "update", "extend", "insert", "setdefault", "put_nowait"})
_MAKING = frozenset({"__init__", "__post_init__", "__new__"})
_EVENTS = ("asyncio.Event()", "threading.Event()", "anyio.Event()")
_SESSIONS = ("agents.SQLiteSession()", "agents.OpenAIConversationsSession()")


_CONTAINERS = frozenset(
    {
        "builtins.dict()",
        "builtins.list()",
        "collections.defaultdict()",
        "collections.deque()",
        "collections.OrderedDict()",
    }
)


class Kind(Enum):
    """How turns get in each other's way."""

    ATTRIBUTE = "an attribute"
    ENTRY = "an entry"
    GLOBAL = "a global"
    EVENT = "an event"
    SESSION = "a session"
    ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True, eq=False)
class SharedWrite:
    """A write of what differs between requests on something that all share.

    Attributes:
        kind: What is written.
        name: As written.
        where: The write.
    """

    kind: Kind
    name: str
    where: Place


def writes(integration: Integration, one: Served) -> tuple[SharedWrite, ...]:
    """The shared writes of the turn, in the order they are met; ask through `Integration.once`."""
    reader = _Reader(integration, one)
    found: dict[Place, SharedWrite] = {}
    for frame in integration.once(served.frames, one):
        owner = frame.function.owner if frame.function else None
        if frame.function is None or (owner is not None and serving.is_store(integration, owner)):
            continue
        if frame.function.name in _MAKING:
            continue  # An object that is being made is nobody else's yet.
        for node in own_nodes(frame.function):
            for write in reader.of(node, frame):
                found.setdefault(write.where, write)
    for write in (*reader.sessions(), *reader.set_elsewhere()):
        found.setdefault(write.where, write)
    return tuple(found.values())


class _Reader:
    def __init__(self, integration: Integration, one: Served) -> None:
        self.integration = integration
        self.flow = integration.flow
        self.one = one
        self.frames = integration.once(served.frames, one)
        self.functions = {frame.function for frame in self.frames if frame.function}
        self.server = _server_life(integration, one)

    def of(self, node: ast.AST, frame: Frame) -> Iterator[SharedWrite]:
        """What one statement or call writes."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from self.target(target, value, node, frame)
            case ast.AugAssign(target=target, value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self.target(target, value, node, frame)
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _PUTS or attr in {"set", "clear"}:
                yield from self.call(owner, attr, node, frame)
            case _:
                return

    def target(self, target: ast.expr, value: ast.expr, node: ast.AST, frame: Frame) -> Iterator[SharedWrite]:
        where = frame.place(node)
        match target:
            case ast.Attribute(value=owner, attr=attr):
                if self.connects(value, frame):
                    return  # The rule about shared MCP servers speaks of it.
                if self.shared(owner, frame) and self.differs(value, frame, node) and self.used(attr, owner, frame):
                    yield SharedWrite(Kind.ATTRIBUTE, unparse(target), where)
            case ast.Subscript(value=container, slice=key):
                if unparse(container).endswith("environ"):
                    if self.differs(value, frame, node):
                        yield SharedWrite(Kind.ENVIRONMENT, unparse(target), where)
                elif self.literal(key, frame) and self.shared(container, frame) and self.differs(value, frame, node):
                    yield SharedWrite(Kind.ENTRY, unparse(target), where)
            case ast.Name(id=name):
                function = frame.function
                kept = function is not None and name in function.scope.outer and name not in _enclosing(function)
                if kept and self.differs(value, frame, node) and self.loaded(name):
                    yield SharedWrite(Kind.GLOBAL, name, where)
            case ast.Tuple(elts=elements):
                for element in elements:
                    yield from self.target(element, value, node, frame)
            case _:
                return

    def call(self, owner: ast.expr, attr: str, node: ast.Call, frame: Frame) -> Iterator[SharedWrite]:
        held = (value for value in self.flow.values(owner, frame) if not _new(value, frame))
        values = [value for value in held if self.lives(value) is Life.SHARED]
        if attr in {"set", "clear"}:
            if any(isinstance(value, Foreign) and value.name in _EVENTS for value in values):
                yield SharedWrite(Kind.EVENT, unparse(owner), frame.place(node))
            return
        containers = [value for value in values if isinstance(value, Structure) or _is_container(value)]
        given = [*node.args, *(one.value for one in node.keywords)]
        if not containers or not self.answered_from(containers):
            return
        if not any(self.differs(one, frame, node) for one in given):
            return
        if attr != "setdefault" or self.literal(node.args[0], frame):
            yield SharedWrite(Kind.ENTRY, f"{unparse(owner)}.{attr}(...)", frame.place(node))

    def answered_from(self, containers: list[Value]) -> bool:
        """Whether a model reads what is in one of the containers; a log or a cache of the process is nobody's words."""
        nodes = {getattr(value, "node", None) for value in containers}
        for run in runs.answering(self.integration, self.one.turn):
            traced = self.integration.once(history.reading, run)
            if any(getattr(value, "node", None) in nodes for value in traced.values()):
                return True
        return False

    def connects(self, value: ast.expr, frame: Frame) -> bool:
        """Whether what is written is an MCP server itself."""
        values = self.flow.values(value, frame)
        return any(isinstance(one, Foreign) and one.name.startswith("agents.mcp.") for one in values)

    def shared(self, owner: ast.expr, frame: Frame) -> bool:
        """Whether the object written to outlives the turn."""
        if unparse(owner) in {"type(self)", "self.__class__", "cls"}:
            return True
        lives = {self.lives(value) for value in self.flow.values(owner, frame) if not _new(value, frame)}
        return Life.SHARED in lives and Life.TURN not in lives

    def lives(self, value: Value) -> Life:
        current: Value | None = value
        for _ in range(8):
            node, frame = getattr(current, "node", None), getattr(current, "frame", None)
            if isinstance(node, ast.arg):
                return Life.TURN
            if isinstance(current, ModuleValue | ClassValue):
                return Life.SHARED
            key = _key(node)
            if key is not None and isinstance(frame, Frame) and not self.literal(key, frame):
                return Life.TURN  # One entry for each thread, user or name.
            base = getattr(current, "base", None)
            if base is None or (isinstance(current, Foreign) and current.name.endswith("()") and key is None):
                break
            current = base
        if isinstance(current, Instance) and not current.made:
            return self.server if current.cls is self.one.server.cls else Life.UNKNOWN
        if isinstance(current, Instance) and current.cls is self.one.server.cls:
            return self.server
        return lifetime.life(self.flow, current) if current is not None else Life.UNKNOWN

    def literal(self, key: ast.expr, frame: Frame) -> bool:
        """Whether a key is the same in every turn."""
        return self.flow.constants(key, frame) is not None

    def differs(self, value: ast.expr, frame: Frame, node: ast.AST) -> bool:
        """Whether what is written is another in every turn: made from its parameters, or an object made in it."""
        made = False
        for met in Trace(self.flow, [(value, frame)]).values():
            stated, where = getattr(met, "node", None), getattr(met, "frame", None)
            if isinstance(stated, ast.arg) and _of_request(stated, where):
                return True
            if isinstance(stated, ast.Call) and isinstance(where, Frame) and where.function in self.functions:
                made = made or (isinstance(met, Foreign) and met.name.startswith("agents.") and _constructs(met.name))
        return made and not _guarded(node, frame)

    def used(self, attr: str, owner: ast.expr, frame: Frame) -> bool:
        """Whether the turn reads the attribute, or a library does."""
        if any(isinstance(value, Foreign) for value in self.flow.values(owner, frame)):
            return True
        return self.loaded(attr)

    def loaded(self, name: str, *, other_than: ast.expr | None = None) -> bool:
        for function in self.functions:
            for node in own_nodes(function):
                read = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
                if read == name and node is not other_than and isinstance(getattr(node, "ctx", None), ast.Load):
                    return True
        return False

    def sessions(self) -> Iterator[SharedWrite]:
        """Sessions of the SDK that take the turns of all threads."""
        for run in self.integration.once(runs.runs, self.one.turn):
            held = keyword(self.flow, run.call, "session", None, run.frame) if run.sdk else None
            for value in self.flow.values(*held) if held else ():
                if held is not None and (self.lives(value) is Life.SHARED or self.named_once(value)):
                    yield SharedWrite(Kind.SESSION, unparse(held[0]), held[1].place(held[0]))

    def named_once(self, value: Value) -> bool:
        """Whether a session that is kept in a file or at the provider has the same id in every turn."""
        if not isinstance(value, Foreign) or value.name not in _SESSIONS or not isinstance(value.node, ast.Call):
            return False
        call, frame = value.node, value.frame
        if frame is None or (len(call.args) < 2 and not any(one.arg == "db_path" for one in call.keywords)):
            return False
        name = keyword(self.flow, call, "session_id", 0, frame)
        return name is not None and self.literal(*name)

    def set_elsewhere(self) -> Iterator[SharedWrite]:
        """Globals that the turn reads and that other requests set to something of their own."""
        seen: set[tuple[object, str]] = set()
        for function in self.functions:
            for node in own_nodes(function):
                if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                    continue
                if (function.module, node.id) in seen or node.id in function.scope.bindings:
                    continue
                seen.add((function.module, node.id))
                for item in self.flow.project.lookup(function.module.scope, node.id):
                    if isinstance(item, Variable) and item.scope.owner is None:
                        yield from self.set_by(item)

    def set_by(self, variable: Variable) -> Iterator[SharedWrite]:
        for writer in variable.scope.module.global_writers(variable.name):
            if writer in self.functions:
                continue
            own = set(arguments(writer.node))
            for binding in writer.scope.bindings.get(variable.name, ()):
                if isinstance(binding.value, ast.Name) and isinstance(binding.node, ast.Assign):
                    passed = any(one.arg == binding.value.id for one in own)
                    if passed and _called_per_request(self.integration, writer):
                        yield SharedWrite(Kind.GLOBAL, variable.name, writer.module.place(binding.node))


def _server_life(integration: Integration, one: Served) -> Life:
    """How long the server object lives: per request where every endpoint makes it anew."""
    lives = [
        lifetime.life(integration.flow, value)
        for endpoint in integration.served
        for processing in endpoint.processings
        for value in integration.flow.values(processing.receiver, processing.frame)
        if isinstance(value, Instance) and value.cls is one.server.cls and value.made
    ]
    if Life.SHARED in lives:
        return Life.SHARED
    return lives[0] if lives else Life.UNKNOWN


def _key(node: ast.AST | None) -> ast.expr | None:
    """The key of `items[key]`, `items.get(key)` or `items.setdefault(key, ...)`."""
    match node:
        case ast.Subscript(slice=key):
            return key
        case ast.Call(func=ast.Attribute(attr="get" | "setdefault" | "pop"), args=[key, *_]):
            return key
        case _:
            return None


def _enclosing(function: Function) -> set[str]:
    """The names of the functions around: a nonlocal name is no global."""
    names: set[str] = set()
    scope = function.outside
    while scope.parent is not None:
        names |= scope.bindings.keys()
        scope = scope.parent
    return names


def _of_request(node: ast.arg, frame: Frame | None) -> bool:
    """Whether a parameter whose argument is not known is given by a framework for each request."""
    function = frame.function if frame is not None else None
    if frame is None or function is None or node.arg in {"self", "cls", "app"}:
        return False
    return function.name not in _MAKING and not lifetime.starts(frame, function)


def _new(value: Value, frame: Frame) -> bool:
    """Whether the function itself has just made the object: nobody else can have it yet."""
    made = getattr(value, "frame", None)
    return isinstance(made, Frame) and made.function is not None and made.function is frame.function


def _is_container(value: Value) -> bool:
    return isinstance(value, Foreign) and value.name in _CONTAINERS


def _constructs(name: str) -> bool:
    """Whether the name is that of a class that is called."""
    return name.endswith("()") and name[:-2].rpartition(".")[2][:1].isupper()


def _guarded(node: ast.AST, frame: Frame) -> bool:
    """Whether whoever comes first makes the object for all: `if self.client is None: ...`, `if self.ready: return`."""
    parents = frame.function.parents if frame.function else frame.module.parents
    statement = statement_of(node, parents)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if target is None or frame.function is None:
        return False
    owner = f"{unparse(target.value)}." if isinstance(target, ast.Attribute) else unparse(target)
    tests = (node.test for node in own_nodes(frame.function) if isinstance(node, ast.If | ast.IfExp))
    return any(owner in unparse(test) for test in tests)


def _called_per_request(integration: Integration, function: Function) -> bool:
    """Whether a call of the function, but at a start of the application, passes something of its own caller."""
    flow = integration.flow
    for frame, call in _calls_named(integration, function.name):
        if lifetime.of_node(flow, call, frame) is Life.SHARED:
            continue
        if not any(getattr(value, "function", None) is function for value in flow.values(call.func, frame)):
            continue
        for given in (*call.args, *(one.value for one in call.keywords)):
            for value in Trace(flow, [(given, frame)]).values():
                if isinstance(getattr(value, "node", None), ast.arg) or getattr(value, "closure", None) is not None:
                    return True
    return False


def _calls_named(integration: Integration, name: str) -> Iterator[tuple[Frame, ast.Call]]:
    for module in integration.once(modules.modules, integration.root):
        if name in module.file.text:
            for inner in module.functions():
                for node in own_nodes(inner):
                    if isinstance(node, ast.Call) and unparse(node.func).rpartition(".")[2] == name:
                        yield integration.flow.entry(inner), node
