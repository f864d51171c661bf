"""What runs while an application's main module is imported: loads, reads and writes of the environment, in order."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from chatkit_validate.flow import FunctionValue, Instance
from chatkit_validate.integration import settings
from chatkit_validate.integration.evidence import Absent
from chatkit_validate.integration.modules import sources
from chatkit_validate.names import Class, Function, Module
from chatkit_validate.names.unparse import unparse
from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatkit_validate.flow import Flow, Frame
    from chatkit_validate.source import Place

LOAD_DOTENV = frozenset({"dotenv.load_dotenv", "dotenv.main.load_dotenv"})
_ENVIRON = frozenset({"os.environ", "os.environb"})
_READS = frozenset(
    {"os.getenv", "os.getenvb", "os.environ.get", "os.environ.pop", "os.environ.copy", "os.environ.items"}
)
_WRITES = frozenset({"os.putenv", "os.environ.setdefault", "os.environ.update"})
_SETTINGS = "pydantic_settings.BaseSettings"
# Nobody puts these into a .env file: the operating system sets them.
_SYSTEM = frozenset(
    (
        *("HOME", "PATH", "USER", "PWD", "SHELL", "LANG", "TEMP", "TMP", "TMPDIR"),
        *("USERPROFILE", "APPDATA", "VIRTUAL_ENV", "PYTHONPATH"),
    )
)
_DEEP = 40  # imports and calls inside each other
_LONG = 200_000  # nodes visited


class Does(Enum):
    """What a step of the start does with the environment."""

    LOAD = 1
    READ = 2
    WRITE = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One import or call on the way from the main module to an event.

    Attributes:
        where: The import or call.
        what: In words, e.g. `imports app.auth`.
    """

    where: Place
    what: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the start does with the environment.

    Attributes:
        does: What.
        name: The variable, where it is literal.
        where: The call or subscript.
        trail: The imports and calls that led there, from the main module on.
    """

    does: Does
    name: str
    where: Place
    trail: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Startup:
    """The events of one start.

    Attributes:
        main: The main module's file.
        events: In the order in which they happen.
        later: `load_dotenv` calls in functions that the import does not run (lifespan, getters), in no order.
        gaps: Places where reading ended without an answer.
        modules: The files that the start imports, in order.
    """

    main: str
    events: tuple[Event, ...]
    later: tuple[Event, ...]
    gaps: tuple[Place, ...]
    modules: tuple[str, ...]

    @property
    def first_load(self) -> Event | None:
        """The first `load_dotenv` that the import runs, else one that runs later, else None."""
        loads = (event for event in self.events if event.does is Does.LOAD)
        return next(loads, self.later[0] if self.later else None)

    def read_before(self, load: Event) -> tuple[Event, ...]:
        """The reads that happen before `load`, of variables that the start itself has not set before."""
        known: set[str] = set()
        reads = []
        for event in self.events:
            if event is load:
                break
            if event.does is Does.WRITE:
                known.add(event.name)
            elif event.does is Does.READ and not (event.name and event.name in known):
                reads.append(event)
        return tuple(reads)


def startup(flow: Flow, main: Module) -> Startup:
    """Follows the import of `main`: imports, class bodies, and the project's functions called on the way."""
    run = _Start(flow)
    run.module(main)
    later = [] if any(event.does is Does.LOAD for event in run.events) else list(run.loads_in_functions())
    return Startup(main.path, tuple(run.events), tuple(later), tuple(run.gaps), tuple(one.path for one in run.imported))


