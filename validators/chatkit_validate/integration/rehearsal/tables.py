"""Tables in memory: what rehearsed statements insert, and find again."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.environment import Environment
from chatkit_validate.integration.rehearsal.values import Library, Unknown, Value, thrown
from chatkit_validate.names import Class

if TYPE_CHECKING:
    from datetime import datetime

    from chatkit_validate.integration.rehearsal.machine import Machine
    from chatkit_validate.integration.rehearsal.relation import Statement
    from chatkit_validate.names import Module

_TIMES = r"(?:^|_)(?:created|updated|inserted|modified|time|timestamp|date|at|ts|on)(?:_|$)"
_NUMBERS = r"(?:^|_)(?:seq|sequence|rowid|position|idx|ordinal|serial|number|pk)$|^id$"
_CREATES = r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.\"]+)\s*\("
_KEY = r"PRIMARY\s+KEY\s*\(([^)]*)\)"
_RELATIONS = frozenset({"relationship", "Relationship", "association_proxy", "hybrid_property"})


class Row:
    """A row of a table, or an object of a model that may become one.

    Attributes:
        table: Its table.
        values: What its columns hold.
        moment: When it was made, for columns that the database fills.
        serial: Its number, likewise.
        cls: Its model; None where it was inserted by SQL.
    """

    __slots__ = ("cls", "moment", "serial", "table", "values")

    def __init__(
        self, table: Table, values: dict[str, Value], moment: datetime, serial: int, cls: Class | None
    ) -> None:
        self.table = table
        self.values = values
        self.moment = moment
        self.serial = serial
        self.cls = cls

    @property
    def held(self) -> tuple[Value, ...]:
        """What its columns hold."""
        return tuple(self.values.values())

    def get(self, name: str) -> Value:
        """What column `name` holds."""
        value = self.values.get(name)
        if value is not None or (name in self.values and self.cls is None):
            return value
        if re.search(_TIMES, name):
            return self.moment
        if re.search(_NUMBERS, name):
            return self.serial
        return None if name in self.values or self.cls is None else self.table.default(self, name)

    def set(self, name: str, value: Value) -> None:
        """Writes column `name`."""
        self.values[name] = value

    def all(self) -> dict[str, Value]:
        """Every column that was written, with what it holds."""
        return dict(self.values)

    def __repr__(self) -> str:
        return f"a row of {self.table.name}"


class Table:
    """A table.

    Attributes:
        name: Without a schema.
        rows: In order of insertion.
        keys: The columns of its primary key.
    """

    __slots__ = ("keys", "name", "number", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        self.rows: list[Row] = []
        self.keys: tuple[str, ...] = ("id",)

    def serial(self) -> int:
        """The next number of its sequence."""
        self.number += 1
        return self.number

    def default(self, row: Row, name: str) -> Value:
        """What a column holds that nobody wrote; something unknown for what is no column."""
        return Unknown(f"{self.name}.{name}", "", (row,))


class Record:
    """A row of a result."""

    __slots__ = ("names", "values")

    def __init__(self, names: tuple[str, ...], values: tuple[Value, ...]) -> None:
        self.names = names
        self.values = values

    @property
    def held(self) -> tuple[Value, ...]:
        """Its values."""
        return self.values

    def at(self, key: Value) -> Value:
        """The value at a position or under a name."""
        if isinstance(key, int | slice):
            try:
                return self.values[key]
            except IndexError:
                raise thrown("IndexError") from None
        return self.named(str(key))

    def named(self, name: str) -> Value:
        """The value under a name."""
        if name in self.names:
            return self.values[self.names.index(name)]
        if name in {"_mapping", "_asdict"}:
            return dict(zip(self.names, self.values, strict=True))
        for value in self.values:
            if isinstance(value, Row):
                return value if value.cls is not None and value.cls.name == name else value.get(name)
        from chatkit_validate.integration.rehearsal.values import Method

        if name in {"keys", "values", "items", "get", "dict", "index", "count", "tuple"}:
            return Method(self, name)
        raise thrown("KeyError", name)

    def __repr__(self) -> str:
        return f"Record{self.values}"


class Result:
    """What a statement gives: a cursor, a result of SQLAlchemy, asyncpg's status.

    Attributes:
        records: Its rows.
        verb: The statement's first word.
        count: How many rows it found, changed or deleted.
    """

    __slots__ = ("count", "records", "verb")

    def __init__(self, records: list[Record], verb: str, count: int) -> None:
        self.records = records
        self.verb = verb
        self.count = count

    @property
    def held(self) -> tuple[Value, ...]:
        """Its rows."""
        return tuple(self.records)

    @property
    def status(self) -> str:
        """As PostgreSQL tells it."""
        return f"{self.verb} 0 {self.count}" if self.verb == "INSERT" else f"{self.verb} {self.count}"


class Database:
    """Every table that statements name.

    Attributes:
        statements: The texts that were run, in order.
        refuses: Whether it is PostgreSQL, which takes no U+0000 and no negative LIMIT.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.refuses = False
        self.statements: list[tuple[Value, ast.AST | None, Module | None]] = []
        self._tables: dict[str, Table] = {}
        self._models: dict[Class, bool] = {}
        self._columns: dict[Class, dict[str, ast.expr | None]] = {}

    def table(self, name: str) -> Table:
        """The table called `name`."""
        key = name.lower().rpartition(".")[2].strip('"`[]')
        if key not in self._tables:
            self._tables[key] = Table(key)
        return self._tables[key]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table that was named."""
        return tuple(self._tables.values())

    def run(self, statement: Statement) -> Result:
        """Runs a statement."""
        from chatkit_validate.integration.rehearsal import engine

        return engine.run(self, statement)

    def renew(self) -> None:
        """Empties every table."""
        self.statements.clear()
        for table in self._tables.values():
            table.rows.clear()
            table.number = 0

    def learn(self, text: str) -> None:
        """Takes the primary keys from statements that create tables."""
        for name, keys in _primary_keys(text):
            self.table(name).keys = keys

    def is_model(self, cls: Class) -> bool:
        """Whether objects of the class are rows."""
        if cls not in self._models:
            bases = [base for base in self.machine.hierarchy.order(cls) if isinstance(base, Class)]
            named = any("__tablename__" in base.scope.bindings or "__table__" in base.scope.bindings for base in bases)
            stated = any(item.arg == "table" for base in bases for item in base.node.keywords)
            self._models[cls] = named or stated
        return self._models[cls]

    def table_of(self, cls: Class) -> str:
        """The name of a model's table."""
        for base in self.machine.hierarchy.order(cls):
            for binding in base.scope.bindings.get("__tablename__", ()) if isinstance(base, Class) else ():
                if isinstance(binding.value, ast.Constant) and isinstance(binding.value.value, str):
                    return self._keyed(cls, binding.value.value.lower())
        return self._keyed(cls, cls.name.lower())

    def _keyed(self, cls: Class, name: str) -> str:
        known = name in self._tables
        table = self.table(name)
        if not known:
            keys = tuple(column for column, value in self.columns(cls).items() if _is_key(value))
            table.keys = keys or table.keys
        return table.name

    def columns(self, cls: Class) -> dict[str, ast.expr | None]:
        """The attributes of a model that are columns, with what the class gives them."""
        if cls not in self._columns:
            found: dict[str, ast.expr | None] = {}
            for base in reversed(self.machine.hierarchy.order(cls)):
                for name, bindings in base.scope.bindings.items() if isinstance(base, Class) else ():
                    node = bindings[-1].node
                    if isinstance(node, ast.Assign | ast.AnnAssign) and not name.startswith("__"):
                        found[name] = node.value
            self._columns[cls] = {name: value for name, value in found.items() if not _is_relation(value)}
        return self._columns[cls]

    def new_row(self, cls: Class, given: dict[str, Value]) -> Row:
        """An object of a model, not in its table yet."""
        values: dict[str, Value] = {}
        for name, value in self.columns(cls).items():
            default = self._default(cls, value)
            if default is not None:
                values[name] = default
        values.update(given)
        table = self.table(self.table_of(cls))
        return Row(table, values, self.machine.now(), table.serial(), cls)

    def _default(self, cls: Class, value: ast.expr | None) -> Value:
        if not isinstance(value, ast.Call):
            return value.value if isinstance(value, ast.Constant) else None
        for keyword in value.keywords:
            if keyword.arg in {"default", "default_factory", "insert_default"}:
                given = self.machine.evaluate(keyword.value, Environment(cls.module))
                if keyword.arg == "default_factory" or not isinstance(given, str | int | float | bool | type(None)):
                    is_callable = keyword.arg == "default_factory" or not isinstance(given, list | dict | Unknown)
                    given = self.machine.call(given, []) if is_callable else given
                return None if isinstance(given, Unknown | Library) or type(given).__name__ == "Clause" else given
        return None

    def store(self, row: Row) -> None:
        """Puts a row into its table, in place of one with the same key where the table holds the row itself."""
        if row not in row.table.rows:
            row.table.rows.append(row)

    def remove(self, row: Row) -> None:
        """Takes a row out of its table."""
        if row in row.table.rows:
            row.table.rows.remove(row)


@lru_cache(maxsize=64)
def _primary_keys(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Table and columns of each primary key in `text`, which every rehearsal of a store asks about again."""
    keys = []
    for found in re.finditer(_CREATES, text, re.IGNORECASE):
        body = text[found.end() : found.end() + 4000]
        whole = re.search(_KEY, body.partition(";")[0], re.IGNORECASE)
        if whole is not None:
            keys.append((found[1], tuple(item.strip(' "').lower() for item in whole[1].split(","))))
    return tuple(keys)


def _is_key(value: ast.expr | None) -> bool:
    return any(
        item.arg == "primary_key" and isinstance(item.value, ast.Constant) and bool(item.value.value)
        for node in ast.walk(value or ast.Constant(None))
        if isinstance(node, ast.Call)
        for item in node.keywords
    )


def _is_relation(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return name in _RELATIONS
