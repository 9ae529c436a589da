"""Many rows in one statement: SQLAlchemy spells it once per database, then the driver alone works row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import Session

from chassis.dialect import Talk, insert

Resolve = Callable[[Any], Any]
"""What to do about rows that are there already: adds the ON CONFLICT clause to an INSERT."""


class BulkInsert:
    """An INSERT into some columns of a table, named in the table's order."""

    def __init__(self, table: sa.Table, names: Sequence[str], resolve: Resolve) -> None:
        self.table, self.names, self.resolve = table, list(names), resolve
        self._spelled: dict[str, _Spelled] = {}

    def run(self, talk: Talk, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write the rows, each a tuple in the order of the names."""
        connection = talk.connection() if isinstance(talk, Session) else talk
        spelled = self._spelled.get(connection.dialect.name)
        if spelled is None:
            statement = self.resolve(insert(connection, self.table))
            columns = [self.table.c[name] for name in self.names]
            spelled = self._spelled[connection.dialect.name] = _Spelled(statement, columns, connection.dialect)
        spelled.run(connection, rows)


class _Spelled:
    """The statement as one database reads it."""

    def __init__(self, statement: Any, columns: Sequence[sa.Column[Any]], dialect: Dialect) -> None:
        names = [column.name for column in columns]
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self.sql, self.is_positional, self.names = str(compiled), bool(compiled.positional), names
        assert not self.is_positional or compiled.positiontup == names  # noqa: S101  (named in the table's order)
        found = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
        self.processors = [(place, process) for place, process in enumerate(found) if process]

    def run(self, connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        ready = [self._ready(row) for row in rows] if self.processors else list(rows)
        if ready and self.is_positional:
            connection.exec_driver_sql(self.sql, ready)
        elif ready:
            connection.exec_driver_sql(self.sql, [dict(zip(self.names, row, strict=True)) for row in ready])

    def _ready(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, process in self.processors:
            values[place] = process(values[place])
        return tuple(values)
