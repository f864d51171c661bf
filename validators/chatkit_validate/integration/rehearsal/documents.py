"""Containers of documents, as Azure Cosmos DB's client is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.expression import SqlError
from chatkit_validate.integration.rehearsal.relation import Parameters, Select, Source, clause
from chatkit_validate.integration.rehearsal.sql import parse
from chatkit_validate.integration.rehearsal.tables import Row
from chatkit_validate.integration.rehearsal.values import Made, ThrownError, Unknown, Value, parts
from chatkit_validate.record import replace

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.machine import Machine
    from chatkit_validate.integration.rehearsal.tables import Table

UNKNOWN = (False, None)
_NOT_FOUND = "azure.cosmos.exceptions.CosmosResourceNotFoundError"


def call(
    machine: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> tuple[bool, Value]:
    """What the method `name` of a container gives; not known for other methods."""
    if not isinstance(owner, Unknown):
        return UNKNOWN
    table = machine.database.table(_table(owner))
    match name:
        case "query_items":
            return _queried(machine, table, keywords.get("query", arguments[0] if arguments else None), keywords)
        case "read_all_items":
            return True, [_document(row) for row in table.rows]
        case "read_item" | "delete_item":
            wanted = keywords.get("item", arguments[0] if arguments else None)
            row = next((row for row in table.rows if row.values.get("id") == _key(wanted)), None)
            if row is None:
                raise ThrownError(Made(_NOT_FOUND, {"args": ()}))
            if name == "delete_item":
                table.rows.remove(row)
            return True, _document(row) if name == "read_item" else None
        case "upsert_item" | "create_item" | "replace_item":
            document = keywords.get("body", arguments[-1] if arguments else None)
            return (True, _written(machine, table, document)) if isinstance(document, dict) else UNKNOWN
        case _:
            return UNKNOWN


def _table(owner: Unknown) -> str:
    """A name for the container: what it was asked for by, and what it is called."""
    named = "_".join(part for part in parts(owner, 2) if isinstance(part, str))
    return f"{owner.label}_{named}".replace(".", "_")


def _key(wanted: Value) -> Value:
    return wanted.get("id") if isinstance(wanted, dict) else wanted


def _document(row: Row) -> dict[str, Value]:
    return dict(row.values)


def _written(machine: Machine, table: Table, document: dict[Value, Value]) -> Value:
    values = {str(key): value for key, value in document.items()}
    for row in table.rows:
        if row.values.get("id") == values.get("id"):
            row.values = values
            return document
    table.rows.append(Row(table, values, machine.now(), table.serial(), None))
    return document


def _queried(machine: Machine, table: Table, text: Value, keywords: dict[str, Value]) -> tuple[bool, Value]:
    if not isinstance(text, str):
        return UNKNOWN
    machine.database.statements.append((text, machine.node, machine.module))
    try:
        statement = parse(text)
    except SqlError:
        return UNKNOWN
    if not isinstance(statement, Select) or not statement.sources:
        return UNKNOWN
    alias = statement.sources[0].alias
    named = {
        str(item.get("name", "")).lstrip("@"): item.get("value")
        for item in keywords.get("parameters") or ()
        if isinstance(item, dict)
    }
    whole = any(column.kind == "star" for column, _ in statement.columns)
    columns = [(clause("star"), "*")] if whole else statement.columns
    found = machine.database.run(
        replace(statement, sources=[Source(table.name, alias)], columns=columns, parameters=Parameters((), named))
    )
    return True, [dict(zip(record.names, record.values, strict=False)) for record in found.records]
