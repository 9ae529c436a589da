"""Events that could not be applied, kept in the consumer's own database with their story.

A parked event blocks its aggregate: later ones wait ``behind`` it. It is tried again on a schedule, and
when it succeeds, those behind it follow in order. After the last try it is ``dead`` until an operator acts.
"""

from __future__ import annotations

import hashlib
import logging
import random
import traceback
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock, insert
from chassis.events import Envelope, open_envelope
from chassis.failpoints import failpoint
from chassis.principal import SYSTEM
from chassis.problems import Unavailable
from chassis.tables import inbox, inbox_stream, parked_event
from chassis.transaction import Transaction

if TYPE_CHECKING:
    from chassis.applying import Delivery
    from chassis.consumer import Consumer
    from chassis.reactions import Reactions

log = logging.getLogger(__name__)
SCHEDULE = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600))
"""Soon enough for a passing fault, seldom enough for a bug that needs a person."""
JITTER = 0.2
SCHEDULED = ("failed", "gap_unavailable")
LONGEST_ERROR = 4000


def park(session: Any, consumer: str, delivery: Delivery, *, reason: str, error: Exception | None) -> None:
    """Put an event aside, or count one more failed try of one that is aside already."""
    envelope = delivery.envelope
    now = clock(session)
    row = _row(consumer, envelope, delivery.raw, now) | _cause(error)
    row |= {"reason": reason, "state": "waiting", "attempts": 1 if error else 0}
    row["next_attempt_at"] = now + _jittered(SCHEDULE[0]) if reason in SCHEDULED else None
    session.execute(insert(session, parked_event).values(row).on_conflict_do_nothing())


def bury_unreadable(session: Any, consumer: str, raw: bytes, error: Exception) -> None:
    """Keep bytes that are no event of ours, under a name made from them; dead at once."""
    name = uuid.UUID(bytes=hashlib.sha256(raw).digest()[:16])
    blank = {"source": "", "event_type": "", "aggregate_type": "", "aggregate_id": "", "aggregate_version": 0}
    now = clock(session)
    row = {"consumer": consumer, "event_id": name, "body": raw, "first_at": now, "last_at": now} | blank | _cause(error)
    row |= {"reason": "unparseable", "state": "dead", "attempts": 1, "next_attempt_at": None}
    session.execute(insert(session, parked_event).values(row).on_conflict_do_nothing())


def release_understood(database: Database, consumer: str, reactions: Reactions) -> int:
    """At start-up: let go what was parked because an older build did not know its version."""
    table = parked_event.c
    waiting = (table.consumer == consumer, table.reason == "unsupported_version", table.state == "waiting")
    with database.connection() as connection:
        released = 0
        for row in connection.execute(sa.select(table.event_id, table.event_type, table.body).where(*waiting)).all():
            newest = reactions.newest_major(row.event_type)
            if newest is not None and open_envelope(row.body).major <= newest:
                mine = (table.consumer == consumer, table.event_id == row.event_id)
                connection.execute(sa.update(parked_event).where(*mine).values(next_attempt_at=clock(connection)))
                released += 1
        return released


