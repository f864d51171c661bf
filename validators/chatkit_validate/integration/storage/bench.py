"""A rehearsal's bench: the store as the application makes it, two users, and what ChatKit passes."""

from __future__ import annotations

import ast
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.environment import Environment
from chatkit_validate.integration.rehearsal.machine import Machine, UnreadableError, error_name
from chatkit_validate.integration.rehearsal.memory import Memory
from chatkit_validate.integration.rehearsal.models import made
from chatkit_validate.integration.rehearsal.values import Callable, Made, Object, ThrownError, Unknown, Value
from chatkit_validate.integration.store_start import preparing
from chatkit_validate.names import Class, arguments
from chatkit_validate.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.integration.model import Integration
    from chatkit_validate.integration.storage.stores import Store
    from chatkit_validate.names import Function, Hierarchy
    from chatkit_validate.source import Place

NOT_FOUND = "chatkit.store.NotFoundError"
_KEYWORDS = frozenset({"after", "limit", "order", "context"})
_POSTGRES = ("asyncpg", "psycopg", "postgres")
_START = datetime(2026, 1, 1)  # noqa: DTZ001 - ChatKit's own times have no zone


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of a store's method came to.

    Attributes:
        value: What it returned.
        error: The exception's class; empty where it returned.
        missing: Whether that is the library's NotFoundError.
        where: Where it was raised; None where the language raised it.
    """

    value: Value
    error: str = ""
    missing: bool = False
    where: Place | None = None


class Bench:
    """One rehearsal of a store.

    Attributes:
        machine: What walks through the code.
        store: The store's object.
        growing: Whether ids sort like the order in which they were made.
        shared: Whether several trials are made on it, one after the other.
        lists: Rows that these have in common.
        saving: Whether items are saved after they were added, for stores that keep them only then.
    """

    def __init__(
        self, integration: Integration, store: Store, choices: tuple[bool, ...] = (), *, saving: bool = False
    ) -> None:
        self.integration = integration
        self.of = store
        self.machine = Machine(integration.flow.project, integration.flow.hierarchy, choices)
        self.saving = saving
        surroundings = integration.once(_surroundings, store)
        for text in surroundings.schemas:
            self.machine.database.learn(text)
        self.machine.database.refuses = surroundings.postgres
        self._numbers = 0
        self.growing = False
        self.shared = False
        self.lists: dict[object, object] = {}
        self.store = self._made()
        self._memory: Memory | None = None

    def begin(self) -> None:
        """Begins again with the store as it was made."""
        if self._memory is None:
            self._memory = Memory(self.machine, self.store)
        self.store = self._memory.restore(self.machine)
        self._numbers = 0
        self.growing = False

    def another(self) -> Bench:
        """A bench of the same store, for rows that are to stay."""
        return Bench(self.integration, self.of, self.machine.choices, saving=self.saving)

    def _made(self) -> Object:
        """The store as the application makes it, prepared."""
        machine, cls = self.machine, self.of.cls
        store = Object(cls, {})
        init = machine.hierarchy.method(cls, "__init__")
        if init is not None:
            given, named = self._given()
            names = {item.arg for item in arguments(init.node)}
            named = {name: value for name, value in named.items() if name in names or init.node.args.kwarg}
            for item in arguments(init.node):
                spec = init.node.args
                if item not in (spec.vararg, spec.kwarg) and item.arg not in named and _is_required(init, item):
                    position = (
                        [*spec.posonlyargs, *spec.args].index(item) if item in (*spec.posonlyargs, *spec.args) else 99
                    )
                    if position > len(given):
                        named[item.arg] = Unknown(item.arg, truth=True)
            with suppress(ThrownError):
                machine.call(Callable(init.node, init, store), given, named)
        self._settle(store)
        for function in preparing(self.integration, cls):
            if all(not _is_required(function, item) for item in list(arguments(function.node))[1:]):
                try:
                    machine.call(Callable(function.node, function, store), [])
                except ThrownError:
                    continue
        self._settle(store)
        machine.contacts.clear()
        machine.database.statements.clear()
        return store

    def _given(self) -> tuple[list[Value], dict[str, Value]]:
        """What the store is made with, as far as the call says."""
        made_by = self.of.made
        if not made_by.made or not isinstance(made_by.node, ast.Call):
            return [], {}
        frame = made_by.frame
        environment = Environment(frame.module, frame.function)
        given = [
            Unknown("*arguments", truth=True) if isinstance(item, ast.Starred) else self._argument(item, environment)
            for item in made_by.node.args
        ]
        named = {
            item.arg: self._argument(item.value, environment) for item in made_by.node.keywords if item.arg is not None
        }
        return given, named

    def _argument(self, node: ast.expr, environment: Environment) -> Value:
        try:
            value = self.machine.evaluate(node, environment)
        except ThrownError:
            value = None
        if value is None and not (isinstance(node, ast.Constant) and node.value is None):
            return Unknown(ast.unparse(node), truth=True)
        return Unknown(value.label, value.owner, value.sources, truth=True) if isinstance(value, Unknown) else value

    def _settle(self, store: Object) -> None:
        """What is None after construction and written elsewhere is set before the first request."""
        for held in (store, *(item for item in store.fields.values() if isinstance(item, Object))):
            empty = [name for name, value in held.fields.items() if value is None]
            written = _written(held.cls, self.machine.hierarchy) if empty else frozenset()
            for name in empty:
                if name in written:
                    held.fields[name] = Unknown(f"self.{name}", truth=True)

    def context(self, user: str) -> Unknown:
        """What ChatKit passes on from the request of `user`."""
        return Unknown("context", user)

    def call(self, user: str, method: str, *given: Value) -> Answer:
        """Calls a method of the store as ChatKit does, for `user`.

        Raises:
            UnreadableError: The code cannot be followed.
        """
        machine = self.machine
        function = machine.hierarchy.method(self.of.cls, method)
        if function is None:
            raise UnreadableError(f"there is no {method}")
        names = self.of.interface.methods.get(method, ())
        taken = {item.arg for item in arguments(function.node)}
        positional: list[Value] = []
        named: dict[str, Value] = {}
        for name, value in zip(names, (*given, self.context(user)), strict=False):
            if name in _KEYWORDS and name in taken:
                named[name] = value
            else:
                positional.append(value)
        machine.module = function.module
        try:
            bound = machine.attribute(self.store, method)
            return Answer(machine.call(bound, positional, named))
        except ThrownError as error:
            missing = machine.is_a(error.error, _library(NOT_FOUND)) is True
            where = machine.module.place(error.node) if error.node is not None else None
            return Answer(None, error_name(error.error), missing, where)

    def id(self, prefix: str) -> str:
        """A new id, which sorts before all that were made earlier."""
        self._numbers += 1
        number = self._numbers * 0x01010101
        return f"{prefix}_{number if self.growing else 0xF5F5F5F5 - number:08x}"

    def thread_id(self, user: str) -> Value:
        """The id that ChatKit would give a new thread: the store's own, if it makes them and they differ."""
        return (not self.growing and self._generated(user, "generate_thread_id", [])) or self.id("thr")

    def item_id(self, user: str, thread_id: Value) -> Value:
        """The id that ChatKit would give a new message."""
        thread = self.thread(thread_id, "")
        return (not self.growing and self._generated(user, "generate_item_id", ["message", thread])) or self.id("msg")

    def _generated(self, user: str, name: str, given: list[Value]) -> str:
        if self.machine.hierarchy.method(self.of.cls, name) is None:
            return ""
        made_ids = []
        for _ in range(2):
            try:
                value = self.machine.call(self.machine.attribute(self.store, name), [*given, self.context(user)])
            except ThrownError:
                return ""
            made_ids.append(value)
        first, second = made_ids
        return first if isinstance(first, str) and first != second else ""

    def thread(self, thread_id: Value, title: str, second: int = 0) -> Made:
        """A thread's metadata."""
        return made(
            "ThreadMetadata", {"id": thread_id, "title": title, "created_at": _START + timedelta(seconds=second)}
        )

    def message(self, item_id: Value, thread_id: Value, text: str, second: int = 0) -> Made:
        """A message of the assistant."""
        content = [made("AssistantMessageContent", {"text": text})]
        moment = _START + timedelta(seconds=second)
        fields = {"id": item_id, "thread_id": thread_id, "created_at": moment, "content": content}
        return made("AssistantMessageItem", fields)

    def attachment(self, attachment_id: Value, name: str) -> Made:
        """A file's metadata."""
        return made("FileAttachment", {"id": attachment_id, "name": name, "mime_type": "text/plain"})


