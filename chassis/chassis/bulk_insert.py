"""Many rows in one statement: SQLAlchemy spells it once per database, and nothing of ours works row by row after that.

On PostgreSQL all rows travel as one JSON text, which costs a fifth of what the driver needs for a parameter per value,
and one round trip however many they are. SQLite takes them quickest as they are.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import Session

from chassis.dialect import Talk, insert, is_sqlite
from chassis.events import encode

Resolve = Callable[[Any], Any]
"""What to do about rows that are there already: adds the ON CONFLICT clause to an INSERT."""
Rows = Sequence[tuple[Any, ...]]
PARAMETER = "rows"


class BulkInsert:
    """An INSERT into some columns of a table, named in the table's order."""

    def __init__(self, table: sa.Table, names: Sequence[str], resolve: Resolve) -> None:
        self.table, self.names, self.resolve = table, list(names), resolve
        self._statements: dict[bool, Any] = {}
        self._spelled: _Spelled | None = None

    def run(self, talk: Talk, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write the rows, each a tuple in the order of the names."""
        found = rows if isinstance(rows, list) else list(rows)
        if not found:
            return
        if is_sqlite(talk):
            self._row_by_row(talk, found)
        else:
            talk.execute(self._statement(talk), {PARAMETER: as_json(self.names, found)})

    def run_returning(self, talk: Talk, rows: Rows, name: str) -> list[Any]:
        """The same; of the rows that went in, the value of one column."""
        if not rows:
            return []
        statement = self._statement(talk).returning(self.table.c[name])
        if is_sqlite(talk):
            return list(talk.execute(statement, [dict(zip(self.names, row, strict=True)) for row in rows]).scalars())
        return list(talk.execute(statement, {PARAMETER: as_json(self.names, rows)}).scalars())

    def _statement(self, talk: Talk) -> Any:
        known = self._statements.get(is_sqlite(talk))
        if known is None:
            statement = insert(talk, self.table)
            if not is_sqlite(talk):
                columns = [self.table.c[name] for name in self.names]
                statement = statement.from_select(self.names, _select(columns))
            known = self._statements[is_sqlite(talk)] = self.resolve(statement)
        return known

    def _row_by_row(self, talk: Talk, rows: Rows) -> None:
        connection = talk.connection() if isinstance(talk, Session) else talk
        if self._spelled is None:
            columns = [self.table.c[name] for name in self.names]
            self._spelled = _Spelled(self._statement(talk), columns, connection.dialect)
        self._spelled.run(connection, rows)


def insert_rows(talk: Talk, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of the same columns. Raises TypeError when the model would fill in others: here nobody does."""
    if rows:
        inserting = _inserting(table, frozenset(rows[0]))
        inserting.run(talk, list(map(operator.itemgetter(*inserting.names), rows)))


@functools.cache
def _inserting(table: sa.Table, given: frozenset[str]) -> BulkInsert:
    if left_out := [column.name for column in table.columns if column.default and column.name not in given]:
        raise TypeError(f"{table.name}: nobody says {', '.join(left_out)}")
    return BulkInsert(table, [column.name for column in table.columns if column.name in given], lambda insert: insert)


def as_json(names: Sequence[str], rows: Rows) -> str:
    """The rows as PostgreSQL reads them with ``json_to_recordset``; bytes are Base64 in it."""
    return encode([dict(zip(names, row, strict=True)) for row in rows]).decode()


def recordset(*columns: sa.ColumnClause[Any]) -> Any:
    """The rows of the parameter ``rows`` as a table that a PostgreSQL statement may read."""
    text = sa.cast(sa.bindparam(PARAMETER, type_=sa.Text), postgresql.JSON)
    return sa.func.json_to_recordset(text).table_valued(*columns).render_derived(name="given", with_types=True)


def _select(columns: Sequence[sa.Column[Any]]) -> sa.Select[Any]:
    is_bytes = {column.name: isinstance(column.type, sa.LargeBinary) for column in columns}
    rows = recordset(*(sa.column(c.name, sa.Text() if is_bytes[c.name] else c.type) for c in columns))
    return sa.select(*(sa.func.decode(rows.c[n], "base64") if is_bytes[n] else rows.c[n] for n in is_bytes))


class _Spelled:
    """The statement as SQLite's driver reads it."""

    def __init__(self, statement: Any, columns: Sequence[sa.Column[Any]], dialect: Dialect) -> None:
        names = [column.name for column in columns]
        compiled = statement.compile(dialect=dialect, column_keys=names)
        assert compiled.positiontup == names  # noqa: S101  (named in the table's order)
        self.sql = str(compiled)
        found = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
        self.processors = [(place, process) for place, process in enumerate(found) if process]

    def run(self, connection: Connection, rows: Rows) -> None:
        connection.exec_driver_sql(self.sql, [self._ready(row) for row in rows] if self.processors else rows)

    def _ready(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, process in self.processors:
            values[place] = process(values[place])
        return tuple(values)
