"""Looking for a text in all that an installation keeps: every table of every service, and the files below SQLite.

Used to see whether anything is left of somebody, and to find the records whose free text names him or her.
"""

from __future__ import annotations

import dataclasses
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from chassis.database import Database

BESIDE = ("", "-wal", "-journal")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the text stands; ``key`` is the row's, or where in a file."""

    service: str
    table: str
    column: str
    key: str


def places_of(urls: dict[str, str], text: str) -> Iterator[Place]:
    """Every place, service by service."""
    for service, url in urls.items():
        database = Database(url, pool_size=1)
        try:
            yield from (dataclasses.replace(place, service=service) for place in _in_database(database, text))
        finally:
            database.close()


def spellings(text: str) -> list[bytes]:
    """As it is, and as JSON writes it."""
    return sorted({text.encode(), msgspec.json.encode(text)[1:-1]})


def _in_database(database: Database, text: str) -> Iterator[Place]:
    with database.engine.connect() as connection:
        for table in _tables(connection):
            yield from _in_table(connection, table, text)
        if not database.is_sqlite:
            yield from _in_statistics(connection, text)
    if database.is_sqlite:
        yield from _in_files(Path(database.url.database or ""), text)


def _tables(connection: Connection) -> list[sa.TableClause]:
    """What is there, whether a model of ours knows it or not; read in one statement, reflecting would take seconds."""
    found: dict[str, list[sa.ColumnClause[Any]]] = {}
    for table, column, kind in connection.execute(
        _ON_SQLITE if connection.dialect.name == "sqlite" else _ON_POSTGRESQL
    ):
        found.setdefault(table, []).append(sa.column(column, sa.LargeBinary() if kind == "bytea" else sa.Text()))
    return [sa.table(name, *columns) for name, columns in found.items()]


def _in_table(connection: Connection, table: sa.TableClause, text: str) -> Iterator[Place]:
    """Rows in which any column holds it; which one, and the key of the row, is seen here."""
    columns = list(table.columns)
    place: sa.ColumnElement[Any] = sa.literal_column("rowid" if connection.dialect.name == "sqlite" else "ctid::text")
    holding = [sa.or_(*(_holds(connection, column, one) for one in spellings(text))) for column in columns]
    key = sa.cast(columns[0], sa.Text) if not isinstance(columns[0].type, sa.LargeBinary) else place
    for row in connection.execute(sa.select(key, *holding).select_from(table).where(sa.or_(*holding))):
        for column, holds in zip(columns, row[1:], strict=True):
            if holds:
                yield Place("", table.name, column.name, str(row[0]))


def _holds(connection: Connection, column: sa.ColumnElement[Any], spelling: bytes) -> sa.ColumnElement[bool]:
    """False also where nothing stands."""
    if connection.dialect.name == "sqlite":
        found = sa.func.instr(sa.cast(column, sa.LargeBinary), spelling)
    elif isinstance(column.type, sa.LargeBinary):
        found = sa.func.position(sa.literal(spelling, sa.LargeBinary).op("IN")(column))
    else:
        found = sa.func.strpos(sa.cast(column, sa.Text), spelling.decode())
    return sa.func.coalesce(found, 0) > 0


def _in_statistics(connection: Connection, text: str) -> Iterator[Place]:
    """PostgreSQL keeps frequent values and bounds of each column for its planner."""
    statistics = sa.text(
        "SELECT tablename, attname FROM pg_stats WHERE schemaname = current_schema() "
        "AND strpos(coalesce(most_common_vals::text, '') || coalesce(histogram_bounds::text, ''), :text) > 0"
    )
    for row in connection.execute(statistics, {"text": text}):
        yield Place("", row.tablename, row.attname, "statistics")


def _in_files(file: Path, text: str) -> Iterator[Place]:
    """Also what no row shows any more: free pages, and the write-ahead log."""
    for ending in BESIDE:
        path = file.with_name(file.name + ending)
        if not path.exists() or not path.stat().st_size:
            continue
        with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            for spelling in spellings(text):
                at = whole.find(spelling)
                if at >= 0:
                    yield Place("", "", path.name, f"byte {at}")


_ON_POSTGRESQL = sa.text(
    "SELECT table_name, column_name, data_type FROM information_schema.columns "
    "WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
)
_ON_SQLITE = sa.text(
    "SELECT m.name, c.name, lower(c.type) FROM sqlite_master m JOIN pragma_table_info(m.name) c "
    "WHERE m.type = 'table' ORDER BY m.name, c.cid"
)
