"""The few places where PostgreSQL and SQLite are not spelled alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

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


def numbers_by_itself(table: sa.FromClause) -> bool:
    """Whether SQLite makes up this table's keys: only for a key that it calls INTEGER."""
    column = getattr(table, "autoincrement_column", None)
    return column is not None and column.type.compile(dialect=sqlite.dialect()) == "INTEGER"


def storable(text: str) -> str:
    """The text without the characters that PostgreSQL does not take: an error may quote anything."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
