"""SQLAlchemy's and SQLModel's statements, as their builders are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.relation import Change, Clause, Insert, Select, Source, clause
from chatkit_validate.integration.rehearsal.tables import Result
from chatkit_validate.integration.rehearsal.values import Library, Made, Text, ThrownError, Unknown, Value
from chatkit_validate.names import Class
from chatkit_validate.record import replace

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine

UNKNOWN = (False, None)
_PACKAGES = ("sqlalchemy.", "sqlmodel.")
_WHERES = frozenset({"where", "filter"})
_KEPT = frozenset(
    [
        "options",
        "execution_options",
        "with_for_update",
        "distinct",
        "group_by",
        "having",
        "correlate",
        "params",
        "enable_eagerloads",
        "yield_per",
        "populate_existing",
        "prefix_with",
        "with_only_columns",
        "autoflush",
    ]
)
_COMPARES = {
    "__eq__": "=",
    "__ne__": "!=",
    "__lt__": "<",
    "__gt__": ">",
    "__le__": "<=",
    "__ge__": ">=",
    "like": "like",
    "ilike": "ilike",
    "contains": "like",
}


def call(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value]) -> tuple[bool, Value]:
    """What a function of SQLAlchemy or SQLModel gives; not known for others."""
    if not name.startswith(_PACKAGES):
        return UNKNOWN
    last = name.rpartition(".")[2]
    match last:
        case "select":
            return True, _select(machine, arguments)
        case "delete" if arguments:
            return True, Change(_source(machine, arguments[0]))
        case "update" if arguments:
            return True, Change(_source(machine, arguments[0]), {})
        case "insert" if arguments:
            return True, Insert(_source(machine, arguments[0]).table, model=True)
        case "text" if arguments:
            return True, arguments[0]
        case "and_" | "or_":
            return True, clause(last.strip("_"), [_clause(item) for item in arguments])
        case "not_":
            return True, clause("not", _clause(arguments[0]))
        case "desc" | "asc" if arguments:
            return True, clause("order", _clause(arguments[0]), last == "desc")
        case "col" | "cast" | "literal" | "type_coerce" | "nulls_last" | "nulls_first" | "nullslast" | "collate" if (
            arguments
        ):
            return True, arguments[0] if isinstance(arguments[0], Clause) else _clause(arguments[0])
        case "tuple_":
            return True, clause("tuple", [_clause(item) for item in arguments])
        case "exists" if arguments:
            return True, clause("exists", arguments[0]) if isinstance(arguments[0], Select) else _clause(arguments[0])
        case "case":
            branches = [
                (_clause(one), _clause(given)) for one, given in (item for item in arguments if isinstance(item, tuple))
            ]
            return True, clause("case", branches, _clause(keywords["else_"]) if "else_" in keywords else None)
        case "true" | "false":
            return True, clause("value", last == "true")
        case "null":
            return True, clause("value", None)
        case _ if ".func." in name:
            return True, clause("function", last.lower(), [_clause(item) for item in arguments])
        case _:
            return UNKNOWN


def _clause(value: Value) -> Clause:
    if isinstance(value, Select):
        return clause("select", value)
    if isinstance(value, str) and " " in value.strip():
        return clause("raw", value)
    return value if isinstance(value, Clause) else clause("value", value)


def _source(machine: Machine, value: Value) -> Source:
    if isinstance(value, Class):
        table = machine.database.table_of(value)
        return Source(table, table)
    if isinstance(value, Clause) and value.kind == "column":
        return Source(value.args[0], value.args[0])
    name = value.name.rpartition(".")[2].lower() if isinstance(value, Library) else repr(value).lower()
    return Source(name, name)


def whole(machine: Machine, cls: Class) -> Select:
    """All rows of a model."""
    source = _source(machine, cls)
    return Select(sources=[source], entities=[source.alias])


def _select(machine: Machine, arguments: list[Value]) -> Select:
    found = Select()
    for argument in arguments:
        if isinstance(argument, list | tuple):
            for item in argument:
                _add(machine, found, item)
        else:
            _add(machine, found, argument)
    return found


def _add(machine: Machine, found: Select, item: Value) -> None:
    if isinstance(item, Clause):
        found.columns.append((item, _named(item)))
        for table in _tables(item):
            if all(source.table != table for source in found.sources):
                found.sources.append(Source(table, table))
        return
    source = _source(machine, item)
    found.entities.append(source.alias)
    if all(known.table != source.table for known in found.sources):
        found.sources.append(source)


def _tables(item: Clause) -> list[str]:
    if item.kind == "column":
        return [item.args[0]]
    return [
        table
        for part in item.args
        for one in (part if isinstance(part, list) else [part])
        if isinstance(one, Clause)
        for table in _tables(one)
    ]


def _named(item: Clause) -> str:
    match item.kind:
        case "column" | "label":
            return str(item.args[1])
        case "function":
            return f"{item.args[0]}_1"
        case _:
            return "anon_1"


def method(
    machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    """What a method of a statement or a column gives; of `session.query(...)`, too."""
    match owner:
        case Clause():
            return True, _of_clause(owner, name, arguments)
        case Select():
            return _of_select(machine, owner, name, arguments, keywords)
        case Change():
            return True, _of_change(owner, name, arguments, keywords)
        case Insert():
            return True, _of_insert(machine, owner, name, arguments, keywords)
        case Unknown() if name == "query" and arguments and isinstance(arguments[0], Class | Clause):
            return True, _select(machine, arguments)
        case Class() if name in {"insert", "delete", "update"}:
            return call(machine, f"sqlalchemy.{name}", [owner], {})
        case _:
            return UNKNOWN


def _of_clause(owner: Clause, name: str, arguments: list[Value]) -> Value:
    match name:
        case "desc" | "asc":
            return clause("order", owner, name == "desc")
        case "in_" | "not_in" | "notin_":
            given = arguments[0] if arguments else []
            options = [_clause(item) for item in given] if isinstance(given, list | tuple | set) else [_clause(given)]
            found = clause("in", owner, options)
            return found if name == "in_" else clause("not", found)
        case "is_" | "is_not" | "isnot":
            same = (
                clause("null", owner)
                if arguments[:1] == [None]
                else clause("compare", "=", owner, _clause(arguments[0]))
            )
            return same if name == "is_" else clause("not", same)
        case "label" if arguments:
            return clause("label", owner, arguments[0])
        case "between" if len(arguments) > 1:
            low = clause("compare", ">=", owner, _clause(arguments[0]))
            return clause("and", [low, clause("compare", "<=", owner, _clause(arguments[1]))])
        case _ if name in _COMPARES and arguments:
            return clause("compare", _COMPARES[name], owner, _clause(arguments[0]))
        case _:
            return owner


def _of_select(
    machine: Machine, owner: Select, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    found = owner.copy()
    match name:
        case _ if name in _WHERES:
            found.where.extend(_condition(machine, item) for item in arguments)
        case "filter_by":
            table = found.sources[-1].alias if found.sources else ""
            for key, value in keywords.items():
                found.where.append(clause("compare", "=", clause("column", table, key), _clause(value)))
        case "order_by":
            found.order = (
                []
                if arguments[:1] == [None]
                else [*found.order, *(_order(machine, item) for item in arguments if item is not None)]
            )
        case "limit" | "offset":
            setattr(found, name, _clause(arguments[0]) if arguments and arguments[0] is not None else None)
        case "slice" if len(arguments) > 1:
            start, end = arguments[:2]
            found.offset, found.limit = (
                _clause(start),
                _clause(end - start if isinstance(start, int) and isinstance(end, int) else end),
            )
        case "select_from":
            found.sources = [_source(machine, item) for item in arguments]
        case "join" | "outerjoin" if arguments:
            _join(machine, found, arguments, outer=name == "outerjoin" or bool(keywords.get("isouter")))
        case "scalar_subquery" | "as_scalar":
            return True, clause("select", owner)
        case "exists":
            return True, clause("exists", owner)
        case "delete":
            return True, machine.database.run(Change(found.sources[0], where=found.where)).count
        case "update" if arguments and isinstance(arguments[0], dict):
            sets = {_key(key): _clause(value) for key, value in arguments[0].items()}
            return True, machine.database.run(Change(found.sources[0], sets, where=found.where)).count
        case "count" if not arguments:
            return True, len(machine.database.run(found).records)
        case _ if name in _KEPT:
            pass
        case _:
            return _asked(machine, found, name, arguments)
    return True, found


def _key(key: Value) -> str:
    return str(key.args[1]) if isinstance(key, Clause) and key.kind == "column" else str(key)


def _asked(machine: Machine, owner: Select, name: str, arguments: list[Value]) -> tuple[bool, Value]:
    """`query.first()` and its like run the statement."""
    from chatkit_validate.integration.rehearsal import drivers

    if name not in {"all", "first", "one", "one_or_none", "scalar", "get", "__iter__"}:
        return True, owner
    if name == "get" and owner.sources:
        keys = machine.database.table(owner.sources[0].table).keys
        owner.where.append(
            clause("compare", "=", clause("column", owner.sources[0].alias, keys[0]), _clause(arguments[0]))
        )
    result = machine.database.run(owner)
    if owner.entities and len(owner.entities) == 1 and not owner.columns:
        result = Result([record.values[0] for record in result.records], result.verb, result.count)
    if name == "scalar" and not owner.entities:
        return True, result.records[0].values[0] if result.records else None
    if name == "one" and not result.records:
        raise ThrownError(Made("sqlalchemy.exc.NoResultFound", {"args": ()}))
    return drivers.call(machine, result, "first" if name in {"get", "scalar", "one", "one_or_none"} else name, [], {})


def _condition(machine: Machine, item: Value) -> Clause:
    if isinstance(item, str | Text):
        return _parsed(machine, item)
    found = _clause(item)
    return _parsed(machine, found.args[0]) if found.kind == "raw" else found


def _parsed(machine: Machine, text: Value) -> Clause:
    """A condition or order written as text."""
    from chatkit_validate.integration.rehearsal import expression, sql

    machine.database.statements.append((text, machine.node, machine.module))
    try:
        statement = sql.parse(f"SELECT 1 WHERE {text}")
    except expression.SqlError:
        return clause("value", Unknown("a condition written as text"))
    return statement.where[0] if isinstance(statement, Select) and statement.where else clause("value", True)


def _order(machine: Machine, item: Value) -> tuple[Clause, bool]:
    if isinstance(item, str | Text):
        machine.database.statements.append((item, machine.node, machine.module))
        words = (item if isinstance(item, str) else repr(item)).split()
        return clause("column", "", words[0].rpartition(".")[2]), words[-1].lower() == "desc"
    if isinstance(item, Clause) and item.kind == "order":
        return item.args[0], bool(item.args[1])
    return _clause(item), False


def _join(machine: Machine, found: Select, arguments: list[Value], *, outer: bool) -> None:
    source = _source(machine, arguments[0])
    source.outer = outer
    if len(arguments) > 1 and isinstance(arguments[1], Clause):
        source.on = arguments[1]
    else:
        source.on = _foreign(machine, found, source)
    found.sources.append(source)


def _foreign(machine: Machine, found: Select, source: Source) -> Clause | None:
    """The condition of a join by foreign key: a column of either side that is named like the other's table."""
    for known in found.sources:
        for holder, target in ((known.alias, source.alias), (source.alias, known.alias)):
            stem = target.rstrip("s").rpartition("_")[2]
            for row in machine.database.table(holder).rows:
                for column in row.values:
                    if column.endswith("_id") and stem and column[:-3].endswith(stem):
                        key = machine.database.table(target).keys[-1]
                        return clause("compare", "=", clause("column", holder, column), clause("column", target, key))
    return None


