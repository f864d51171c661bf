"""Runs statements on the tables in memory."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.relation import Change, Clause, Insert, Parameters, Select, Source
from chatkit_validate.integration.rehearsal.tables import Record, Result, Row
from chatkit_validate.integration.rehearsal.values import Made, ThrownError, Unknown, Value, owner_of

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.relation import Statement
    from chatkit_validate.integration.rehearsal.tables import Database

Scene = dict[str, Row | dict[str, Value]]
"""Alias of a table -> the row of it that an expression is read for."""

_INTEGERS = 2**63
_AGGREGATES = frozenset({"count", "max", "min", "sum", "avg"})


def run(database: Database, statement: Statement) -> Result:
    """Runs `statement`."""
    return _Run(database, statement.parameters or Parameters()).run(statement, {})


class _Run:
    def __init__(self, database: Database, parameters: Parameters) -> None:
        self.database = database
        self.machine = database.machine
        self.parameters = parameters
        self.used: list[Value] = []

    def run(self, statement: Statement, named: dict[str, list[dict[str, Value]]]) -> Result:
        named = dict(named)
        for value in (*self.parameters.positional, *self.parameters.named.values(), *_stated(statement)):
            self._given(value)
        for name, inner in statement.before:
            given = self.run(inner, named)
            named[name] = [dict(zip(record.names, record.values, strict=False)) for record in given.records]
        match statement:
            case Select():
                records = self.select(statement, named, {})
                return Result(records, "SELECT", len(records))
            case Insert():
                return self._insert(statement, named)
            case Change():
                return self._change(statement, named)

    # SELECT

    def select(self, statement: Select, named: dict[str, list[dict[str, Value]]], outer: Scene) -> list[Record]:
        scenes = self._scenes(statement.sources, named, outer)
        scenes = [scene for scene in scenes if all(self._holds(item, scene, named) for item in statement.where)]
        for expression, descending in reversed(statement.order):
            scenes.sort(key=lambda scene: _sortable(self.value(expression, scene, named)), reverse=descending)
        if any(_is_aggregate(column) for column, _ in statement.columns):
            names = tuple(name for _, name in statement.columns)
            return [Record(names, tuple(self._aggregate(column, scenes, named) for column, _ in statement.columns))]
        scenes = self._cut(statement, scenes, named)
        return [self._record(statement, scene, named) for scene in scenes]

    def _scenes(self, sources: list[Source], named: dict[str, list[dict[str, Value]]], outer: Scene) -> list[Scene]:
        scenes: list[Scene] = [dict(outer)]
        for source in sources:
            rows: list[Row | dict[str, Value]] = (
                list(named[source.table]) if source.table in named else list(self.database.table(source.table).rows)
            )
            joined: list[Scene] = []
            for scene in scenes:
                fitting = [{**scene, source.alias: row} for row in rows]
                if source.on is not None:
                    fitting = [item for item in fitting if self._holds(source.on, item, named)]
                if not fitting and source.outer:
                    fitting = [{**scene, source.alias: {}}]
                joined.extend(fitting)
            scenes = joined
        return scenes

    def _cut(self, statement: Select, scenes: list[Scene], named: dict[str, list[dict[str, Value]]]) -> list[Scene]:
        offset = self.value(statement.offset, {}, named) if statement.offset is not None else None
        if isinstance(offset, int):
            scenes = scenes[max(offset, 0) :]
        limit = self.value(statement.limit, {}, named) if statement.limit is not None else None
        if isinstance(limit, int):
            if limit >= _INTEGERS or (self.database.refuses and limit < 0):
                raise ThrownError(Made("asyncpg.DataError", {"args": ("LIMIT",)}))
            scenes = scenes[:limit] if limit >= 0 else scenes
        return scenes

    def _record(self, statement: Select, scene: Scene, named: dict[str, list[dict[str, Value]]]) -> Record:
        names: list[str] = []
        values: list[Value] = []
        for entity in statement.entities:
            names.append(entity)
            values.append(scene.get(entity))
        for column, name in statement.columns:
            if column.kind == "star":
                for row in scene.values() if not column.args else [scene.get(column.args[0], {})]:
                    held = row.all() if isinstance(row, Row) else row
                    names.extend(held)
                    values.extend(held.values())
            else:
                names.append(name)
                values.append(self.value(column, scene, named))
        return Record(tuple(names), tuple(values))

    def _aggregate(self, column: Clause, scenes: list[Scene], named: dict[str, list[dict[str, Value]]]) -> Value:
        if column.kind == "label":
            return self._aggregate(column.args[0], scenes, named)
        if column.kind == "function" and column.args[0] in _AGGREGATES:
            name, arguments = column.args[0], column.args[1]
            if name == "count":
                return len(scenes)
            values = [self.value(arguments[0], scene, named) for scene in scenes] if arguments else []
            known = [value for value in values if value is not None and not isinstance(value, Unknown)]
            if not known:
                return None
            if name in {"max", "min"}:
                return (max if name == "max" else min)(known, key=_sortable)
            return sum(known) if all(isinstance(value, int | float) for value in known) else Unknown(name)
        if column.kind == "function":
            given = [self._aggregate(item, scenes, named) for item in column.args[1]]
            return self._call(column.args[0], given)
        if column.kind == "arithmetic":
            left, right = (self._aggregate(item, scenes, named) for item in column.args[1:3])
            return _arithmetic(column.args[0], left, right)
        return self.value(column, scenes[0] if scenes else {}, named)

    # INSERT, UPDATE, DELETE

    def _insert(self, statement: Insert, named: dict[str, list[dict[str, Value]]]) -> Result:
        table = self.database.table(statement.table)
        rows = [{name: self.value(value, {}, named) for name, value in given.items()} for given in statement.rows]
        if statement.chosen is not None:
            columns, chosen = statement.chosen
            rows = [dict(zip(columns, record.values, strict=False)) for record in self.select(chosen, named, {})]
        touched: list[Row] = []
        for values in rows:
            there = self._clash(statement, values) if statement.conflict else None
            if there is None:
                row = Row(table, values, self.machine.now(), table.serial(), None)
                table.rows.append(row)
                touched.append(row)
            elif statement.conflict == "replace":
                there.values = values
                touched.append(there)
            elif statement.conflict == "update":
                scene: Scene = {table.name: there, "excluded": values, "": there}
                if all(self._holds(item, scene, named) for item in statement.where):
                    there.values.update({name: self.value(item, scene, named) for name, item in statement.sets.items()})
                    touched.append(there)
        return self._returned(statement.returning, [{table.name: row} for row in touched], "INSERT", named)

    def _clash(self, statement: Insert, values: dict[str, Value]) -> Row | None:
        table = self.database.table(statement.table)
        keys = statement.keys or table.keys
        for row in table.rows:
            if all(self._same(row.get(key), values.get(key)) for key in keys):
                return row
        return None

    def _change(self, statement: Change, named: dict[str, list[dict[str, Value]]]) -> Result:
        source = statement.source
        scenes = self._scenes([source, *statement.others], named, {})
        scenes = [scene for scene in scenes if all(self._holds(item, scene, named) for item in statement.where)]
        for scene in scenes:
            row = scene[source.alias]
            if not isinstance(row, Row):
                continue
            if statement.sets is None:
                self.database.remove(row)
            else:
                row.values.update({name: self.value(item, scene, named) for name, item in statement.sets.items()})
        return self._returned(statement.returning, scenes, "DELETE" if statement.sets is None else "UPDATE", named)

    def _returned(
        self,
        returning: list[tuple[Clause, str]],
        scenes: list[Scene],
        verb: str,
        named: dict[str, list[dict[str, Value]]],
    ) -> Result:
        shape = Select(columns=returning)
        records = [self._record(shape, scene, named) for scene in scenes] if returning else []
        return Result(records, verb, len(scenes))

    # expressions

    def _holds(self, condition: Clause, scene: Scene, named: dict[str, list[dict[str, Value]]]) -> bool:
        value = self.value(condition, scene, named)
        return value is not None and not isinstance(value, Unknown) and bool(value)

    def value(self, part: Clause, scene: Scene, named: dict[str, list[dict[str, Value]]]) -> Value:
        """What a part of the statement gives for one row of each table; None for NULL."""
        args = part.args
        match part.kind:
            case "value":
                return self._given(args[0])
            case "parameter":
                return self._given(self._parameter(args[0]))
            case "column":
                return _column(args[0], args[1], scene)
            case "compare":
                return self._compared(args[0], self.value(args[1], scene, named), self.value(args[2], scene, named))
            case "and":
                return all(self._holds(item, scene, named) for item in args[0])
            case "or":
                return any(self._holds(item, scene, named) for item in args[0])
            case "not":
                return not self._holds(args[0], scene, named)
            case "null":
                return self.value(args[0], scene, named) is None
            case "in":
                return self._in(args[0], args[1], scene, named)
            case "tuple":
                return tuple(self.value(item, scene, named) for item in args[0])
            case "select" | "exists":
                found = self.select(args[0], named, scene)
                if part.kind == "exists":
                    return bool(found)
                return found[0].values[0] if found and found[0].values else None
            case "case":
                for condition, given in args[0]:
                    if self._holds(condition, scene, named):
                        return self.value(given, scene, named)
                return self.value(args[1], scene, named) if args[1] is not None else None
            case "arithmetic":
                left, right = (self.value(item, scene, named) for item in args[1:3])
                return _arithmetic(args[0], left, right)
            case "function":
                return self._call(args[0], [self.value(item, scene, named) for item in args[1]])
            case "label" | "order":
                return self.value(args[0], scene, named)
            case _:
                return Unknown("a part of a statement")

    def _given(self, value: Value) -> Value:
        if self.database.refuses and isinstance(value, str) and "\x00" in value:
            raise ThrownError(Made("asyncpg.DataError", {"args": ("U+0000",)}))
        return value

    def _parameter(self, key: Value) -> Value:
        positional, named = self.parameters.positional, self.parameters.named
        if isinstance(key, int):
            return positional[key] if key < len(positional) else Unknown(f"parameter {key + 1}")
        return named.get(str(key), Unknown(f"parameter {key}"))

    def _compared(self, op: str, left: Value, right: Value) -> bool | None:
        if left is None or right is None:
            if isinstance(left, Unknown) or isinstance(right, Unknown):
                self.machine.doubts.append("whether a column that nobody filled is what is asked for")
            return None
        if op in {"=", "!=", "<>", "=="}:
            same = self._same(left, right)
            return bool(same) if op in {"=", "=="} else not same
        if op in {"like", "ilike"}:
            return _like(left, right)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            self.machine.doubts.append("the order of values that are not known")
            return bool(owner_of(left, right))
        first, second = _sortable(left), _sortable(right)
        answers: dict[str, bool] = {
            "<": first < second,
            "<=": first <= second,
            ">": first > second,
            ">=": first >= second,
        }
        return answers.get(op)

    def _same(self, left: Value, right: Value) -> bool:
        from chatkit_validate.integration.rehearsal.operators import equal

        if type(left) is not type(right) and not isinstance(left, Unknown) and not isinstance(right, Unknown):
            return bool(_plain(left) == _plain(right))
        same = equal(self.machine, left, right)
        if same is None:
            self.machine.doubts.append(f"whether {left!r} is {right!r}"[:80])
        return bool(same)

    def _in(self, value: Clause, choices: Value, scene: Scene, named: dict[str, list[dict[str, Value]]]) -> bool | None:
        held = self.value(value, scene, named)
        if held is None:
            return None
        options: list[Value] = []
        for choice in choices if isinstance(choices, list) else [choices]:
            if choice.kind == "select":
                options.extend(record.values[0] for record in self.select(choice.args[0], named, scene))
                continue
            given = self.value(choice, scene, named)
            options.extend(given if isinstance(given, list | tuple | set | frozenset) else [given])
        return any(self._same(held, option) for option in options if option is not None)

    def _call(self, name: str, given: list[Value]) -> Value:
        match name:
            case "now" | "current_timestamp" | "datetime" | "clock_timestamp" | "localtimestamp" | "getdate":
                return self.machine.now()
            case "json" if len(given) > 1:
                return _inside(given[0], given[1])
            case "coalesce" | "ifnull":
                return next((item for item in given if item is not None), None)
            case "cast" | "text" | "to_json" | "to_jsonb" | "json" | "lower" | "trim" if given:
                return given[0]
            case "nextval" | "last_insert_rowid":
                return self.machine.serial()
            case "gen_random_uuid" | "uuid_generate_v4":
                return f"00000000-0000-4000-8000-{self.machine.serial():012d}"
            case _:
                return Unknown(f"{name}()", owner_of(*given), tuple(given))


def _inside(document: Value, key: Value) -> Value:
    """What JSON, as text or parsed, holds under a key."""
    from chatkit_validate.integration.rehearsal.standard import loaded

    held = loaded(document) if isinstance(document, str) else document
    if isinstance(held, dict):
        return held.get(key)
    return Unknown("a part of JSON", owner_of(document), (document,))


def _column(qualifier: str, name: str, scene: Scene) -> Value:
    row = scene.get(qualifier) if qualifier else None
    if row is None:
        holding = [item for item in scene.values() if name in (item.values if isinstance(item, Row) else item)]
        rows = [item for item in scene.values() if isinstance(item, Row)]
        row = holding[-1] if holding else rows[-1] if rows else None
    if row is None:
        return None
    return row.get(name)


def _stated(statement: Statement) -> list[Value]:
    """The values that stand in the statement's conditions themselves."""
    found: list[Value] = []
    stack: list[Value] = [] if isinstance(statement, Insert) else list(statement.where)
    while stack:
        item = stack.pop()
        if isinstance(item, Clause) and item.kind == "value":
            found.append(item.args[0])
        elif isinstance(item, Clause):
            stack.extend(item.args)
        elif isinstance(item, list):
            stack.extend(item)
    return found


