"""SQLite tables made anew as the models say, where migrations lost what SQLite cannot be asked.

To change a table, Alembic copies it into a new one that has what reflection tells. That numbers are never given twice
(AUTOINCREMENT) is not in that, nor are the checks.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from chassis.personal import NOUN
from chassis.tables import event_log

PROMISES = ("AUTOINCREMENT", "CHECK (")
COUNTS_ON = PROMISES[0]


def lost(connection: Connection, metadata: sa.MetaData) -> list[sa.Table]:
    """The tables that promise less than their models say."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    present = {name: sql for name, sql in found}
    return [
        table
        for table in metadata.sorted_tables
        if table.name in present
        and any(_wanted(connection, table).count(one) > present[table.name].count(one) for one in PROMISES)
    ]


def remake_what_was_lost(connection: Connection, metadata: sa.MetaData) -> list[str]:
    """The names of the tables that were made anew; all of them or none."""
    tables = lost(connection, metadata)
    connection.rollback()
    if tables:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")  # or dropping a table would empty those that refer to it
        try:
            for table in tables:
                _remake(connection, table)
            connection.commit()
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys = ON")
    return [table.name for table in tables]


def _wanted(connection: Connection, table: sa.Table) -> str:
    return str(CreateTable(table).compile(connection)).strip()


def _remake(connection: Connection, table: sa.Table) -> None:
    quote = connection.dialect.identifier_preparer.quote
    name, anew = quote(table.name), quote(f"_anew_{table.name}")
    beginning = f"CREATE TABLE {name} ("
    wanted = _wanted(connection, table)
    assert wanted.startswith(beginning)  # noqa: S101  (as SQLAlchemy spells it)
    beside = connection.execute(_BESIDE, {"name": table.name}).scalars().all()
    given = _highest_given(connection, table) if COUNTS_ON in wanted else 0
    columns = ", ".join(quote(column.name) for column in table.columns)
    connection.exec_driver_sql(f"CREATE TABLE {anew} ({wanted.removeprefix(beginning)}")
    connection.exec_driver_sql(f"INSERT INTO {anew} ({columns}) SELECT {columns} FROM {name}")  # noqa: S608  (our names)
    connection.exec_driver_sql(f"DROP TABLE {name}")
    connection.exec_driver_sql(f"ALTER TABLE {anew} RENAME TO {name}")
    for statement in beside:
        connection.exec_driver_sql(statement)
    if COUNTS_ON in wanted:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        sequence = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :given)")
        connection.execute(sequence, {"name": table.name, "given": given})


_BESIDE = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :name AND type <> 'table' AND sql IS NOT NULL")
"""Indexes and triggers go with their table."""


def _highest_given(connection: Connection, table: sa.Table) -> int:
    """The highest number that a row has, or had when the log told of it: the removed ones count too."""
    key: Any = table.autoincrement_column
    numbers = [connection.scalar(sa.select(sa.func.max(key)))]
    if NOUN in table.info:
        told = sa.select(sa.func.max(sa.cast(event_log.c.aggregate_id, sa.Integer)))
        numbers.append(connection.scalar(told.where(event_log.c.aggregate_type == table.info[NOUN])))
    if connection.scalar(sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'")):
        counted = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        numbers.append(connection.scalar(counted, {"name": table.name}))
    return max(filter(None, numbers), default=0)
