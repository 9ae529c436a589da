"""One database per service: an engine that behaves the same on PostgreSQL and SQLite.

Reads run without a transaction round trip; writes take the write lock at once on SQLite
(``BEGIN IMMEDIATE``), so that two writers wait for each other instead of failing half way.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from chassis.problems import Unavailable

log = logging.getLogger(__name__)
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-8000")
"""FULL, because an answered request must survive a power cut; WAL, because readers must not wait."""

_TAKE_SNAPSHOT = "SELECT count(*) FROM log_state"
"""Both databases fix what a transaction sees with its first look at a table."""

PG_TIMEOUTS = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
PG_NOTICES_US_GONE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""A server that does not notice would keep our locks, the relay's among them, for two hours."""
WE_NOTICE_PG_GONE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""Without these a statement on a broken line waits a quarter of an hour for its answer (fault 42)."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit key; SQLite only numbers rows by itself when the column is called INTEGER."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware on both databases, to the microsecond."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What a list's filters and cursors read from a query string for such a column."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


COLUMN_TYPES = {datetime: Moment()}
"""What ``Mapped[datetime]`` means in every service."""


def new_metadata() -> sa.MetaData:
    """A metadata of its own for each service, so that tables never mix."""
    return sa.MetaData(naming_convention=NAMING)


class Database:
    """A service's own database: sessions for reading and writing, and a bell that rings after commits."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite_engine() if self.is_sqlite else self._pg_engine(pool_size)
        reading = {"only_reading": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = self.engine.execution_options(**reading)
        self._write_lock: contextlib.AbstractContextManager[Any] = (
            threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        )
        self._bells: list[Callable[[], None]] = []

    def _pg_engine(self, pool_size: int) -> Engine:
        options = f"{PG_TIMEOUTS} {PG_NOTICES_US_GONE}"
        arguments = {"options": options, "connect_timeout": 5, "application_name": "guanxi"} | WE_NOTICE_PG_GONE
        size = {"pool_size": pool_size, "max_overflow": 4, "pool_timeout": 5, "pool_pre_ping": True}
        # An error's text goes into logs and parking places; what was written must not.
        return sa.create_engine(self.url, hide_parameters=True, connect_args=arguments, **size)

    def _sqlite_engine(self) -> Engine:
        arguments = {"timeout": 10, "check_same_thread": False}
        engine = sa.create_engine(self.url, hide_parameters=True, connect_args=arguments)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that holds the write lock from its first moment; the caller commits."""
        with self._write_lock, _friendly(), Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only: each statement sees what is committed, no round trip to begin or end."""
        with _friendly(), Session(self._reading, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One moment to look at for as long as it takes, while others go on writing."""
        moment = {"only_reading": True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with _friendly(), self.engine.connect().execution_options(**moment) as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql(_TAKE_SNAPSHOT)
            yield connection
            connection.rollback()

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """A write transaction on a plain connection, committed at the end: for the bus's own tables."""
        with self._write_lock, _friendly(), self.engine.begin() as connection:
            yield connection

    def leave_no_traces(self, tables: Iterable[str]) -> None:
        """Get rid of what changed rows leave behind: free pages and the write-ahead log, or dead rows and statistics.

        Raises Unavailable when somebody reads the whole time; then it has to be tried again.
        """
        with _friendly(), self._write_lock, self._reading.connect() as connection:
            if self.is_sqlite:
                _rewrite_file(connection)
            else:
                _vacuum(connection, tables)

    def on_commit(self, bell: Callable[[], None]) -> None:
        """Call ``bell`` after each commit that wrote events: a hint, never needed for correctness."""
        self._bells.append(bell)

    def ring(self) -> None:
        for bell in self._bells:
            bell()

    def close(self) -> None:
        self.engine.dispose()


@contextlib.contextmanager
def _friendly() -> Iterator[None]:
    """A database that does not answer is a 503, not a stack trace."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Unavailable(detail="All database connections are busy") from error
    except sa.exc.DBAPIError as error:
        if not _is_outage(error):
            raise
        raise Unavailable(detail="The database does not answer") from error


def _is_outage(error: sa.exc.DBAPIError) -> bool:
    """SQLite also calls a wrong statement operational; that is a bug, and no waiting mends it."""
    is_wrong_statement = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return error.connection_invalidated or (isinstance(error, sa.exc.OperationalError) and not is_wrong_statement)


def _rewrite_file(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA secure_delete = ON")  # or new pages may begin as copies of old memory
    connection.exec_driver_sql("VACUUM")
    is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    if is_busy:
        raise Unavailable(detail="Somebody reads, so the write-ahead log cannot be emptied yet")


def _vacuum(connection: Connection, tables: Iterable[str]) -> None:
    """What cannot be had now, PostgreSQL does by itself later."""
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql("SET statement_timeout = 0")
    try:
        for table in tables:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {quote(table)}")
            _forget_statistics_of_nothing(connection, table)
    except sa.exc.DBAPIError as error:
        log.warning("Left to autovacuum: %s", error)
    finally:
        connection.exec_driver_sql("RESET statement_timeout")


def _forget_statistics_of_nothing(connection: Connection, table: str) -> None:
    """ANALYZE leaves those of a table that has become empty. Naming a column's type again, the same, drops them."""
    quote = connection.dialect.identifier_preparer.quote
    columns = connection.execute(_COLUMNS_WITH_STATISTICS, {"table": table}).all()
    if columns and not connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {quote(table)})").scalar():  # noqa: S608  (quoted)
        same = ", ".join(f"ALTER COLUMN {quote(column.name)} TYPE {column.type}" for column in columns)
        connection.exec_driver_sql(f"ALTER TABLE {quote(table)} {same}")


_COLUMNS_WITH_STATISTICS = sa.text("""
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_stats s
    JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(:table)) AND a.attname = s.attname
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE s.schemaname = current_schema() AND s.tablename = :table
      AND t.typcategory IN ('S', 'U')  -- texts, and what holds texts; not keys that other tables refer to
      AND (s.most_common_vals IS NOT NULL OR s.histogram_bounds IS NOT NULL)
""")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("only_reading"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
