"""What is sent to a database, counted: the number of statements is a promise (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from chassis.database import Database

COMMIT = "COMMIT"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """``with statements(database) as sent:`` collects the SQL that is sent meanwhile, commits included."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    def note_commit(_connection: Any) -> None:
        sent.append(COMMIT)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    sa.event.listen(database.engine, "commit", note_commit)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
        sa.event.remove(database.engine, "commit", note_commit)
