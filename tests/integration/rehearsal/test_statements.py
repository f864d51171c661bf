"""SQL as stores write it, read and run on tables in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatkit_validate.integration.rehearsal.expression import SqlError
from chatkit_validate.integration.rehearsal.machine import Machine
from chatkit_validate.integration.rehearsal.relation import Parameters
from chatkit_validate.integration.rehearsal.sql import parse
from chatkit_validate.names import Hierarchy, Project
from chatkit_validate.record import replace
from chatkit_validate.source import Problem, ProblemKind

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.tables import Database


@pytest.fixture
def database() -> Database:
    project = Project((), lambda path: Problem(path, 0, ProblemKind.UNREADABLE, "there is none"))
    return Machine(project, Hierarchy(project)).database


def run(database: Database, text: str, *given: object, **named: object) -> list[tuple[Any, ...]]:
    statement = parse(text)
    assert statement is not None
    result = database.run(replace(statement, parameters=Parameters(given, named)))
    return [record.values for record in result.records]


@pytest.fixture
def filled(database: Database) -> Database:
    for number, owner in ((1, "a"), (2, "b"), (3, "a"), (4, "a")):
        run(database, "INSERT INTO chat.rows (id, owner, n) VALUES ($1, $2, $3)", f"r{number}", owner, number)
    return database


@pytest.mark.parametrize(
    ("text", "given", "wanted"),
    [
        ("SELECT id FROM rows WHERE owner = $1 ORDER BY n DESC", ("a",), ["r4", "r3", "r1"]),
        ("SELECT id FROM rows WHERE owner = ? AND n > ? LIMIT 1", ("a", 1), ["r3"]),
        ("select r.id from chat.rows as r where r.n between %s and %s", (2, 3), ["r2", "r3"]),
        ("SELECT id FROM rows WHERE id IN ($1, $2) ORDER BY id", ("r4", "r1"), ["r1", "r4"]),
        ("SELECT id FROM rows WHERE id = ANY($1::text[])", (["r2"],), ["r2"]),
        ("SELECT id FROM rows WHERE ($1::text IS NULL OR owner = $1) AND NOT n < 3", (None,), ["r3", "r4"]),
        ("SELECT id FROM rows WHERE n > (SELECT n FROM rows WHERE id = $1)", ("r3",), ["r4"]),
        ("SELECT id FROM rows WHERE n > (SELECT n FROM rows WHERE id = $1)", ("none",), []),
        ("SELECT id FROM rows WHERE (owner, n) > ($1, $2) ORDER BY n", ("a", 3), ["r2", "r4"]),
        ("SELECT count(*) FROM rows WHERE owner = $1", ("a",), [3]),
        ("SELECT COALESCE(MAX(n), 0) + 1 FROM rows WHERE owner = $1", ("nobody",), [1]),
        ("SELECT CASE WHEN owner = 'a' THEN 'mine' ELSE 'theirs' END FROM rows WHERE n = 2", (), ["theirs"]),
        ("SELECT id FROM rows WHERE id LIKE 'r%' -- all of them\n OFFSET 3", (), ["r4"]),
        ("SELECT id FROM rows WHERE EXISTS (SELECT 1 FROM rows x WHERE x.owner = 'b') LIMIT 1", (), ["r1"]),
        ('SELECT "id" FROM "rows" WHERE "n" <> 1 AND owner IS NOT NULL LIMIT 1', (), ["r2"]),
        ("WITH mine AS (SELECT id FROM rows WHERE owner = $1) SELECT id FROM mine LIMIT 1", ("b",), ["r2"]),
    ],
)
def test_what_a_select_finds(filled: Database, text: str, given: tuple[Any, ...], wanted: list[Any]) -> None:
    assert [row[0] for row in run(filled, text, *given)] == wanted


def test_named_parameters(filled: Database) -> None:
    assert run(filled, "SELECT id FROM rows WHERE owner = :owner AND n > :n", owner="a", n=3) == [("r4",)]
    assert run(filled, "SELECT id FROM rows WHERE owner = %(owner)s", owner="b") == [("r2",)]


@pytest.mark.parametrize(
    ("conflict", "owner"),
    [
        ("ON CONFLICT (id) DO NOTHING", "a"),
        ("ON CONFLICT (id) DO UPDATE SET owner = EXCLUDED.owner", "new"),
        ("ON CONFLICT (id) DO UPDATE SET owner = EXCLUDED.owner WHERE rows.owner = EXCLUDED.owner", "a"),
    ],
)
def test_what_becomes_of_a_row_that_is_there(filled: Database, conflict: str, owner: str) -> None:
    run(filled, f"INSERT INTO rows (id, owner, n) VALUES ('r1', 'new', 9) {conflict}")  # noqa: S608 - constants of this test
    assert run(filled, "SELECT owner FROM rows WHERE id = 'r1'") == [(owner,)]
    assert run(filled, "SELECT count(*) FROM rows") == [(4,)]


def test_replacing_goes_by_the_primary_key_that_the_table_is_created_with(filled: Database) -> None:
    filled.learn("CREATE TABLE chat.rows (id TEXT, owner TEXT, PRIMARY KEY (owner, id))")
    run(filled, "INSERT OR REPLACE INTO rows (id, owner, n) VALUES ('r1', 'b', 9)")
    assert run(filled, "SELECT count(*) FROM rows WHERE id = 'r1'") == [(2,)]


def test_changes_and_deletions_answer_what_they_touched(filled: Database) -> None:
    assert run(filled, "UPDATE rows SET n = n + 10 WHERE owner = $1 RETURNING id", "b") == [("r2",)]
    assert run(filled, "DELETE FROM rows AS r WHERE r.n > $1 RETURNING r.id, n", 3) == [("r2", 12), ("r4", 4)]
    assert run(filled, "SELECT id FROM rows") == [("r1",), ("r3",)]


@pytest.mark.parametrize("text", ["CREATE TABLE x (id int)", "SET search_path TO chat", "BEGIN", ""])
def test_what_touches_no_rows_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text", ["SELECT", "SELECT a FROM", "SELECT a FROM (SELECT b FROM c) d", "INSERT INTO x VALUES (", "DELETE rows"]
)
def test_what_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(SqlError):
        parse(text)