def _library(name: str) -> Value:
    from chatkit_validate.integration.rehearsal.values import Library

    return Library(name)


def _is_required(function: Function, item: ast.arg) -> bool:
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    if item in positional:
        return positional.index(item) < len(positional) - len(spec.defaults) and positional.index(item) > 0
    if item in spec.kwonlyargs:
        return spec.kw_defaults[spec.kwonlyargs.index(item)] is None
    return False


@lru_cache(maxsize=32)
def _written(cls: Class, hierarchy: Hierarchy) -> frozenset[str]:
    """The attributes that a method other than the constructor sets to something."""
    found: set[str] = set()
    for base in hierarchy.order(cls):
        for function in base.scope.functions if isinstance(base, Class) else ():
            if function.name == "__init__":
                continue
            for node in ast.walk(function.node):
                if isinstance(node, ast.Assign) and not (
                    isinstance(node.value, ast.Constant) and node.value.value is None
                ):
                    for target in node.targets:
                        found.update(
                            item.attr
                            for item in ast.walk(target)
                            if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name)
                        )
    return frozenset(found)


def _modules(integration: Integration, store: Store) -> Iterator[Value]:
    from chatkit_validate.integration import modules

    for base in integration.flow.hierarchy.order(store.cls):
        if isinstance(base, Class):
            yield base.module
    yield from integration.once(modules.modules, integration.root)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the application's code says about the database: texts that create tables, and whether it is PostgreSQL."""

    schemas: tuple[str, ...]
    postgres: bool


def _surroundings(integration: Integration, store: Store) -> _Surroundings:
    modules = dict.fromkeys(_modules(integration, store))
    schemas = tuple(module.file.text for module in modules if "CREATE TABLE" in module.file.text)
    return _Surroundings(schemas, _speaks_postgres(integration, store))


def _speaks_postgres(integration: Integration, store: Store) -> bool:
    """Whether the store is one of PostgreSQL: its own module says so, or the application names no other database."""
    texts = [module.file.text.lower() for module in dict.fromkeys(_modules(integration, store))]
    own = texts[0] if texts else ""
    if any(word in own for word in _POSTGRES):
        return True
    named = any(word in text for word in _POSTGRES for text in texts)
    return named and "sqlite" not in own and not any("sqlite" in text for text in texts)
