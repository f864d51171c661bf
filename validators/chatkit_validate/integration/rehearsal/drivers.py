"""Databases as their drivers are called: asyncpg, psycopg, sqlite3, aiosqlite, databases, and SQLAlchemy's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.expression import SqlError
from chatkit_validate.integration.rehearsal.relation import Change, Insert, Parameters, Select, clause
from chatkit_validate.integration.rehearsal.sql import parse
from chatkit_validate.integration.rehearsal.tables import Record, Result, Row
from chatkit_validate.integration.rehearsal.values import Made, Text, ThrownError, Unknown, Value, thrown
from chatkit_validate.names import Class
from chatkit_validate.record import replace

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

UNKNOWN = (False, None)
_RUNS = frozenset(
    [
        "execute",
        "exec",
        "executemany",
        "fetch",
        "fetchrow",
        "fetchval",
        "fetch_all",
        "fetch_one",
        "fetch_val",
        "fetchall",
        "fetchone",
        "scalar",
        "scalars",
        "execute_fetchall",
        "execute_insert",
        "stream",
        "stream_scalars",
        "cursor",
        "iterate",
        "prepare",
    ]
)
# What a cursor of DB-API gives of the statement that it ran last.
_FETCHES = frozenset({"fetchone", "fetchall", "fetchmany"})
_ONE = frozenset({"fetchrow", "fetch_one"})
_SCALAR = frozenset({"fetchval", "fetch_val", "scalar"})
_LISTS = frozenset({"fetch", "fetch_all", "execute_fetchall"})
_SAME = frozenset(
    [
        "acquire",
        "connection",
        "connect",
        "begin",
        "begin_nested",
        "transaction",
        "cursor",
        "session",
        "get_connection",
        "__aenter__",
        "__enter__",
        "scalars",
        "mappings",
        "unique",
        "tuples",
        "yield_per",
        "execution_options",
        "options",
        "with_for_update",
        "enable_eagerloads",
    ]
)


def call(
    machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    """What the method `name` of a connection, session, cursor or result gives; not known for other methods."""
    if isinstance(owner, Result):
        return _of_result(machine, owner, name, arguments)
    if not isinstance(owner, Unknown):
        return UNKNOWN
    statement = next((keywords[key] for key in ("query", "statement", "sql", "operation") if key in keywords), None)
    if statement is None and arguments:
        statement = arguments[0]
    if name in _FETCHES and not isinstance(statement, str | Text | Select):
        held = last(machine, owner)
        return _of_result(machine, held, name, arguments) if held is not None else UNKNOWN
    if name in _RUNS and isinstance(statement, str | Text | Select | Insert | Change):
        rest = [
            *arguments[1:],
            *(keywords[key] for key in ("values", "params", "parameters", "vars") if key in keywords),
        ]
        return True, _run(machine, name, statement, rest, owner)
    if name in {
        "add",
        "add_all",
        "merge",
        "delete",
        "get",
        "get_one",
        "refresh",
        "flush",
        "commit",
        "rollback",
        "expunge",
    }:
        return _of_session(machine, name, arguments, keywords)
    if name == "run_sync" and arguments:
        return True, machine.call(arguments[0], [owner, *arguments[1:]], keywords)
    if name in _SAME and not any(isinstance(item, str) for item in arguments):
        return True, owner
    return UNKNOWN


def last(machine: Machine, owner: Unknown) -> Result | None:
    """What the statement gave that a cursor ran last; None where it ran none."""
    held = machine.remembered.get(("cursor", id(owner)))
    return held[1] if held is not None else None


def _run(machine: Machine, name: str, given: Value, rest: list[Value], owner: Unknown | None = None) -> Value:
    if isinstance(given, str | Text):
        statement = _read(machine, given)
        if statement is None:
            return Unknown("what the statement gives", truth=True)
        if name == "executemany" and rest and isinstance(rest[0], list):
            for item in rest[0]:
                machine.database.run(replace(statement, parameters=_parameters([item])))
            return Result([], "MANY", len(rest[0]))
        statement = replace(statement, parameters=_parameters(rest))
    else:
        statement = given
        if isinstance(statement, Insert) and not statement.rows and rest:
            many = rest[0] if isinstance(rest[0], list) else [rest[0]]
            rows = [
                {str(key): clause("value", value) for key, value in one.items()}
                for one in many
                if isinstance(one, dict)
            ]
            statement = replace(statement, rows=rows)
    machine.database.refuses = machine.database.refuses or _is_numbered(given)
    result = machine.database.run(statement)
    if owner is not None:
        machine.remembered["cursor", id(owner)] = (owner, result)
    whole = bool(isinstance(statement, Select) and statement.entities)
    return _shaped(machine, name, result, whole=whole)


def _is_numbered(given: Value) -> bool:
    """Whether parameters are written as PostgreSQL has them."""
    text = given if isinstance(given, str) else repr(given) if isinstance(given, Text) else ""
    return "$1" in text


def _shaped(_machine: Machine, name: str, result: Result, *, whole: bool) -> Value:
    if name in _ONE:
        return result.records[0] if result.records else None
    if name in _SCALAR:
        return result.records[0].values[0] if result.records and result.records[0].values else None
    if name in _LISTS:
        return list(result.records)
    if name in {"scalars", "stream_scalars"} or (name == "exec" and whole) or (name == "exec" and _is_single(result)):
        return _firsts(result)
    return result


def _is_single(result: Result) -> bool:
    """SQLModel's `exec` gives plain values where one column is selected."""
    return bool(result.records) and all(len(record.values) == 1 for record in result.records)


