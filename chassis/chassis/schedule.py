"""Messages to ourselves: kept with the change that asks for them, released once when the database's clock says so.

A service's page names what a message causes (``timers``); a command asks for one in its own transaction::

    schedule(tx, "remind", {"request_id": 7}, at=tx.now + timedelta(days=2), key="remind:7")

A key stands for one message for ever: asking again changes nothing.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from chassis import telemetry
from chassis.database import Database
from chassis.dialect import clock, insert
from chassis.events import encode, event_id
from chassis.failpoints import failpoint
from chassis.principal import SYSTEM
from chassis.tables import scheduled_message
from chassis.transaction import Transaction

log = logging.getLogger(__name__)
Timer = Callable[[Transaction, Mapping[str, Any]], None]
"""What a message causes, in the transaction that releases it; it gets the message's payload."""
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600))
"""The last one for ever after: a message is late rather than lost."""
AT_ONCE = 500
"""Messages in one round, so that other housekeeping gets its turn."""
BATCH = 50
"""Messages in one commit: a commit costs more than a message."""
LONGEST_ERROR = 1000


class State(StrEnum):
    """Released and cancelled are final."""

    PENDING = "pending"
    RELEASED = "released"
    CANCELLED = "cancelled"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Message:
    """One message to ourselves; ``at`` is a moment by the database's clock, such as ``tx.now`` and a while."""

    name: str
    key: str
    at: datetime
    payload: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def schedule(tx: Transaction, name: str, payload: Mapping[str, Any], *, at: datetime, key: str) -> bool:
    """Keep a message together with this transaction's changes; false when its key is known already."""
    return bool(schedule_all(tx, [Message(name=name, payload=payload, at=at, key=key)]))


def schedule_all(tx: Transaction, messages: Iterable[Message]) -> int:
    """Keep many messages at the price of one insert; how many were new."""
    rows = [_row(message, tx.now) for message in messages]
    if not rows:
        return 0
    statement = insert(tx.session, scheduled_message).on_conflict_do_nothing().returning(scheduled_message.c.id)
    return len(tx.execute(statement, rows).all())


def cancel(tx: Transaction, key: str) -> State | None:
    """Take a message back. What became of it: cancelled; released when it is too late; None when there is none.

    One that is being released at this moment counts as released.
    """
    cancel_all(tx, [key])
    state = tx.scalar(sa.select(scheduled_message.c.state).where(scheduled_message.c.dedupe_key == key))
    if state is None:
        return None
    return State.CANCELLED if state == State.CANCELLED else State.RELEASED


def cancel_all(tx: Transaction, keys: Sequence[str]) -> int:
    """Take many messages back at the price of one update; how many were still pending."""
    if not keys:
        return 0
    table = scheduled_message.c
    # Skipping what a worker holds: it may wait for a row of ours, and we must not wait for its.
    mine = sa.select(table.id).where(table.dedupe_key.in_(keys), table.state == State.PENDING)
    free = mine.with_for_update(skip_locked=True)
    return tx.execute(sa.update(scheduled_message).where(table.id.in_(free)).values(state=State.CANCELLED)).rowcount


def _row(message: Message, now: datetime) -> dict[str, Any]:
    return {
        "id": event_id(),
        "dedupe_key": message.key,
        "name": message.name,
        "payload": encode(message.payload),
        "due_at": message.at,
        "state": State.PENDING,
        "attempts": 0,
        "next_attempt_at": message.at,
        "error": "",
        "made_at": now,
    }


class Releaser:
    """Releases what is due: a worker's part. Any number of workers may do it at once.

    A message whose name this build does not know waits for the build that does.
    """

    def __init__(self, database: Database, service: str, timers: Mapping[str, Timer]) -> None:
        self.database, self.service, self.timers = database, service, timers

    def run_due(self) -> int:
        """How many messages were released. Each is released with its effects in one commit, or stays."""
        due = self._due() if self.timers else []
        return sum(self._try(due[start : start + BATCH]) for start in range(0, len(due), BATCH))

    def _due(self) -> Sequence[uuid.UUID]:
        table = scheduled_message.c
        with self.database.reading() as session:
            due = self._may_go(clock(session))
            earliest = sa.select(table.id).where(*due).order_by(table.next_attempt_at).limit(AT_ONCE)
            return session.scalars(earliest).all()

    def _may_go(self, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        table = scheduled_message.c
        return table.state == State.PENDING, table.next_attempt_at <= now, table.name.in_(self.timers)

    def _try(self, batch: Sequence[uuid.UUID]) -> int:
        """All in one commit; if that fails, each alone, so that one message's fault does not stop the others."""
        try:
            return self._release(batch)
        except Exception as error:
            if len(batch) > 1:
                return sum(self._try([message]) for message in batch)
            log.exception("Scheduled message %s failed", batch[0])
            self._postpone(batch[0], error)
            return 0

    def _release(self, batch: Sequence[uuid.UUID]) -> int:
        """How many were ours to release: their rows stay locked until commit, and others skip them."""
        table = scheduled_message.c
        with self.database.writing() as session:
            now = clock(session)
            free = sa.select(table.id, table.name, table.payload).where(table.id.in_(batch), *self._may_go(now))
            rows = session.execute(free.order_by(table.next_attempt_at).with_for_update(skip_locked=True)).all()
            tx = Transaction(session, self.database, self.service, principal=SYSTEM, now=now)
            for row in rows:
                tx.begin_anew()
                self.timers[row.name](tx, json.loads(row.payload))
            released = sa.update(scheduled_message).where(table.id.in_([row.id for row in rows]))
            tx.execute(released.values(state=State.RELEASED, released_at=now))
            failpoint("schedule.before_commit")
            tx.commit()
        return len(rows)

    def _postpone(self, message: uuid.UUID, error: Exception) -> None:
        table = scheduled_message.c
        mine = (table.id == message, table.state == State.PENDING)
        with self.database.connection() as connection:
            row = connection.execute(sa.select(table.name, table.attempts).where(*mine)).first()
            if row is None:
                return
            telemetry.SCHEDULED_FAILURES.labels(self.service, row.name).inc()
            delay = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER) - 1)]
            values = {"attempts": row.attempts + 1, "next_attempt_at": clock(connection) + delay}
            said = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
            connection.execute(sa.update(scheduled_message).where(*mine).values(error=said, **values))
