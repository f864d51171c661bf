"""The machine that walks through code: its state, and what its parts ask of each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal import access, calling, expressions, naming, statements
from chatkit_validate.integration.rehearsal.tables import Database
from chatkit_validate.integration.rehearsal.values import NATIVE, Library, Made, Object, Unknown, Value

if TYPE_CHECKING:
    import ast

    from chatkit_validate.integration.rehearsal.environment import Environment
    from chatkit_validate.names import Class, Hierarchy, Module, Project

_STEPS = 30_000
TOO_LONG = "the code runs too long to be followed"
"""Why a rehearsal that does not end is given up."""

_DEPTH = 60
_CHOICES = 9


class UnreadableError(Exception):
    """The rehearsal cannot go on.

    Attributes:
        reason: Why.
        node: Where.
        module: The module that `node` stands in.
    """

    def __init__(self, reason: str, node: ast.AST | None = None, module: Module | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
        self.module = module


class Contact:
    """A call that left the project.

    Attributes:
        name: What was called.
        arguments: What it was given, keywords included.
        node: The call.
        module: The module that it stands in.
    """

    __slots__ = ("arguments", "module", "name", "node")

    def __init__(self, name: str, arguments: tuple[Value, ...], node: ast.AST | None, module: Module | None) -> None:
        self.name = name
        self.arguments = arguments
        self.node = node
        self.module = module


class Machine:
    """One rehearsal.

    Attributes:
        project: What names mean.
        hierarchy: What classes inherit.
        database: The tables that statements of SQL and of SQLAlchemy work on.
        contacts: Calls that left the project.
        absent: Keys for which libraries answer that nothing is there.
        still: Whether the clock stands.
        asked: Whether anything was read of a request's context.
        taken: The choices made at conditions that could not be decided.
        doubts: What had to be guessed.
        globals: What module-level names stand for.
        node: The statement that runs.
        module: The module it stands in.
    """

    def __init__(self, project: Project, hierarchy: Hierarchy, choices: tuple[bool, ...] = ()) -> None:
        self.project = project
        self.hierarchy = hierarchy
        self.database = Database(self)
        self.contacts: list[Contact] = []
        self.absent: set[str] = set()
        self.still = False
        self.asked = False
        self.decided: dict[str, bool] = {}
        self.choices = choices
        self.taken: list[bool] = []
        self.doubts: list[str] = []
        self.globals: dict[tuple[Module, str], Value] = {}
        self.bodies: dict[Module, Environment] = {}
        self.remembered: dict[object, Value] = {}
        self.caught: list[tuple[str, ...]] = []
        self.depth = 0
        self.node: ast.AST | None = None
        self.module: Module | None = None
        self._steps = 0
        self._moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self._serial = 0

    def renew(self) -> None:
        """Forgets what was done: steps, calls, statements and rows."""
        self._steps = 0
        self.depth = 0
        self.contacts.clear()
        self.doubts.clear()
        self.absent = set()
        self.still = False
        self.asked = False
        self.database.renew()

    def step(self, node: ast.AST, module: Module) -> None:
        """Counts a step.

        Raises:
            UnreadableError: Too many were made.
        """
        self._steps += 1
        self.node = node
        self.module = module
        if self._steps > _STEPS:
            raise UnreadableError(TOO_LONG, node, module)

    def choose(self, label: str) -> bool:
        """Decides a condition that reading cannot; each way is walked in a rehearsal of its own.

        Raises:
            UnreadableError: There are too many of them.
        """
        if label in self.decided:
            return self.decided[label]
        position = len(self.taken)
        if position >= _CHOICES:
            raise UnreadableError(f"it depends on too many things, {label} among them", self.node, self.module)
        choice = self.choices[position] if position < len(self.choices) else True
        self.taken.append(choice)
        self.decided[label] = choice
        return choice

    def now(self) -> datetime:
        """The next moment, a second after the last one that was asked for."""
        if not self.still:
            self._moment += timedelta(seconds=1)
        return self._moment

    def serial(self) -> int:
        """The next number of a sequence."""
        self._serial += 1
        return self._serial

    def truth(self, value: Value) -> bool:
        """Whether `value` counts as true."""
        if isinstance(value, (*NATIVE, list, tuple, dict, set, frozenset)):
            return bool(value)
        if isinstance(value, Unknown):
            return self.choose(value.label) if value.truth is None else value.truth
        held = getattr(value, "truth", None)
        if isinstance(held, bool):
            return held
        if isinstance(value, Object):
            return access.object_truth(self, value)
        return True

    def evaluate(self, node: ast.expr, environment: Environment) -> Value:
        """What `node` gives."""
        return expressions.evaluate(self, node, environment)

    def execute(self, body: list[ast.stmt], environment: Environment) -> None:
        """Runs the statements of `body`."""
        statements.execute(self, body, environment)

    def call(self, callee: Value, arguments: list[Value], keywords: dict[str, Value] | None = None) -> Value:
        """What calling `callee` gives."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise UnreadableError("functions call each other too deep to be followed", self.node, self.module)
        try:
            return calling.call(self, callee, arguments, keywords or {})
        finally:
            self.depth -= 1

    def method(self, owner: Value, name: str, *arguments: Value, **keywords: Value) -> Value:
        """What calling the method `name` of `owner` gives."""
        return self.call(self.attribute(owner, name), list(arguments), keywords)

    def attribute(self, owner: Value, name: str) -> Value:
        """What `owner.name` gives."""
        return access.attribute(self, owner, name)

    def name(self, identifier: str, environment: Environment) -> Value:
        """What a name stands for."""
        return naming.name(self, identifier, environment)

    def make(self, cls: Class, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """A new object of a class of the project."""
        return calling.make(self, cls, arguments, keywords)

    def outside(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """What a call that leaves the project gives."""
        return calling.outside(self, name, arguments)

    def is_a(self, value: Value, kind: Value) -> bool | None:
        """Whether `value` is of the class `kind`; None where that is not known."""
        return access.is_a(self, value, kind)


def error_name(error: Value) -> str:
    """What the class of an exception is called."""
    match error:
        case Made(name=name):
            return name.removeprefix("builtins.")
        case Object(cls=cls):
            return cls.name
        case Library(name=name):
            return name.removeprefix("builtins.")
        case _:
            return "an exception"
