"""Whether a consumer goes on: an operator may pause it, and it pauses itself when everything would be put aside.

Kept in the consumer's own database, so that a restart changes nothing and everybody who asks sees the same.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from chassis import parking, telemetry
from chassis.breaker import Breaker
from chassis.database import Database
from chassis.dialect import Talk, clock, insert
from chassis.problems import Unavailable
from chassis.tables import consumer_state, parked_event

log = logging.getLogger(__name__)
PROBE_EVERY = timedelta(seconds=10)
MOST_PARKED = 10_000
"""So many events set aside are not exceptions any more: whoever parks the world only moves the queue."""
FEW_ENOUGH = 0.9
"""Of that number, before it goes on: at the very edge it would stop and start with each event."""
Cause = Literal["", "failing", "full"]
COUNTED = ("waiting", "dead")
SHOWN = "%Y-%m-%d %H:%M:%S"


class ConsumerPaused(Unavailable):
    """This consumer is paused; what is for it waits where it is."""


@dataclasses.dataclass(frozen=True)
class Standing:
    """How a consumer stands: paused by whom and why, its breaker closed or open for which cause."""

    paused_at: datetime | None = None
    paused_by: str = ""
    pause_reason: str = ""
    breaker: Cause = ""
    breaker_since: datetime | None = None
    breaker_error: str = ""
    fingerprint: str = ""
    probed_at: datetime | None = None

    @property
    def is_held(self) -> bool:
        """Nothing new is taken."""
        return bool(self.paused_at or self.breaker)

    @property
    def may_redrive(self) -> bool:
        """What is parked may be tried again: not while all tries are in vain, for none may be wasted."""
        return not self.paused_at and self.breaker != "failing"

    def __str__(self) -> str:
        said = []
        if self.paused_at:
            said.append(f"paused by {self.paused_by} since {self.paused_at:{SHOWN}} UTC: {self.pause_reason}")
        if self.breaker == "failing":
            said.append(f"everything fails since {self.breaker_since:{SHOWN}} UTC: {self.breaker_error}")
        if self.breaker == "full":
            said.append(f"too many events are parked: {self.breaker_error}")
        return "; ".join(said)


NAMES = tuple(field.name for field in dataclasses.fields(Standing))
CLOSED: dict[str, Any] = {
    "breaker": "", "breaker_since": None, "breaker_error": "", "fingerprint": "", "probed_at": None
}  # fmt: skip


def standing_of(talk: Talk, consumer: str) -> Standing:
    """How the consumer stands by what is written."""
    columns = [consumer_state.c[name] for name in NAMES]
    row = talk.execute(sa.select(*columns).where(consumer_state.c.consumer == consumer)).first()
    return Standing(**row._mapping) if row else Standing()


def note_standing(talk: Talk, consumer: str, **values: Any) -> None:
    """Write how it stands, in the caller's transaction."""
    statement = insert(talk, consumer_state).values(consumer=consumer, **values)
    talk.execute(statement.on_conflict_do_update(index_elements=["consumer"], set_=values))


class Pausing:
    """One consumer's standing, read again every second by whoever keeps house, and asked before each batch."""

    def __init__(self, consumer: str, database: Database, most_parked: int = MOST_PARKED) -> None:
        self.consumer, self.database, self.most_parked = consumer, database, most_parked
        self.standing = Standing()
        self.breaker = Breaker()
        # Reading is one thread's work and opening another's: what was read before must not be known after.
        self._knowing = threading.RLock()

    @property
    def is_held(self) -> bool:
        return self.standing.is_held

    def must_go_on(self) -> None:
        """Raises ConsumerPaused."""
        if self.is_held:
            raise ConsumerPaused(detail=f"{self.consumer}: {self.standing}")

    def look(self) -> None:
        """Read what others have written, and whether too many are parked."""
        with self._knowing:
            self._look()

    def _look(self) -> None:
        with self.database.reading() as session:
            standing = standing_of(session, self.consumer)
            number = self._parked(session)
        if not standing.breaker and number > self.most_parked:
            self._open("full", error=f"more than {self.most_parked}")
        elif standing.breaker == "full" and number <= FEW_ENOUGH * self.most_parked:
            self.close()
        else:
            self._know(standing)

    def _parked(self, session: Talk) -> int:
        """How many are parked; it stops counting where it knows enough."""
        mine = (parked_event.c.consumer == self.consumer, parked_event.c.state.in_(COUNTED))
        some = sa.select(sa.literal(1)).where(*mine).limit(self.most_parked + 1).subquery()
        return session.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()

    # -- the breaker ---------------------------------------------------------------------------

    def note_failure(self, error: Exception, aggregate: tuple[str, str, str]) -> None:
        """A delivery failed. Raises ConsumerPaused when that is one too many: this one is not to be put aside."""
        if isinstance(error, (*parking.NOBODYS_FAULT, parking.CrashLoop)):
            return
        fingerprint = parking.fingerprint(error)
        if self.breaker.failed(fingerprint, aggregate):
            self._open("failing", error=parking.told(error), fingerprint=fingerprint)
            self.must_go_on()

    def note_success(self) -> None:
        self.breaker.succeeded()

    def claim_probe(self) -> bool:
        """Whether it is time to try one event, and nobody else does."""
        if self.standing.breaker != "failing" or self.standing.paused_at:
            return False
        table = consumer_state.c
        with self.database.connection() as connection:
            now = clock(connection)
            due = sa.or_(table.probed_at.is_(None), table.probed_at <= now - PROBE_EVERY)
            mine = (table.consumer == self.consumer, table.breaker == "failing", due)
            return connection.execute(sa.update(consumer_state).where(*mine).values(probed_at=now)).rowcount > 0

    def close(self) -> None:
        """Go on; whatever failed for this cause is due now."""
        with self._knowing:
            with self.database.connection() as connection:
                close_breaker(connection, self.consumer, standing_of(connection, self.consumer))
                standing = standing_of(connection, self.consumer)
            self._know(standing)
        self.breaker.succeeded()
        log.warning("%s goes on", self.consumer)

    def _open(self, cause: Cause, *, error: str, fingerprint: str = "") -> None:
        with self._knowing:
            with self.database.connection() as connection:
                now = clock(connection)
                values = {"breaker": cause, "breaker_since": now, "breaker_error": error, "fingerprint": fingerprint}
                note_standing(connection, self.consumer, **values, probed_at=now)
                standing = standing_of(connection, self.consumer)
            self._know(standing)
        self.breaker.succeeded()
        log.error("%s pauses itself: %s", self.consumer, self.standing)

    def _know(self, standing: Standing) -> None:
        self.standing = standing
        telemetry.BREAKER_OPEN.labels(self.consumer).set(bool(standing.breaker))
        telemetry.PAUSED.labels(self.consumer).set(standing.paused_at is not None)


def close_breaker(talk: Talk, consumer: str, standing: Standing) -> None:
    """Close it in the caller's transaction, and let what failed for its cause be tried at once, nothing burnt."""
    note_standing(talk, consumer, **CLOSED)
    table = parked_event.c
    same = (table.consumer == consumer, table.fingerprint == standing.fingerprint, table.state == "waiting")
    if standing.breaker == "failing":
        due = sa.update(parked_event).where(*same, table.next_attempt_at.is_not(None))
        talk.execute(due.values(next_attempt_at=clock(talk)))
