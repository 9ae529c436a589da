"""The event log read: by position, by aggregate; and sealed, so that no reader can ever skip an event.

On PostgreSQL ids are taken before commit, so ``id > cursor`` would lose a late commit. A single sealer
gives gapless positions *after* commit; nobody reads the log by anything else. SQLite serialises writes,
so there the id is the position and nothing needs sealing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from chassis.bulk_insert import BulkInsert
from chassis.database import Database
from chassis.dialect import Talk
from chassis.events import on_the_wire
from chassis.tables import event_log, log_state

SEAL_LOCK = 0x6775616E
"""One number for every sealer of a database: sealing transactions follow one another, whoever leads."""
SEAL_BATCH = 1000
FIRST_EPOCH = 1
"""Counted up when a database is restored from a backup, for its positions are given a second time then."""


@dataclasses.dataclass(frozen=True)
class Logged:
    """An event as it leaves the log."""

    position: int
    raw: bytes


@dataclasses.dataclass(frozen=True)
class Head:
    """How far the log goes, and which life of the database this is.

    ``lives`` holds, for each epoch but the first, the position at which it began.
    """

    position: int
    epoch: int
    lives: tuple[tuple[int, int], ...] = ()

    def kept_since(self, epoch: int) -> int:
        """Up to which position the log still holds what it held in that epoch; what stands higher was said later."""
        return min((began_at for life, began_at in self.lives if life > epoch), default=self.position)


class EventSource(Protocol):
    """Somebody's log, in the same database, in another file, or behind HTTP."""

    def head(self) -> Head: ...

    def read(self, after: int, limit: int, aggregates: Sequence[str]) -> list[Logged]:
        """Events behind a position, of these aggregate types (all when empty), in log order."""

    def of_aggregate(self, kind: str, key: str, after_version: int, to_version: int) -> list[Logged]:
        """The events of one aggregate with versions in (after, to], in order."""

    def count(self, after: int, to: int, aggregates: Sequence[str]) -> int:
        """How many events of these aggregate types have positions in (after, to]."""


class DatabaseLog:
    """A log read straight from its database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.position = event_log.c.id if database.is_sqlite else event_log.c.position

    def head(self) -> Head:
        with self.database.reading() as session:
            newest = sa.select(sa.func.max(event_log.c.id)).scalar_subquery()
            head_position = sa.func.coalesce(newest, 0) if self.database.is_sqlite else log_state.c.head_position
            state = sa.select(log_state.c.epoch, head_position, log_state.c.lives)
            epoch, head, lives = session.execute(state).first() or (FIRST_EPOCH, 0, "[]")
            return Head(position=head, epoch=epoch, lives=lives_of(json.loads(lives)))

    def read(self, after: int, limit: int, aggregates: Sequence[str] = ()) -> list[Logged]:
        statement = self._events().where(self.position > after).order_by(self.position).limit(limit)
        if aggregates:
            statement = statement.where(event_log.c.aggregate_type.in_(aggregates))
        return self._logged(statement)

    def of_aggregate(self, kind: str, key: str, after_version: int, to_version: int) -> list[Logged]:
        version = event_log.c.aggregate_version
        mine = (event_log.c.aggregate_type == kind, event_log.c.aggregate_id == key, self.position.is_not(None))
        statement = self._events().where(*mine, version > after_version, version <= to_version).order_by(version)
        return self._logged(statement)

    def count(self, after: int, to: int, aggregates: Sequence[str] = ()) -> int:
        statement = sa.select(sa.func.count()).where(self.position > after, self.position <= to)
        if aggregates:
            statement = statement.where(event_log.c.aggregate_type.in_(aggregates))
        with self.database.reading() as session:
            return session.scalar(statement) or 0

    def _events(self) -> sa.Select[Any]:
        return sa.select(self.position, event_log.c.envelope)

    def _logged(self, statement: sa.Select[Any]) -> list[Logged]:
        with self.database.reading() as session:
            epoch = session.scalar(sa.select(log_state.c.epoch)) or 1
            return [Logged(at, on_the_wire(raw, at, epoch)) for at, raw in session.execute(statement)]


_SAID = ["event_id", "event_type", "aggregate_type", "aggregate_id", "aggregate_version"]
_LOG = BulkInsert(event_log, [*_SAID, "occurred_at", "recorded_at", "envelope", "causation_id"], lambda insert: insert)


def append(talk: Talk, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write events, each with the values of a row from ``event_id`` on, in the transaction of what they tell."""
    _LOG.run(talk, rows)


def lives_of(found: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    """What a database or a feed keeps as JSON."""
    return tuple((epoch, began_at) for epoch, began_at in found)


def prepare_log(connection: Connection) -> None:
    """Write the one row that the log's state lives in, if it is not there."""
    present = connection.execute(sa.select(log_state.c.epoch)).first()
    if not present:
        connection.execute(sa.insert(log_state).values(only_row=1, epoch=FIRST_EPOCH, head_position=0, published_to=0))


def seal(database: Database, limit: int = SEAL_BATCH) -> int:
    """Give positions to committed events that have none; how many were sealed (PostgreSQL only).

    Safe with any number of sealers at once: the lock lasts until commit, so positions stay gapless.
    """
    if database.is_sqlite:
        return 0
    with database.connection() as connection:
        if not connection.scalar(_UNSEALED):
            return 0
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEAL_LOCK)))
        rows = connection.execute(_OLDEST_UNSEALED.limit(limit)).all()
        if rows:
            _give_positions(connection, in_version_order(rows))
        return len(rows)


_UNSEALED = sa.select(sa.exists().where(event_log.c.position.is_(None)))
_OLDEST_UNSEALED = (
    sa.select(event_log.c.id, event_log.c.aggregate_type, event_log.c.aggregate_id, event_log.c.aggregate_version)
    .where(event_log.c.position.is_(None))
    .order_by(event_log.c.id)
)


def in_version_order(rows: Sequence[Any]) -> list[int]:
    """The ids in slot order: each aggregate keeps its slots, filled by rising version.

    Ids are taken before row locks are, so within an aggregate they may be inverted (fault 29).
    """
    slots: dict[tuple[str, str], list[int]] = {}
    for index, row in enumerate(rows):
        slots.setdefault((row.aggregate_type, row.aggregate_id), []).append(index)
    ordered = [row.id for row in rows]
    for places in slots.values():
        if len(places) > 1:
            for place, index in zip(places, sorted(places, key=lambda i: rows[i].aggregate_version), strict=True):
                ordered[place] = rows[index].id
    return ordered


def _give_positions(connection: Connection, ids: list[int]) -> None:
    head = connection.scalar(sa.select(log_state.c.head_position)) or 0
    sealed = sa.text(
        "UPDATE event_log e SET position = s.position "
        "FROM unnest(CAST(:ids AS bigint[]), CAST(:positions AS bigint[])) AS s(id, position) WHERE e.id = s.id"
    )
    positions = list(range(head + 1, head + len(ids) + 1))
    connection.execute(sealed, {"ids": ids, "positions": positions})
    connection.execute(sa.update(log_state).values(head_position=positions[-1], sealed_at=datetime.now(UTC)))