class Redriver:
    """Tries parked events again, in version order within their aggregate."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer

    def run_due(self) -> int:
        """Try each event that is due; how many were applied, those behind them included."""
        table = parked_event.c
        with self.consumer.database.reading() as session:
            due = (table.consumer == self.consumer.name, table.state == "waiting")
            ready = sa.select(table.event_id).where(*due, table.next_attempt_at <= clock(session))
            ids = list(session.scalars(ready.order_by(table.next_attempt_at).limit(100)))
        return sum(self.try_again(event_id) for event_id in ids)

    def try_again(self, event_id: uuid.UUID) -> int:
        """Apply one parked event and, if it succeeds, those that waited behind it; how many were applied."""
        stream = self._apply(event_id)
        applied = 0
        while stream is not None:
            applied += 1
            following = self._next_behind(stream)
            stream = self._apply(following) if following else None
        return applied

    def _apply(self, event_id: uuid.UUID) -> tuple[str, str, str] | None:
        """The event's stream when it was applied; None when it failed again or somebody else did it."""
        try:
            return self._apply_in_one_commit(event_id)
        except Unavailable:
            raise
        except Exception as error:
            self._failed_again(event_id, error)
            return None

    def _apply_in_one_commit(self, event_id: uuid.UUID) -> tuple[str, str, str] | None:
        consumer = self.consumer
        with consumer.database.writing() as session:
            row = session.execute(self._mine(event_id, lock=not consumer.database.is_sqlite)).first()
            if row is None or row.state == "discarded":
                return None
            envelope = open_envelope(row.body)
            now = clock(session)
            tx = Transaction(session, consumer.database, consumer.service, principal=SYSTEM, now=now)
            tx.hear(envelope)
            consumer.reactions.begin(tx, [envelope])
            consumer.reactions.apply(tx, envelope)
            consumer.reactions.finish(tx)
            self._settle(tx, envelope, event_id)
            failpoint("redrive.before_commit")
            tx.commit()
        return envelope.service, envelope.aggregate, envelope.aggregate_id

    def _settle(self, tx: Transaction, envelope: Envelope, event_id: uuid.UUID) -> None:
        """Done: the inbox says so, the aggregate goes on, the parking place is free."""
        name = self.consumer.name
        mine = (inbox.c.consumer == name, inbox.c.event_id == event_id)
        tx.execute(sa.update(inbox).where(*mine).values(state="done", via="redrive"))
        tx.execute(sa.delete(parked_event).where(parked_event.c.consumer == name, parked_event.c.event_id == event_id))
        following = self._following(envelope.service, envelope.aggregate, envelope.aggregate_id)
        behind = tx.scalar(following)
        stream = _stream(name, (envelope.service, envelope.aggregate, envelope.aggregate_id))
        values = {"last_version": envelope.aggregateversion, "blocked_by": behind}
        tx.execute(sa.update(inbox_stream).where(*stream).values(values))

    def _next_behind(self, stream: tuple[str, str, str]) -> uuid.UUID | None:
        with self.consumer.database.reading() as session:
            found: uuid.UUID | None = session.scalar(self._following(*stream))
            return found

    def _following(self, source: str, kind: str, key: str) -> sa.Select[Any]:
        table = parked_event.c
        same = (table.consumer == self.consumer.name, table.source == source, table.aggregate_type == kind)
        waiting = (table.aggregate_id == key, table.state == "waiting")
        return sa.select(table.event_id).where(*same, *waiting).order_by(table.aggregate_version).limit(1)

    def _failed_again(self, event_id: uuid.UUID, error: Exception) -> None:
        """One try more is written down; after the last of the schedule the event is dead."""
        with self.consumer.database.connection() as connection:
            row = connection.execute(self._mine(event_id, lock=False)).first()
            if row is None:
                return
            now, attempts = clock(connection), row.attempts + 1
            is_dead = attempts > len(SCHEDULE)
            values = _cause(error) | {"attempts": attempts, "last_at": now, "reason": "failed"}
            values["state"] = "dead" if is_dead else "waiting"
            values["next_attempt_at"] = None if is_dead else now + _jittered(SCHEDULE[attempts - 1])
            mine = (parked_event.c.consumer == self.consumer.name, parked_event.c.event_id == event_id)
            connection.execute(sa.update(parked_event).where(*mine).values(values))
            log.warning("Parked event %s failed again (%d): %s", event_id, attempts, error)

    def _mine(self, event_id: uuid.UUID, *, lock: bool) -> sa.Select[Any]:
        mine = (parked_event.c.consumer == self.consumer.name, parked_event.c.event_id == event_id)
        statement = sa.select(parked_event).where(*mine)
        return statement.with_for_update(skip_locked=True) if lock else statement


def redrive_dead(database: Database, consumer: str, *, by: str, event_id: uuid.UUID | None = None) -> int:
    """Let dead events be tried again from the start of the schedule, now; how many."""
    table = parked_event.c
    dead = [table.consumer == consumer, table.state == "dead", table.reason != "unparseable"]
    if event_id:
        dead.append(table.event_id == event_id)
    with database.connection() as connection:
        values = {"state": "waiting", "attempts": 0, "next_attempt_at": clock(connection), "changed_by": by}
        return connection.execute(sa.update(parked_event).where(*dead).values(values)).rowcount


def _row(consumer: str, envelope: Envelope, raw: bytes, now: datetime) -> dict[str, Any]:
    return {
        "consumer": consumer,
        "event_id": uuid.UUID(envelope.id),
        "body": raw,
        "source": envelope.service,
        "event_type": envelope.type,
        "aggregate_type": envelope.aggregate,
        "aggregate_id": envelope.aggregate_id,
        "aggregate_version": envelope.aggregateversion,
        "first_at": now,
        "last_at": now,
    }


def _cause(error: Exception | None) -> dict[str, Any]:
    """What went wrong, and a fingerprint that groups the same fault at the same place."""
    if error is None:
        return {"error_class": "", "error": "", "fingerprint": ""}
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].name}" if frames else ""
    kind = type(error).__name__
    print_of = hashlib.sha256(f"{kind}|{place}".encode()).hexdigest()[:32]
    return {"error_class": kind, "error": str(error)[:LONGEST_ERROR], "fingerprint": print_of}


def _stream(consumer: str, stream: tuple[str, str, str]) -> tuple[sa.ColumnElement[bool], ...]:
    table = inbox_stream.c
    source, kind, key = stream
    return (
        table.consumer == consumer,
        table.source == source,
        table.aggregate_type == kind,
        table.aggregate_id == key,
    )


def _jittered(delay: timedelta) -> timedelta:
    return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (spreading load, not keeping secrets)
