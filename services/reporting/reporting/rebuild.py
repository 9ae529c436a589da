"""Proof that the reports follow from the log: fold all of it again beside the live tables, and compare.

Hearing goes on meanwhile. Only the last stretch is folded, and everything compared, while the log stands still.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from chassis.dialect import Talk, is_sqlite
from reporting import log
from reporting.catalogue import SHELF
from reporting.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chassis.database import Database

PAGE = 2000
SHORT_ENOUGH = 2000
"""Events left to fold when it is time to let the log stand still."""
Digests = dict[str, tuple[str, str]]
"""Per table: the digest of what is live, and of what was folded again."""


def rebuild(database: Database, *, verify_only: bool = True, shelf: Shelf = SHELF) -> Digests:
    """Fold the whole log into empty tables; unless only verifying, put the outcome in the place of what is live.

    Both digests of a table are equal when the live rows are exactly what the log says, by today's folds.
    """
    with _shadow(database, shelf) as (shadow, standing):
        reached = 0
        while (head := _head(database)) - reached > SHORT_ENOUGH:
            reached = _fold(database, shadow, reached, head)
        with database.writing() as session:
            head = _stand_still(session)
            while reached < head:
                reached = _fold_page(session, shadow, reached, head)
            live, again = shelf.digests(session), shadow.digests(session)
            if not verify_only:
                _replace(session, shelf, standing)
            session.commit()
    return {name: (live[name], again[name]) for name in live}


@contextmanager
def _shadow(database: Database, shelf: Shelf) -> Iterator[tuple[Shelf, dict[str, sa.Table]]]:
    """Empty copies of the live tables under another name, gone afterwards; what a crash left is swept away first."""
    metadata = sa.MetaData()
    copies = {name: _copy(table, metadata) for name, table in shelf.tables.items()}
    with database.connection() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    try:
        yield Shelf(shelf.projections, copies), copies
    finally:
        with database.connection() as connection:
            metadata.drop_all(connection)


def _copy(table: sa.Table, metadata: sa.MetaData) -> sa.Table:
    columns = [sa.Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in table.columns]
    return sa.Table(f"rebuild_{table.name}", metadata, *columns)


def _head(database: Database) -> int:
    """The newest entry at a moment when nobody writes: all before it are committed, so none can be skipped."""
    with database.writing() as session:
        return _stand_still(session)


def _stand_still(talk: Talk) -> int:
    """Wait for whoever writes the log, keep others waiting until this transaction ends; the newest entry."""
    if not is_sqlite(talk):  # SQLite lets one write at a time anyway
        talk.execute(sa.text("LOCK TABLE report_log IN SHARE ROW EXCLUSIVE MODE"))
    return talk.execute(sa.select(sa.func.max(log.report_log.c.id))).scalar() or 0


def _fold(database: Database, shadow: Shelf, reached: int, head: int) -> int:
    """Everything up to the head, a page in each transaction, so that hearing is never kept waiting for long."""
    while reached < head:
        with database.writing() as session:
            reached = _fold_page(session, shadow, reached, head)
            session.commit()
    return reached


def _fold_page(talk: Talk, shadow: Shelf, reached: int, head: int) -> int:
    found = log.read(talk, reached, head, PAGE)
    batch = shadow.begin(talk, [envelope for _, envelope in found])
    for _, envelope in found:
        batch.take(envelope)
    shadow.store(talk, batch)
    return found[-1][0] if len(found) == PAGE else head


def _replace(talk: Talk, shelf: Shelf, standing: dict[str, sa.Table]) -> None:
    """The live rows go, the folded ones come, in one transaction: readers see the one or the other."""
    for name, table in shelf.tables.items():
        talk.execute(sa.delete(table))
        talk.execute(sa.insert(table).from_select(table.columns.keys(), sa.select(standing[name])))