def _firsts(result: Result) -> Result:
    values: list[Value] = list(result.records)
    return Result([_value(item) for item in values], result.verb, result.count)


def _read(machine: Machine, given: str | Text) -> Select | Insert | Change | None:
    machine.database.statements.append((given, machine.node, machine.module))
    pieces = given.parts if isinstance(given, Text) else (given,)
    names: dict[Value, str] = {}
    text = "".join(
        piece if isinstance(piece, str) else names.setdefault(repr(piece), f"part{len(names)}") for piece in pieces
    )
    machine.database.learn(text)
    try:
        return parse(text)
    except SqlError as error:
        from chatkit_validate.integration.rehearsal.machine import UnreadableError

        raise UnreadableError(f"the statement cannot be followed: {error}", machine.node, machine.module) from None


def _parameters(rest: list[Value]) -> Parameters:
    if len(rest) == 1 and isinstance(rest[0], dict):
        return Parameters((), {str(key): value for key, value in rest[0].items()})
    if len(rest) == 1 and isinstance(rest[0], tuple | list):
        return Parameters(tuple(rest[0]))
    return Parameters(tuple(rest))


def _of_session(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    database = machine.database
    first = arguments[0] if arguments else None
    match name:
        case "add" | "add_all":
            for row in first if isinstance(first, list) else [first]:
                if isinstance(row, Row):
                    database.store(row)
            return True, None
        case "delete" if isinstance(first, Row):
            database.remove(first)
            return True, None
        case "merge" if isinstance(first, Row):
            return True, _merged(machine, first)
        case "get" | "get_one" if isinstance(first, Class) and database.is_model(first):
            key = arguments[1] if len(arguments) > 1 else keywords.get("ident")
            found = _by_key(machine, first, key)
            if found is None and name == "get_one":
                raise ThrownError(Made("sqlalchemy.exc.NoResultFound", {"args": ()}))
            return True, found
        case "refresh" | "flush" | "commit" | "rollback" | "expunge":
            return True, None
        case _:
            return UNKNOWN


def _by_key(machine: Machine, cls: Class, key: Value) -> Row | None:
    table = machine.database.table(machine.database.table_of(cls))
    wanted = key if isinstance(key, tuple) else tuple(key.values()) if isinstance(key, dict) else (key,)
    columns = tuple(key) if isinstance(key, dict) else table.keys
    conditions = [
        clause("compare", "=", clause("column", table.name, column), clause("value", value))
        for column, value in zip(columns, wanted, strict=False)
    ]
    from chatkit_validate.integration.rehearsal.selecting import whole

    found = machine.database.run(replace(whole(machine, cls), where=conditions))
    return found.records[0].values[0] if found.records else None


def _merged(machine: Machine, row: Row) -> Row:
    table = row.table
    found = _by_key(machine, row.cls, tuple(row.get(key) for key in table.keys)) if row.cls is not None else None
    if found is None:
        machine.database.store(row)
        return row
    found.values.update(row.values)
    return found


def _of_result(machine: Machine, owner: Result, name: str, arguments: list[Value]) -> tuple[bool, Value]:
    records = owner.records
    match name:
        case "fetchone" | "first" | "one_or_none" | "fetchrow":
            found = records[0] if records else None
            if name == "fetchone" and records:
                owner.records = records[1:]
            return True, found
        case "fetchall" | "all" | "fetchmany" | "partitions" | "to_list":
            return True, list(records)
        case "scalar" | "scalar_one_or_none":
            return True, _value(records[0]) if records else None
        case "one" | "scalar_one":
            if not records:
                raise ThrownError(Made("sqlalchemy.exc.NoResultFound", {"args": ()}))
            return True, records[0] if name == "one" else _value(records[0])
        case "scalars":
            return True, _firsts(owner)
        case "rowcount":
            return True, owner.count
        case "lastrowid":
            return True, machine.serial()
        case "split" | "endswith" | "startswith" | "strip" | "lower" | "upper" | "rsplit":
            return True, getattr(owner.status, name)(*arguments)
        case "keys":
            return True, list(records[0].names) if records and isinstance(records[0], Record) else []
        case "delete" | "update":
            raise thrown("AttributeError", name)
        case _:
            return True, owner


def _value(record: Value) -> Value:
    return record.values[0] if isinstance(record, Record) and record.values else record