@dataclass(slots=True)
class _Start:
    flow: Flow
    events: list[Event] = field(default_factory=list)
    gaps: list[Place] = field(default_factory=list)
    imported: dict[Module, None] = field(default_factory=dict)
    trail: list[Step] = field(default_factory=list)
    ran: set[object] = field(default_factory=set)
    visited: int = 0

    # Imports

    def module(self, module: Module) -> None:
        """Imports `module`, the packages around it first."""
        for package in (*self._packages(module), module):
            if package not in self.imported:
                self.imported[package] = None
                self.body(package.file.tree.body, self.flow.module_frame(package))

    def _packages(self, module: Module) -> list[Module]:
        found = []
        folder = module.folder
        while folder:
            package = f"{folder}/__init__.py"
            if package not in self.flow.project.index.files:
                break
            if package != module.path and (opened := self.flow.project.module(package)):
                found.append(opened)
            folder = folder.rpartition("/")[0]
        return found[::-1]

    def _import(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        if len(self.trail) >= _DEEP:
            self.gaps.append(frame.place(node))
            return
        for source in sources(node):
            for module in self._modules(frame.module, source):
                if module not in self.imported:
                    self.trail.append(Step(frame.place(node), f"imports {source.lstrip('.') or '.'}"))
                    self.module(module)
                    self.trail.pop()

    def _modules(self, module: Module, source: str) -> Iterator[Module]:
        location = next(iter(self.flow.project.locate(module, source)), "")
        if location and not location.endswith("/") and (found := self.flow.project.module(location)):
            yield found

    # Statements

    def body(self, statements: Iterable[ast.stmt], frame: Frame) -> None:
        """Runs `statements` in order; a branch that only type checkers or scripts take is left out."""
        for statement in statements:
            self._statement(statement, frame)

    def _statement(self, statement: ast.stmt, frame: Frame) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self._import(statement, frame)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
                self._expressions([*statement.decorator_list, *defaults], frame)
            case ast.ClassDef():
                self._expressions([*statement.decorator_list, *(word.value for word in statement.keywords)], frame)
                self.body(statement.body, frame)
            case ast.If():
                if not _never_runs(statement.test):
                    self._expressions([statement.test], frame)
                    self.body(statement.body, frame)
                self.body(statement.orelse, frame)
            case ast.Try() | ast.TryStar():
                # A handler runs only where the body failed.
                self.body([*statement.body, *statement.orelse, *statement.finalbody], frame)
            case _:
                self._expressions([item for item in ast.iter_child_nodes(statement) if _evaluated(item)], frame)
                for name in ("body", "orelse"):
                    self.body(getattr(statement, name, ()), frame)

    # Expressions

    def _expressions(self, nodes: Iterable[ast.AST], frame: Frame) -> None:
        for root in nodes:
            # Operands before what is done with them, without recursion: expressions may be nested deeply.
            order: list[ast.AST] = []
            stack = [root]
            while stack:
                node = stack.pop()
                if not isinstance(node, ast.Lambda):
                    order.append(node)
                    stack.extend(ast.iter_child_nodes(node))
            for node in reversed(order):
                self._expression(node, frame)

    def _expression(self, node: ast.AST, frame: Frame) -> None:
        self.visited += 1
        if self.visited > _LONG:
            if self.visited == _LONG + 1:
                self.gaps.append(frame.place(node))
            return
        if isinstance(node, ast.Call):
            self._call(node, frame)
        elif isinstance(node, ast.Subscript) and self._external(node.value, frame) in _ENVIRON:
            does = Does.READ if isinstance(node.ctx, ast.Load) else Does.WRITE
            self._event(does, _literal(node.slice), node, frame)
        elif isinstance(node, ast.Compare) and self._external(node.comparators[0], frame) in _ENVIRON:
            self._event(Does.READ, _literal(node.left), node, frame)

    def _external(self, expression: ast.expr, frame: Frame) -> str:
        if not isinstance(expression, ast.Name | ast.Attribute):
            return ""
        scope = frame.function.scope if frame.function else frame.module.scope
        return self.flow.project.external(expression, scope)

    def _event(self, does: Does, name: str, node: ast.AST, frame: Frame) -> None:
        if not (does is Does.READ and name in _SYSTEM):
            self.events.append(Event(does, name, frame.place(node), tuple(self.trail)))

    def _call(self, node: ast.Call, frame: Frame) -> None:
        name = self._external(node.func, frame)
        first = _literal(node.args[0]) if node.args else ""
        if name in LOAD_DOTENV:
            self._event(Does.LOAD, "", node, frame)
        elif name in _READS:
            self._event(Does.READ, first, node, frame)
        elif name in _WRITES:
            for written in (first, *_keys(node)):
                self._event(Does.WRITE, written, node, frame)
        elif not name:
            self._project_call(node, frame)

    def _project_call(self, node: ast.Call, frame: Frame) -> None:
        if len(self.trail) >= _DEEP:
            self.gaps.append(frame.place(node))
            return
        for value in self.flow.values(node.func, frame):
            if isinstance(value, FunctionValue) and not isinstance(value.function.node, ast.AsyncFunctionDef):
                self._enter(value.function, value, node, frame)
        for value in self.flow.values(node, frame):
            if isinstance(value, Instance) and value.node is node:
                self._construct(value, node, frame)

    def _enter(self, function: Function, value: FunctionValue, node: ast.Call, frame: Frame) -> None:
        # A second run of the same function does nothing that the first has not done.
        if function in self.ran or any(_yields(item) for item in function.node.body):
            return
        self.ran.add(function)
        self.trail.append(Step(frame.place(node), f"calls {function.name}()"))
        self.body(function.node.body, self.flow.enter(value, node, frame))
        self.trail.pop()

    def _construct(self, value: Instance, node: ast.Call, frame: Frame) -> None:
        cls = value.cls
        if cls in self.ran:
            return
        self.ran.add(cls)
        self.trail.append(Step(frame.place(node), f"makes {cls.name}"))
        hierarchy = self.flow.hierarchy
        for name in ("__init__", "__post_init__"):
            method = hierarchy.method(cls, name)
            if method is not None and method not in self.ran:
                self.ran.add(method)
                self.body(method.node.body, self.flow.entry(method, value))
        for base in hierarchy.order(cls):
            if isinstance(base, Class):
                self._factories(base)
        self._settings(cls, node, frame)
        self.trail.pop()

    def _settings(self, cls: Class, node: ast.Call, frame: Frame) -> None:
        """Settings that name no file of their own take each field from the environment, as it is when they are made."""
        given = {keyword.arg for keyword in node.keywords}
        if not settings.is_settings(self.flow, cls) or "_env_file" in given:
            return
        read = settings.of(self.flow, cls)
        if isinstance(read.env_file, Absent):
            for one in settings.fields(self.flow, read):
                if one.name not in given and one.variables:
                    self._event(Does.READ, one.variables[0], node, frame)

    def _factories(self, cls: Class) -> None:
        """`field(default_factory=lambda: os.getenv(...))` runs whenever an object is made."""
        frame = self.flow.module_frame(cls.module)
        for statement in cls.node.body:
            for inner in ast.walk(statement) if isinstance(statement, ast.AnnAssign | ast.Assign) else ():
                if isinstance(inner, ast.keyword) and isinstance(inner.value, ast.Lambda):
                    self._expressions([inner.value.body], frame)

    # Afterwards

    def loads_in_functions(self) -> Iterator[Event]:
        """`load_dotenv` calls in functions of the imported modules that the import did not run."""
        for module in self.imported:
            if "load_dotenv" not in module.file.text:
                continue
            scripts = _called_by_script(module.file.tree)
            for function in module.functions():
                frame = self.flow.entry(function)
                for node in ast.walk(function.node) if function.name not in scripts else ():
                    if isinstance(node, ast.Call) and self._external(node.func, frame) in LOAD_DOTENV:
                        step = Step(module.place(function.node), f"only {function.name}() loads the file")
                        yield Event(Does.LOAD, "", module.place(node), (step,))


def _evaluated(node: ast.AST) -> bool:
    return isinstance(node, ast.expr | ast.withitem | ast.match_case | ast.keyword)


def _never_runs(test: ast.expr) -> bool:
    """`TYPE_CHECKING` and `__name__ == "__main__"`: an import takes neither branch."""
    text = unparse(test)
    return text in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "False"} or text.startswith("__name__ ==")


def _called_by_script(tree: ast.Module) -> set[str]:
    """The names called under `if __name__ == "__main__"`."""
    return {
        inner.func.id
        for statement in tree.body
        if isinstance(statement, ast.If) and _never_runs(statement.test)
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }


def _yields(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))


def _literal(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _keys(node: ast.Call) -> Iterator[str]:
    """The variables that `os.environ.update({...})` or `update(NAME=...)` sets."""
    for argument in node.args:
        if isinstance(argument, ast.Dict):
            yield from (_literal(key) for key in argument.keys if key is not None)
    yield from (word.arg for word in node.keywords if word.arg)