def _is_aggregate(column: Clause) -> bool:
    if column.kind == "function":
        return column.args[0] in _AGGREGATES or any(_is_aggregate(item) for item in column.args[1])
    if column.kind == "label":
        return _is_aggregate(column.args[0])
    return column.kind == "arithmetic" and any(_is_aggregate(item) for item in column.args[1:3])


def _sortable(value: Value) -> tuple[Value, ...]:
    """`value` as something that compares with its like, NULL last."""
    if isinstance(value, tuple):
        return tuple(_sortable(item) for item in value)
    if isinstance(value, datetime):
        return (0, "", value.replace(tzinfo=None).timestamp())
    if isinstance(value, bool | int | float):
        return (0, "", float(value)) if abs(value) < 2**53 else (0, "", value)
    if isinstance(value, str):
        return (0, value, 0)
    return (1, "", 0)


def _plain(value: Value) -> Value:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    return str(value).lower() if type(value).__name__ == "UUID" else value


def _arithmetic(op: str, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(left, int | float) and isinstance(right, int | float):
        match op:
            case "+" | "Add":
                return left + right
            case "-" | "Sub":
                return left - right
            case _:
                return Unknown("a calculation")
    if op == "||" and isinstance(left, str) and isinstance(right, str):
        return left + right
    return Unknown("a calculation", owner_of(left, right), (left, right))


def _like(left: Value, right: Value) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    pattern = "".join(".*" if item == "%" else "." if item == "_" else re.escape(item) for item in right)
    return re.fullmatch(pattern, left, re.IGNORECASE | re.DOTALL) is not None
