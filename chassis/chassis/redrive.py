"""Parked events tried again: each aggregate from its first parked event on, in the order of versions."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import parking, telemetry
from chassis.applying import Delivery, Stream, Work, insert_inbox, parsed
from chassis.consumer import Consumer, is_outage
from chassis.database import Database
from chassis.dialect import Talk, clock
from chassis.failpoints import failpoint
from chassis.principal import SYSTEM
from chassis.tables import inbox, inbox_stream, parked_event
from chassis.transaction import Transaction

log = logging.getLogger(__name__)
STREAMS_AT_ONCE = 100
TOO_NEW = "unsupported_version"
"""Tried again by a build that knows it, whatever happens before it."""
Row = sa.Row[Any]


class Redriver:
    """Tries parked events again. Only the first of an aggregate has a time for it; the others follow it."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer

    def run_due(self) -> int:
        """Go on with each aggregate that is due; how many events were applied."""
        applied = 0
        for stream in self._due():
            try:
                while (more := self._go_on(stream)) is not None:
                    applied += more
            except parking.GapUnavailable:
                break  # whoever else waits for a silent source would wait in vain, and hold up the rest
        return applied

    def _due(self) -> list[Stream]:
        table = parked_event.c
        stream = (table.source, table.aggregate_type, table.aggregate_id)
        with self.consumer.database.reading() as session:
            due = (table.consumer == self.consumer.name, table.state == "waiting")
            ready = sa.select(*stream).where(*due, table.next_attempt_at <= clock(session)).group_by(*stream)
            rows = session.execute(ready.order_by(sa.func.min(table.next_attempt_at)).limit(STREAMS_AT_ONCE))
            return [(row.source, row.aggregate_type, row.aggregate_id) for row in rows]

    def _go_on(self, stream: Stream) -> int | None:
        """How many events the next step has applied; None when there is no next step now. Raises GapUnavailable."""
        with self.consumer.turn:
            with self.consumer.database.reading() as session:
                first = self._first(session, stream)
                if first is None or not _is_due(first, clock(session)):
                    return None
            telemetry.RETRIES.labels(self.consumer.name).inc()
            try:
                return self._step(stream, first.event_id)
            except Exception as error:
                if is_outage(error):
                    raise
                self._note_failure(stream, first, error)
                if isinstance(error, parking.GapUnavailable):
                    raise
                return None

    def _step(self, stream: Stream, event_id: uuid.UUID) -> int | None:
        """Apply the first event, or first put in line before it what is missing: each is tried on its own."""
        consumer = self.consumer
        with consumer.database.writing() as session:
            now = clock(session)
            # Locked before it is asked who is first: nobody may line up behind in between.
            place = session.execute(self._of_stream(inbox_stream, stream, locked=not consumer.database.is_sqlite)).one()
            row = self._first(session, stream)
            if row is None or row.event_id != event_id:
                return None
            tx = Transaction(session, consumer.database, consumer.service, principal=SYSTEM, now=now)
            delivery = parsed(bytes(row.body), "redrive")
            applied = 0 if self._line_up(tx, delivery, place.last_version) else 1
            if applied:
                work = Work(consumer, tx, [delivery])
                work.run_again()
                self._settle(tx, stream, row, "skipped" if work.skipped else "done")
            failpoint("redrive.before_commit")
            tx.commit()
        return applied

    def _line_up(self, tx: Transaction, delivery: Delivery, last_version: int) -> bool:
        """Whether something was missing before this event that has its own place before it now."""
        name = self.consumer.name
        if delivery.envelope.aggregateversion <= last_version + 1:
            return False
        missing = self.consumer.fetch_gap(delivery, last_version)
        new = insert_inbox(tx.session, name, missing, now=tx.now, state="parked")
        for one in missing:
            if one.id in new:
                parking.park(tx.session, name, one, None)
        return bool(new)

    def _settle(self, tx: Transaction, stream: Stream, row: Row, state: str) -> None:
        """The parking place is free, and the next one is first: at once, if it only waited for this one."""
        mine = (inbox.c.consumer == self.consumer.name, inbox.c.event_id == row.event_id)
        tx.execute(sa.update(inbox).where(*mine).values(state=state, via="redrive"))
        tx.execute(sa.delete(parked_event).where(*_this(row)))
        following = self._first(tx.session, stream)
        has_to_follow = following and following.state == "waiting" and following.reason != TOO_NEW
        if following and has_to_follow and following.next_attempt_at is None:
            tx.execute(sa.update(parked_event).where(*_this(following)).values(next_attempt_at=tx.now))
        blocked_by = following.event_id if following else None
        tx.execute(sa.update(inbox_stream).where(*self._in(inbox_stream, stream)).values(blocked_by=blocked_by))

    def _note_failure(self, stream: Stream, row: Row, error: Exception) -> None:
        """One try more is written down, and nobody behind it has a time of its own."""
        with self.consumer.database.connection() as connection:
            values = parking.next_try(row.attempts, error, clock(connection))
            others = (parked_event.c.event_id != row.event_id, parked_event.c.reason != TOO_NEW)
            connection.execute(sa.update(parked_event).where(*_this(row)).values(values))
            behind = sa.update(parked_event).where(*self._in(parked_event, stream), *others)
            connection.execute(behind.values(next_attempt_at=None))
        log.warning("Parked event %s failed again, now %s: %s", row.event_id, values["state"], values["error"])

    def _first(self, session: Talk, stream: Stream) -> Row | None:
        """The earliest event of the aggregate that stands in the way, dead ones included."""
        found = self._of_stream(parked_event, stream).where(parked_event.c.state != "discarded")
        return session.execute(found.order_by(parked_event.c.aggregate_version).limit(1)).first()

    def _of_stream(self, table: sa.Table, stream: Stream, *, locked: bool = False) -> sa.Select[Any]:
        statement = sa.select(table).where(*self._in(table, stream))
        return statement.with_for_update() if locked else statement

    def _in(self, table: sa.Table, stream: Stream) -> tuple[sa.ColumnElement[bool], ...]:
        source, kind, key = stream
        mine = (table.c.consumer == self.consumer.name, table.c.source == source)
        return (*mine, table.c.aggregate_type == kind, table.c.aggregate_id == key)


def _is_due(first: Row, now: datetime) -> bool:
    """Whoever only waits behind others has no time of its own: it is due when it has become the first."""
    if first.state != "waiting":
        return False
    return first.reason == "behind" or (first.next_attempt_at is not None and first.next_attempt_at <= now)


def _this(row: Row) -> tuple[sa.ColumnElement[bool], ...]:
    return parked_event.c.consumer == row.consumer, parked_event.c.event_id == row.event_id


def redrive_dead(database: Database, consumer: str, *, by: str, event_id: uuid.UUID | None = None) -> int:
    """Let dead events be tried again from the start of the schedule, now; how many."""
    table = parked_event.c
    dead = [table.consumer == consumer, table.state == "dead", table.reason != "unparseable"]
    if event_id:
        dead.append(table.event_id == event_id)
    with database.connection() as connection:
        values = {"state": "waiting", "attempts": 0, "next_attempt_at": clock(connection), "changed_by": by}
        return connection.execute(sa.update(parked_event).where(*dead).values(values)).rowcount
