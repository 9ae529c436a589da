"""What an operator asks of one service's bus: how far it is, what is parked and why; and what he may do about it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock
from chassis.events import open_envelope
from chassis.log import DatabaseLog
from chassis.problems import Conflict, NotFound
from chassis.tables import event_log, inbox, inbox_position, inbox_stream, log_state, parked_event


class NotParked(NotFound):
    """No such event is parked here."""


class AlreadyDiscarded(Conflict):
    """The event was discarded; it will not be applied."""


def status(database: Database) -> dict[str, Any]:
    """Log and consumers of one service, in plain values."""
    with database.reading() as session:
        state = session.execute(sa.select(log_state)).first()
        unsealed = 0
        if not database.is_sqlite:
            statement = sa.select(sa.func.count()).select_from(event_log).where(event_log.c.position.is_(None))
            unsealed = session.scalar(statement) or 0
        parked = session.execute(_parked_counts()).all()
        blocked = sa.select(sa.func.count()).select_from(inbox_stream).where(inbox_stream.c.blocked_by.is_not(None))
        positions = session.execute(sa.select(inbox_position)).all()
        return {
            "head": DatabaseLog(database).head().position,
            "epoch": state.epoch if state else 1,
            "unsealed": unsealed,
            "published_to": state.published_to if state and not database.is_sqlite else None,
            "sources": [
                {"source": row.source, "read_to": row.pulled_to, "complete_at": row.complete_at} for row in positions
            ],
            "parked": {f"{row.state} {row.reason}": row.number for row in parked},
            "blocked_aggregates": session.scalar(blocked) or 0,
        }


def _parked_counts() -> sa.Select[Any]:
    table = parked_event.c
    return sa.select(table.state, table.reason, sa.func.count().label("number")).group_by(table.state, table.reason)


def groups(database: Database) -> Sequence[sa.Row[Any]]:
    """Parked events by cause, most first: the same fault at the same place is one group."""
    table = parked_event.c
    causes = (table.fingerprint, table.state, table.reason, table.error_class)
    statement = sa.select(
        *causes,
        sa.func.count().label("number"),
        sa.func.min(table.first_at).label("first_at"),
        sa.func.max(table.error).label("error"),
    )
    with database.reading() as session:
        return session.execute(statement.group_by(*causes).order_by(sa.desc("number"))).all()


def parked(database: Database, limit: int = 50) -> Sequence[sa.Row[Any]]:
    """Parked events, oldest first."""
    with database.reading() as session:
        return session.execute(sa.select(parked_event).order_by(parked_event.c.first_at).limit(limit)).all()


def show(database: Database, event_id: uuid.UUID) -> dict[str, Any]:
    """Where an event is in this service: its own log, its inbox, its parking place. Empty when nowhere."""
    found: dict[str, Any] = {}
    with database.reading() as session:
        logged = session.execute(sa.select(event_log).where(event_log.c.event_id == event_id)).first()
        if logged:
            envelope = open_envelope(logged.envelope)
            found["said"] = {"type": envelope.type, "subject": envelope.subject, "time": envelope.time}
            found["said"] |= {"by": envelope.authname, "caused_by": envelope.causationid or None}
            found["said"]["data"] = json.loads(bytes(envelope.data))
        heard = session.execute(sa.select(inbox).where(inbox.c.event_id == event_id)).first()
        if heard:
            found["heard"] = {"state": heard.state, "via": heard.via, "version": heard.aggregate_version}
        waiting = session.execute(sa.select(parked_event).where(parked_event.c.event_id == event_id)).first()
        if waiting:
            found["parked"] = {"state": waiting.state, "reason": waiting.reason, "attempts": waiting.attempts}
            found["parked"] |= {"error": f"{waiting.error_class}: {waiting.error}", "next": waiting.next_attempt_at}
    return found


def redrive(database: Database, ids: Sequence[uuid.UUID], *, by: str) -> int:
    """Try these parked events again from the start of the schedule, now; the worker does it. How many."""
    table = parked_event.c
    # what is behind another follows by itself, and what cannot be read cannot be applied
    mine = (
        table.event_id.in_(ids),
        table.state.in_(("waiting", "dead")),
        table.reason.not_in(("behind", "unparseable")),
    )
    with database.connection() as connection:
        values = {"state": "waiting", "attempts": 0, "next_attempt_at": clock(connection), "changed_by": by}
        return connection.execute(sa.update(parked_event).where(*mine).values(values)).rowcount


def discard(database: Database, event_id: uuid.UUID, *, by: str, reason: str) -> None:
    """Never apply this event; those behind it go on. It stays here with the reason. Raises NotParked."""
    table = parked_event.c
    with database.connection() as connection:
        row = connection.execute(sa.select(parked_event).where(table.event_id == event_id)).first()
        if row is None:
            raise NotParked(detail=str(event_id))
        if row.state == "discarded":
            raise AlreadyDiscarded(detail=str(event_id))
        now = clock(connection)
        values = {"state": "discarded", "next_attempt_at": None, "note": reason, "changed_by": by, "last_at": now}
        connection.execute(sa.update(parked_event).where(table.event_id == event_id).values(values))
        connection.execute(sa.update(inbox).where(inbox.c.event_id == event_id).values(state="discarded"))
        _release_behind(connection, row, now)


def _release_behind(connection: sa.Connection, row: sa.Row[Any], now: Any) -> None:
    """The next of the aggregate takes the discarded one's place and is due at once."""
    table, stream = parked_event.c, inbox_stream.c
    same = (table.consumer == row.consumer, table.source == row.source, table.aggregate_id == row.aggregate_id)
    waiting = (table.aggregate_type == row.aggregate_type, table.state == "waiting")
    following = sa.select(table.event_id).where(*same, *waiting).order_by(table.aggregate_version).limit(1)
    heir = connection.execute(following).scalar()
    mine = (stream.consumer == row.consumer, stream.source == row.source, stream.aggregate_id == row.aggregate_id)
    values = {"blocked_by": heir, "last_version": row.aggregate_version}
    where = (*mine, stream.aggregate_type == row.aggregate_type)
    connection.execute(sa.update(inbox_stream).where(*where).values(values))
    if heir:
        connection.execute(
            sa.update(parked_event).where(table.event_id == heir).values(reason="failed", next_attempt_at=now)
        )
