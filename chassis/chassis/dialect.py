"""The few places where PostgreSQL and SQLite are not spelled alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

Talk = Session | Connection


def is_sqlite(talk: Talk) -> bool:
    bind = talk.get_bind() if isinstance(talk, Session) else talk
    return bind.dialect.name == "sqlite"


def insert(talk: Talk, table: sa.FromClause) -> Any:
    """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return sqlite.insert(table) if is_sqlite(talk) else postgresql.insert(table)  # type: ignore[arg-type]


def clock(talk: Talk) -> datetime:
    """Now, by the database's clock: what decides whether something is due."""
    if is_sqlite(talk):
        return datetime.now(UTC)
    moment: datetime = talk.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def one_at_a_time(talk: Talk, what: int) -> None:
    """Wait until nobody else does this, and keep others out until the transaction ends.

    SQLite lets one transaction write at a time anyway.
    """
    if not is_sqlite(talk):
        talk.execute(sa.select(sa.func.pg_advisory_xact_lock(what)))


def among(column: Any, values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """The column has one of these values.

    They travel as one parameter: each database has a limit of parameters, and a statement that always reads the same
    is understood once, however many values there are.
    """
    return _Among(column, sa.literal(list(values), _Several(column.type)))


class _Several(TypeDecorator[Any]):
    """A list of values: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else postgresql.ARRAY(self.kind))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class _Among(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLite would be given ``… = 1``, for which it uses no index."""
        return self


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = (compiler.process(part, **kwargs) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  (both are parts already compiled)


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = (compiler.process(part, **kwargs) for part in element.clauses)
    return f"{column} = ANY ({values})"


def numbers_by_itself(table: sa.FromClause) -> bool:
    """Whether SQLite makes up this table's keys: only for a key that it calls INTEGER."""
    column = getattr(table, "autoincrement_column", None)
    return column is not None and column.type.compile(dialect=sqlite.dialect()) == "INTEGER"


def storable(text: str) -> str:
    """The text without the characters that PostgreSQL does not take: an error may quote anything."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
