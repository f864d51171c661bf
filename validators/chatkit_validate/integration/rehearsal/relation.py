"""Statements on tables, however they are written: SQL text and SQLAlchemy's builders become these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.record import dataclass, field

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.values import Value


class Clause:
    """A part of a statement: a column, a comparison, a function, an order.

    Attributes:
        kind: value, column, compare, and, or, not, null, in, function, select, tuple, case, exists, order, label,
            arithmetic, parameter, star.
        args: What it is made from.
    """

    __slots__ = ("args", "kind")

    def __init__(self, kind: str, args: tuple[Value, ...]) -> None:
        self.kind = kind
        self.args = args

    @property
    def held(self) -> tuple[Value, ...]:
        """What it is made from."""
        return self.args

    def __repr__(self) -> str:
        return f"{self.kind}{self.args}"


def clause(kind: str, *args: Value) -> Clause:
    """A clause of `kind`."""
    return Clause(kind, args)


@dataclass(slots=True, eq=False)
class Source:
    """A table that a statement reads.

    Attributes:
        table: Its name, without a schema.
        alias: What the statement calls it.
        on: The condition of a join; None for the first table.
        outer: Whether rows of the other tables stay where nothing joins them.
    """

    table: str
    alias: str
    on: Clause | None = None
    outer: bool = False


@dataclass(slots=True, eq=False)
class Select:
    """A SELECT.

    Attributes:
        columns: What is selected, each with its name.
        sources: The tables.
        where: Conditions that all have to hold.
        order: Expressions with whether they descend.
        limit: How many rows at most.
        offset: How many are left out before.
        entities: Models whose rows are selected whole.
        before: Named statements that run first.
    """

    columns: list[tuple[Clause, str]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    where: list[Clause] = field(default_factory=list)
    order: list[tuple[Clause, bool]] = field(default_factory=list)
    limit: Clause | None = None
    offset: Clause | None = None
    entities: list[str] = field(default_factory=list)
    before: list[tuple[str, Statement]] = field(default_factory=list)
    parameters: Parameters | None = None

    def copy(self) -> Select:
        """The same statement, to be built further."""
        return Select(
            list(self.columns), list(self.sources), list(self.where), list(self.order), self.limit, self.offset,
            list(self.entities), list(self.before), self.parameters,
        )  # fmt: skip


@dataclass(slots=True, eq=False)
class Insert:
    """An INSERT.

    Attributes:
        table: Its table.
        rows: The values of each row by column.
        chosen: A statement that gives the rows instead, and the columns that they fill.
        conflict: What happens where a row of the same key is there: empty, `nothing`, `update` or `replace`.
        keys: The columns of that key; none where the statement does not name them.
        sets: What an update sets.
        where: Conditions of that update.
        returning: What it answers.
        before: Named statements that run first.
    """

    table: str
    rows: list[dict[str, Clause]] = field(default_factory=list)
    chosen: tuple[list[str], Select] | None = None
    conflict: str = ""
    keys: tuple[str, ...] = ()
    sets: dict[str, Clause] = field(default_factory=dict)
    where: list[Clause] = field(default_factory=list)
    returning: list[tuple[Clause, str]] = field(default_factory=list)
    before: list[tuple[str, Statement]] = field(default_factory=list)
    parameters: Parameters | None = None
    model: bool = False


@dataclass(slots=True, eq=False)
class Change:
    """An UPDATE, or a DELETE where nothing is set.

    Attributes:
        source: Its table.
        sets: What is set; None for a DELETE.
        others: Tables that the condition reads beside it.
        where: Conditions that all have to hold.
        returning: What it answers.
        before: Named statements that run first.
    """

    source: Source
    sets: dict[str, Clause] | None = None
    others: list[Source] = field(default_factory=list)
    where: list[Clause] = field(default_factory=list)
    returning: list[tuple[Clause, str]] = field(default_factory=list)
    before: list[tuple[str, Statement]] = field(default_factory=list)
    parameters: Parameters | None = None


Statement = Select | Insert | Change


@dataclass(slots=True, eq=False)
class Parameters:
    """What a driver was given beside the text.

    Attributes:
        positional: In order.
        named: By name.
    """

    positional: tuple[Value, ...] = ()
    named: dict[str, Value] = field(default_factory=dict)
