"""Reads SQL: the statements that stores are written in, of PostgreSQL and SQLite."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.expression import Expressions, SqlError
from chatkit_validate.integration.rehearsal.relation import Change, Clause, Insert, Select, Source, clause

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.relation import Statement

_LEXEMES = r"""
    \s+ | --[^\n]* | /\*.*?\*/
  | (?P<string>E?'(?:[^']|'')*')
  | (?P<parameter>\$\d+ | %\([^)]*\)s | %s | \?\d* | (?<![:\w]):[A-Za-z_]\w* | @\w+)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<name>"[^"]+" | `[^`]+` | \[\w+\] | [^\W\d][\w$]*)
  | (?P<symbol>:: | <> | != | >= | <= | \|\| | ->> | -> | \#>> | [-+*/%(),.=<>;:\[\]&|~^])
"""
_JOINS = frozenset({"join", "inner", "left", "right", "full", "cross", "natural", "outer"})
_ENDS = (
    frozenset(
        [
            "where",
            "order",
            "limit",
            "offset",
            "group",
            "having",
            "union",
            "returning",
            "on",
            "set",
            "values",
            "using",
            "for",
            "fetch",
            "window",
            "except",
            "intersect",
        ]
    )
    | _JOINS
)


@lru_cache(maxsize=256)
def parse(text: str) -> Statement | None:
    """The statement that `text` is; None for one that touches no rows: CREATE, SET, BEGIN.

    Raises:
        SqlError: It cannot be read.
    """
    reader = _Statements(_tokens(text))
    return reader.statement()


def _tokens(text: str) -> list[tuple[str, str]]:
    matches = re.finditer(_LEXEMES, text, re.VERBOSE | re.DOTALL)
    return [(match.lastgroup, match[match.lastgroup]) for match in matches if match.lastgroup is not None]


class _Statements(Expressions):
    """The parser of whole statements; see `Expressions` for its parts."""

    def statement(self) -> Statement | None:
        before: list[tuple[str, Statement]] = []
        if self.take("with"):
            self.take("recursive")
            while True:
                name = self.name()
                if self.take("("):
                    while not self.take(")"):
                        self.next()
                self.expect("as")
                self.take("not")
                self.take("materialized")
                self.expect("(")
                inner = self.statement()
                self.expect(")")
                if inner is not None:
                    before.append((name.lower(), inner))
                if not self.take(","):
                    break
        found = self._main()
        if found is not None:
            found.before = before
        return found

    def _main(self) -> Statement | None:
        match self.peek():
            case "select":
                return self.select()
            case "insert" | "replace":
                return self._insert()
            case "update":
                return self._update()
            case "delete":
                return self._delete()
            case _:
                return None

    def select(self) -> Select:
        """A SELECT."""
        self.expect("select")
        found = Select()
        if self.take("distinct") and self.take("on"):
            self.expect("(")
            while not self.take(")"):
                self.next()
        self.take("all")
        found.columns = self._columns()
        if self.take("from"):
            found.sources = self._sources()
        if self.take("where"):
            found.where = [self.condition()]
        if self.take("group"):
            self.expect("by")
            self._listed()
            if self.take("having"):
                self.condition()
        if self.peek() in {"union", "except", "intersect", "window"}:
            raise SqlError(f"{self.peek()} is not followed")
        self._order(found)
        return found

    def _order(self, found: Select) -> None:
        if self.take("order"):
            self.expect("by")
            while True:
                expression = self.condition()
                descending = self.take("desc")
                if not descending:
                    self.take("asc")
                if expression.kind == "column" and self.peek() not in {
                    None,
                    ",",
                    ")",
                    "limit",
                    "offset",
                    "nulls",
                    "for",
                    "fetch",
                    ";",
                }:
                    raise SqlError("the direction of ORDER BY is not known")
                if self.take("nulls"):
                    self.next()
                found.order.append((expression, descending))
                if not self.take(","):
                    break
        for _ in range(2):
            if self.take("limit"):
                found.limit = None if self.take("all") else self.condition()
                if self.take(","):
                    found.offset, found.limit = found.limit, self.condition()
            if self.take("offset"):
                found.offset = self.condition()
                self.take("rows")
        if self.take("fetch"):
            self.next()
            found.limit = self.condition()
        while self.peek() not in {None, ")", ";"}:
            self.next()

    def _columns(self) -> list[tuple[Clause, str]]:
        found: list[tuple[Clause, str]] = []
        while True:
            if self.take("*"):
                found.append((clause("star"), "*"))
            elif self.starred():
                qualifier = self.name()
                self.expect(".")
                self.expect("*")
                found.append((clause("star", qualifier.lower()), "*"))
            else:
                expression = self.condition()
                name = self.alias() or self.named(expression)
                found.append((expression, name))
            if not self.take(","):
                return found

    def alias(self) -> str:
        """The name after an expression or table; empty where there is none."""
        if self.take("as"):
            return self.name()
        kind, text = self.here()
        if kind == "name" and text.lower() not in _ENDS and text.lower() not in {"from", "and", "or", "asc", "desc"}:
            return self.name()
        return ""

    def _listed(self) -> list[Clause]:
        found = [self.condition()]
        while self.take(","):
            found.append(self.condition())
        return found

    def _sources(self) -> list[Source]:
        found = [self._source()]
        while True:
            if self.take(","):
                found.append(self._source())
                continue
            outer = False
            if self.peek() not in _JOINS:
                return found
            while self.peek() in _JOINS:
                outer = outer or self.peek() in {"left", "full"}
                self.next()
            source = self._source()
            source.outer = outer
            if self.take("on"):
                source.on = self.condition()
            elif self.take("using"):
                self.expect("(")
                column = self.name()
                self.expect(")")
                first = clause("column", found[0].alias, column)
                source.on = clause("compare", "=", first, clause("column", source.alias, column))
            found.append(source)

    def _source(self) -> Source:
        self.take("lateral")
        self.take("only")
        if self.take("("):
            raise SqlError("a SELECT in FROM is not followed")
        table = self.table()
        if self.peek() == "(":
            raise SqlError(f"rows of {table}() are not followed")
        return Source(table, (self.alias() or table).lower())

    def table(self) -> str:
        """A table's name, without its schema."""
        name = self.name()
        while self.take("."):
            name = self.name()
        return name.lower()

    def _insert(self) -> Insert:
        replacing = self.take("replace")
        conflict = "replace" if replacing else ""
        if not replacing:
            self.expect("insert")
            if self.take("or"):
                word = self.next()[1].lower()
                conflict = {"replace": "replace", "ignore": "nothing"}.get(word, "")
        self.take("into")
        found = Insert(self.table(), conflict=conflict)
        alias = self.alias() if self.peek() != "(" else ""
        columns = self._names() if self.peek() == "(" else []
        if self.take("default"):
            self.expect("values")
            found.rows = [{}]
        elif self.take("values"):
            while True:
                self.expect("(")
                values = self._listed()
                self.expect(")")
                found.rows.append(dict(zip(columns or [str(n) for n in range(len(values))], values, strict=False)))
                if not self.take(","):
                    break
        else:
            found.chosen = (columns, self._chosen())
        self._conflict(found, alias)
        if self.take("returning"):
            found.returning = self._columns()
        return found

    def _chosen(self) -> Select:
        bracket = self.take("(")
        chosen = self.select_without_end()
        if bracket:
            self.expect(")")
        return chosen

    def select_without_end(self) -> Select:
        """A SELECT that more of the statement follows."""
        self.expect("select")
        found = Select(columns=self._columns())
        if self.take("from"):
            found.sources = self._sources()
        if self.take("where"):
            found.where = [self.condition()]
        return found

    def _names(self) -> list[str]:
        self.expect("(")
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        self.expect(")")
        return found

    def _conflict(self, found: Insert, alias: str) -> None:
        if not self.take("on"):
            return
        if self.take("duplicate"):
            self.expect("key")
            self.expect("update")
            found.conflict, found.sets = "update", self._sets()
            return
        self.expect("conflict")
        if self.peek() == "(":
            found.keys = tuple(self._names())
        elif self.take("on"):
            self.expect("constraint")
            self.name()
        if self.take("where"):
            self.condition()
        self.expect("do")
        if self.take("nothing"):
            found.conflict = "nothing"
            return
        self.expect("update")
        self.expect("set")
        found.conflict, found.sets = "update", self._sets()
        if self.take("where"):
            found.where = [_renamed(self.condition(), alias.lower(), found.table)]

    def _sets(self) -> dict[str, Clause]:
        found: dict[str, Clause] = {}
        while True:
            if self.peek() == "(":
                names = self._names()
                self.expect("=")
                given = self.condition()
                values = given.args[0] if given.kind == "tuple" else [given] * len(names)
                found.update(zip(names, values, strict=False))
            else:
                name = self.name()
                while self.take("."):
                    name = self.name()
                self.expect("=")
                found[name] = self.condition()
            if not self.take(","):
                return found

    def _update(self) -> Change:
        self.expect("update")
        table = self.table()
        alias = self.alias() or table
        self.expect("set")
        found = Change(Source(table, alias.lower()), self._sets())
        if self.take("from"):
            found.others = self._sources()
        return self._rest(found)

    def _delete(self) -> Change:
        self.expect("delete")
        self.expect("from")
        self.take("only")
        table = self.table()
        alias = self.alias() or table
        found = Change(Source(table, alias.lower()))
        if self.take("using"):
            found.others = self._sources()
        return self._rest(found)

    def _rest(self, found: Change) -> Change:
        if self.take("where"):
            found.where = [self.condition()]
        if self.take("returning"):
            found.returning = self._columns()
        while self.peek() not in {None, ")", ";"}:
            self.next()
        return found


def _renamed(condition: Clause, alias: str, table: str) -> Clause:
    """The condition with the table's own name where the statement has an alias of it."""
    if not alias:
        return condition
    if condition.kind == "column":
        return clause("column", table if condition.args[0] == alias else condition.args[0], condition.args[1])
    given = [
        _renamed(item, alias, table)
        if isinstance(item, Clause)
        else [_renamed(one, alias, table) if isinstance(one, Clause) else one for one in item]
        if isinstance(item, list)
        else item
        for item in condition.args
    ]
    return Clause(condition.kind, tuple(given))