def _of_change(owner: Change, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    match name:
        case _ if name in _WHERES:
            return replace(owner, where=[*owner.where, *(_clause(item) for item in arguments)])
        case "filter_by":
            more = [
                clause("compare", "=", clause("column", owner.source.alias, key), _clause(value))
                for key, value in keywords.items()
            ]
            return replace(owner, where=[*owner.where, *more])
        case "values":
            given = {**(arguments[0] if arguments and isinstance(arguments[0], dict) else {}), **keywords}
            return replace(owner, sets={_key(key): _clause(value) for key, value in given.items()})
        case "returning":
            return replace(
                owner,
                returning=[(_clause(item), _named(item)) for item in arguments if isinstance(item, Clause)]
                or [(clause("star"), "*")],
            )
        case _:
            return owner


def _of_insert(
    _machine: Machine, owner: Insert, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> Value:
    match name:
        case "values":
            given = arguments[0] if arguments else {}
            many = given if isinstance(given, list) else [{**(given if isinstance(given, dict) else {}), **keywords}]
            return replace(owner, rows=[{_key(key): _clause(value) for key, value in one.items()} for one in many])
        case "on_conflict_do_update" | "on_conflict_do_nothing" | "on_duplicate_key_update":
            keys = tuple(_key(item) for item in keywords.get("index_elements") or ())
            sets = keywords.get("set_") or {}
            pairs = sets.items() if isinstance(sets, dict) else ()
            where = [_clause(keywords["where"])] if isinstance(keywords.get("where"), Clause) else []
            return replace(
                owner,
                conflict="nothing" if name.endswith("nothing") else "update",
                keys=keys,
                sets={_key(key): _clause(value) for key, value in pairs},
                where=where,
            )
        case "excluded":
            return Made("excluded", {})
        case "returning":
            return replace(
                owner,
                returning=[(_clause(item), _named(item)) for item in arguments if isinstance(item, Clause)]
                or [(clause("star"), "*")],
            )
        case "prefix_with" if arguments and "REPLACE" in str(arguments[0]):
            return replace(owner, conflict="replace")
        case _:
            return owner
