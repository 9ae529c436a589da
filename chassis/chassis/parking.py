"""Events that could not be applied, kept in the consumer's own database with their story.

A parked event blocks its aggregate: later ones wait ``behind`` it. It is tried again on a schedule, and
when it succeeds, those behind it follow in order. After the last try it is ``dead`` until an operator acts.
"""

from __future__ import annotations

import hashlib
import random
import traceback
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock, insert, storable
from chassis.events import Envelope, major_of
from chassis.problems import Problem, Unavailable
from chassis.tables import parked_event, parked_failure

if TYPE_CHECKING:
    from chassis.applying import Delivery
    from chassis.reactions import Reactions

SCHEDULE = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600))
"""Soon enough for a passing fault, seldom enough for a bug that needs a person."""
JITTER = 0.2
LONGEST_ERROR, LONGEST_PLACE = 4000, 200
TOO_NEW = "unsupported_version"
"""Tried again by a build that knows it, whatever happens before it."""


class GapUnavailable(Unavailable):
    """Earlier events are missing and the producer's log does not answer."""


class GapNotFilled(Problem):
    """Earlier events are missing, and the producer's log does not hold them."""


class UnsupportedVersion(Problem):
    """This build does not understand the event yet; a newer one will."""


class CrashLoop(Problem):
    """Every process that began to handle this event has died before it ended."""


NOBODYS_FAULT = (GapUnavailable, UnsupportedVersion)
"""Waiting that counts against no event: for a source that is silent, for a build that knows more."""


def park(session: Any, consumer: str, delivery: Delivery, error: Exception | None) -> str:
    """Put an event aside because of an error, or ``behind`` another one; the reason it is kept with."""
    now = clock(session)
    row = _row(consumer, delivery.envelope, delivery.raw, now) | next_try(0, error, now)
    session.execute(insert(session, parked_event).values(row).on_conflict_do_nothing())
    if error is not None:
        note_failure(session, row, error)
    reason: str = row["reason"]
    return reason


def note_failure(session: Any, row: Mapping[str, Any], error: Exception) -> None:
    """Add to an event's history; ``row`` is how it is kept after this failure."""
    names = ("consumer", "event_id", "reason", "error_class", "error", "fingerprint")
    failure = {name: row[name] for name in names}
    failure |= {"at": row["last_at"], "attempt": row["attempts"], "place": place_of(error)}
    session.execute(sa.insert(parked_failure).values(failure))


def next_try(attempts: int, error: Exception | None, now: datetime) -> dict[str, Any]:
    """What is noted of a failed try after ``attempts`` earlier ones: why, and when to try again, if ever.

    A source that is silent does not count against an event, and a version that is too new waits for a new build.
    """
    found = _cause(error) | {"state": "waiting", "attempts": attempts, "next_attempt_at": None, "last_at": now}
    if error is None:
        return found | {"reason": "behind"}
    if isinstance(error, UnsupportedVersion):
        return found | {"reason": TOO_NEW}
    if isinstance(error, GapUnavailable):
        return found | {"reason": "gap_unavailable", "next_attempt_at": now + _jittered(SCHEDULE[0])}
    found |= {"reason": _reason(error), "attempts": attempts + 1}
    if attempts >= len(SCHEDULE) or isinstance(error, CrashLoop):
        return found | {"state": "dead"}
    return found | {"next_attempt_at": now + _jittered(SCHEDULE[attempts])}


def _reason(error: Exception) -> str:
    if isinstance(error, CrashLoop):
        return "crash_loop"
    return "gap_unavailable" if isinstance(error, GapNotFilled) else "failed"


def bury_unreadable(session: Any, consumer: str, raw: bytes, error: Exception) -> None:
    """Keep bytes that are no event of ours, under a name made from them; dead at once."""
    name = uuid.UUID(bytes=hashlib.sha256(raw).digest()[:16])
    blank = {"source": "", "event_type": "", "aggregate_type": "", "aggregate_id": "", "aggregate_version": 0}
    now = clock(session)
    row = {"consumer": consumer, "event_id": name, "body": raw, "first_at": now, "last_at": now} | blank | _cause(error)
    row |= {"reason": "unparseable", "state": "dead", "attempts": 1, "next_attempt_at": None}
    kept = insert(session, parked_event).values(row).on_conflict_do_nothing().returning(parked_event.c.event_id)
    if session.execute(kept).first():
        note_failure(session, row, error)


def release_understood(database: Database, consumer: str, reactions: Reactions) -> int:
    """Let go what was parked because an older build did not know its version; how many.

    At start-up and then now and again: during an upgrade the older build may still park while this one stands by.
    """
    table = parked_event.c
    mine = (table.consumer == consumer, table.next_attempt_at.is_(None))
    waiting = (*mine, table.reason == TOO_NEW, table.state == "waiting")
    with database.reading() as session:
        kinds = session.scalars(sa.select(table.event_type).where(*waiting).distinct()).all()
    known = [kind for kind in kinds if major_of(kind) <= (reactions.newest_major(kind) or 0)]
    if not known:
        return 0
    with database.connection() as connection:
        release = sa.update(parked_event).where(*waiting, table.event_type.in_(known))
        return connection.execute(release.values(next_attempt_at=clock(connection))).rowcount


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
    text = storable(str(error))[:LONGEST_ERROR]
    return {"error_class": type(error).__name__, "error": text, "fingerprint": fingerprint(error)}


def told(error: Exception) -> str:
    """An error as operators read it, in one line that a column holds."""
    return storable(f"{type(error).__name__}: {error}")[:LONGEST_ERROR]


def fingerprint(error: Exception) -> str:
    """The same for the same kind of error in the same function, wherever and in whichever build it happens."""
    place = place_of(error).rpartition(":")[0]
    return hashlib.sha256(f"{type(error).__name__}|{place}".encode()).hexdigest()[:32]


def place_of(error: Exception) -> str:
    """``marketing.reactions.show_name:42``: the innermost place in the code of whoever reacts.

    Below it are libraries, in which every fault looks like every other. Without such code: the innermost place of all.
    """
    found = [(frame.f_globals.get("__name__", ""), frame.f_code.co_name, line)
             for frame, line in traceback.walk_tb(error.__traceback__)]  # fmt: skip
    reacting = next((module.partition(".")[0] for module, *_ in found if not module.startswith("chassis.")), "")
    own = [one for one in found if one[0].partition(".")[0] == reacting] or found
    module, function, line = own[-1] if own else ("", "", 0)
    return f"{module}.{function}:{line}"[-LONGEST_PLACE:] if module else ""


def _jittered(delay: timedelta) -> timedelta:
    return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (spreading load, not keeping secrets)
