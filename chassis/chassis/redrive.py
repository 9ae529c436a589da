"""Parked events tried again: each aggregate from its first parked event on, in the order of versions."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa

from chassis import lines, parking, telemetry
from chassis.applying import Delivery, Work, insert_inbox, parsed
from chassis.attempts import alone
from chassis.consumer import Consumer, is_outage
from chassis.dialect import clock
from chassis.failpoints import failpoint
from chassis.lines import Row, Stream, first_in_line, in_line, stream_of, this
from chassis.parking import TOO_NEW
from chassis.principal import SYSTEM
from chassis.tables import inbox, parked_event, parked_failure
from chassis.transaction import Transaction

log = logging.getLogger(__name__)
STREAMS_AT_ONCE = 100


class Redriver:
    """Tries parked events again. Only the first of an aggregate has a time for it; the others follow it."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer

    def run_due(self) -> int:
        """Go on with each aggregate that is due; how many events were applied."""
        if not self.consumer.pausing.standing.may_redrive:
            return self.probe() if self.consumer.pausing.claim_probe() else 0
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
            return [stream_of(row) for row in rows]

    def _go_on(self, stream: Stream) -> int | None:
        """How many events the next step has applied; None when there is no next step now. Raises GapUnavailable."""
        if not self.consumer.pausing.standing.may_redrive:
            return None
        with self.consumer.turn:
            with self.consumer.database.reading() as session:
                first = first_in_line(session, self.consumer.name, stream)
                if first is None or not _is_due(first, clock(session)):
                    return None
            telemetry.RETRIES.labels(self.consumer.name).inc()
            try:
                return self._try(stream, first)
            except Exception as error:
                if is_outage(error):
                    raise
                self._note_failure(stream, first, error)
                if isinstance(error, parking.GapUnavailable):
                    raise
                return None

    def _try(self, stream: Stream, first: Row) -> int | None:
        """One step, counted before it begins: what kills this process must not kill the next one for ever."""
        consumer, ids = self.consumer, [first.event_id]
        with alone():
            consumer.attempts.begin(first.event_id)
            applied = self._step(stream, first)
            consumer.attempts.ended(ids)
        if applied:
            consumer.pausing.note_success()
        return applied

    def _step(self, stream: Stream, first: Row) -> int | None:
        """Apply the first event, or first put in line before it what is missing: each is tried on its own."""
        consumer = self.consumer
        with consumer.database.writing() as session:
            now = consumer.agreement.begin(session)
            # Locked before it is asked who is first: nobody may line up behind in between.
            last_version = lines.hold(session, consumer.name, stream)
            row = first_in_line(session, consumer.name, stream)
            tx = Transaction(session, consumer.database, consumer.service, principal=SYSTEM, now=now)
            consumer.attempts.end(session, [first.event_id])
            applied: int | None = None
            if row is not None and row.event_id == first.event_id and row.state == "waiting":
                delivery = parsed(bytes(row.body), "redrive")
                applied = 0 if self._line_up(tx, delivery, last_version) else self._apply(tx, row, delivery)
            failpoint("redrive.before_commit")
            tx.commit()
        return applied

    def _apply(self, tx: Transaction, row: Row, delivery: Delivery) -> int:
        work = Work(self.consumer, tx, [delivery])
        work.run_again()
        self._settle(tx, row, "skipped" if work.skipped else "done")
        return 1

    def _line_up(self, tx: Transaction, delivery: Delivery, last_version: int) -> bool:
        """Whether something was missing before this event that has its own place before it now."""
        consumer = self.consumer
        if delivery.envelope.aggregateversion <= last_version + 1:
            return False
        missing = consumer.clean(tx.session, consumer.fetch_gap(delivery, last_version))
        new = insert_inbox(tx.session, consumer, missing, now=tx.now, state="parked")
        for one in missing:
            if one.id in new:
                parking.park(tx.session, consumer.name, one, None)
        return bool(new)

    def _settle(self, tx: Transaction, row: Row, state: str) -> None:
        """The parking place is free, with all that was noted there, and the next one is first."""
        consumer, stream = self.consumer.name, stream_of(row)
        mine = (inbox.c.consumer == consumer, inbox.c.event_id == row.event_id)
        tx.execute(sa.update(inbox).where(*mine).values(state=state, via="redrive"))
        tx.execute(sa.delete(parked_event).where(*this(row)))
        story = (parked_failure.c.consumer == consumer, parked_failure.c.event_id == row.event_id)
        tx.execute(sa.delete(parked_failure).where(*story))
        lines.pass_over_discarded(tx.session, consumer, stream, row.aggregate_version)
        lines.let_next_go(tx.session, consumer, stream, tx.now)

    def _note_failure(self, stream: Stream, first: Row, error: Exception) -> None:
        """One try more is written down, and nobody behind it has a time of its own."""
        name, ids = self.consumer.name, [first.event_id]
        with self.consumer.database.connection() as connection:
            lines.hold(connection, name, stream)
            row = connection.execute(sa.select(parked_event).where(*this(first))).first()
            self.consumer.attempts.end(connection, ids)
            if row is None or row.state != "waiting":  # somebody else has settled it, or an operator has
                return
            values = parking.next_try(row.attempts, error, clock(connection))
            others = (parked_event.c.event_id != row.event_id, parked_event.c.reason != TOO_NEW)
            changed = sa.update(parked_event).where(*this(row)).values(**values, version=row.version + 1)
            connection.execute(changed)
            behind = sa.update(parked_event).where(*in_line(parked_event, name, stream), *others)
            connection.execute(behind.values(next_attempt_at=None))
            if values["attempts"] > row.attempts or values["reason"] != row.reason:  # a silence is told once
                parking.note_failure(connection, {**row._mapping, **values}, error)
        self.consumer.attempts.ended(ids)
        log.warning("Parked event %s failed again, now %s: %s", first.event_id, values["state"], values["error"])

    # -- while the breaker is open -------------------------------------------------------------

    def probe(self) -> int:
        """Try one event of those that failed for the cause; whether it went decides, and none is charged for it."""
        pausing = self.consumer.pausing
        candidate = self._candidate(pausing.standing.fingerprint)
        if candidate is None:  # an operator has dealt with all of them
            pausing.close()
            return 0
        with self.consumer.turn:
            applied = self._probe(candidate)
        if applied:
            pausing.close()
        return applied

    def _probe(self, candidate: Row) -> int:
        stream = stream_of(candidate)
        with self.consumer.database.reading() as session:
            first = first_in_line(session, self.consumer.name, stream)
        try:
            applied = first and self._try(stream, first)
        except Exception as error:
            if is_outage(error):
                raise
            if first and isinstance(error, parking.CrashLoop):
                self._note_failure(stream, first, error)
            log.info("%s still fails: %s", self.consumer.name, parking.told(error))
            applied = None
        self._note_probe(stream, candidate)
        return applied or 0

    def _candidate(self, fingerprint: str) -> Row | None:
        """Of those that stand first, the one that was tried longest ago: one alone may be bad for its own sake."""
        table = parked_event.c
        mine = (table.consumer == self.consumer.name, table.fingerprint == fingerprint, table.state == "waiting")
        due = sa.select(parked_event).where(*mine, table.next_attempt_at.is_not(None))
        with self.consumer.database.reading() as session:
            return session.execute(due.order_by(table.last_at, table.event_id).limit(1)).first()

    def _note_probe(self, stream: Stream, candidate: Row) -> None:
        """Next time it is another's turn; a try that failed was no death, and nothing else is noted of it."""
        ids = [candidate.event_id]
        with self.consumer.database.connection() as connection:
            self.consumer.attempts.end(connection, ids)
            tried = sa.update(parked_event).where(*in_line(parked_event, self.consumer.name, stream), *this(candidate))
            connection.execute(tried.values(last_at=clock(connection)))
        self.consumer.attempts.ended(ids)


def _is_due(first: Row, now: datetime) -> bool:
    """Whoever only waits behind others has no time of its own: it is due when it has become the first."""
    if first.state != "waiting":
        return False
    return first.reason == "behind" or (first.next_attempt_at is not None and first.next_attempt_at <= now)
