"""Events that could not be applied, kept in the consumer's own database with their story.

A parked event blocks its aggregate: later ones wait ``behind`` it. It is tried again on a schedule, and
when it succeeds, those behind it follow in order. After the last try it is ``dead`` until an operator acts.
"""

from __future__ import annotations

import hashlib
import random
import traceback
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock, insert, storable
from chassis.events import Envelope, open_envelope
from chassis.problems import Problem, Unavailable
from chassis.tables import parked_event

if TYPE_CHECKING:
    from chassis.applying import Delivery
    from chassis.reactions import Reactions

SCHEDULE = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600))
"""Soon enough for a passing fault, seldom enough for a bug that needs a person."""
JITTER = 0.2
LONGEST_ERROR = 4000


class GapUnavailable(Unavailable):
    """Earlier events are missing and the producer's log does not answer."""


class GapNotFilled(Problem):
    """Earlier events are missing, and the producer's log does not hold them."""


class UnsupportedVersion(Problem):
    """This build does not understand the event yet; a newer one will."""


def park(session: Any, consumer: str, delivery: Delivery, error: Exception | None) -> str:
    """Put an event aside because of an error, or ``behind`` another one; the reason it is kept with."""
    now = clock(session)
    row = _row(consumer, delivery.envelope, delivery.raw, now) | next_try(0, error, now)
    session.execute(insert(session, parked_event).values(row).on_conflict_do_nothing())
    reason: str = row["reason"]
    return reason


def next_try(attempts: int, error: Exception | None, now: datetime) -> dict[str, Any]:
    """What is noted of a failed try after ``attempts`` earlier ones: why, and when to try again, if ever.

    A source that is silent does not count against an event, and a version that is too new waits for a new build.
    """
    found = _cause(error) | {"state": "waiting", "attempts": attempts, "next_attempt_at": None, "last_at": now}
    if error is None:
        return found | {"reason": "behind"}
    if isinstance(error, UnsupportedVersion):
        return found | {"reason": "unsupported_version"}
    if isinstance(error, GapUnavailable):
        return found | {"reason": "gap_unavailable", "next_attempt_at": now + _jittered(SCHEDULE[0])}
    found |= {"reason": "gap_unavailable" if isinstance(error, GapNotFilled) else "failed", "attempts": attempts + 1}
    if attempts >= len(SCHEDULE):
        return found | {"state": "dead"}
    return found | {"next_attempt_at": now + _jittered(SCHEDULE[attempts])}


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
    return {"error_class": kind, "error": storable(str(error))[:LONGEST_ERROR], "fingerprint": print_of}


def _jittered(delay: timedelta) -> timedelta:
    return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (spreading load, not keeping secrets)
