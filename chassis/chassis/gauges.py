"""What only the database knows, measured every few seconds for /metrics.

Costs at most four small queries each time, however long the log is: two look at the first entry of an index, the
others count parked events, of which there are few. Scraping costs the database nothing.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import telemetry
from chassis.database import Database
from chassis.dialect import clock
from chassis.log import DatabaseLog
from chassis.tables import event_log, log_state, parked_event

REASONS = ("failed", "behind")
"""Always shown, so that a graph begins at zero; others appear with their first event."""


class Gauges:
    """The gauges of one service. ``publishes`` says that a relay sends its log to a broker."""

    def __init__(self, database: Database, service: str, consumer: str, *, publishes: bool) -> None:
        self.database, self.service, self.consumer, self.publishes = database, service, consumer, publishes
        self._reasons = set(REASONS)

    def fill(self) -> None:
        """Look, and tell; on an error everything keeps its last value, and ``bus_measured_…`` grows old."""
        with self.database.reading() as session:
            now = clock(session)
            self._log(session, now)
            if self.consumer:
                self._parked(session)
        telemetry.LOG_HEAD.labels(self.service).set(DatabaseLog(self.database).head().position)
        telemetry.MEASURED_AT.labels(self.service).set(time.time())

    def _log(self, session: Any, now: datetime) -> None:
        # on SQLite the id is the position: nothing is ever unsealed
        unsealed = 0.0 if self.database.is_sqlite else _age(session.scalar(_OLDEST_UNSEALED), now)
        telemetry.UNSEALED_SECONDS.labels(self.service).set(unsealed)
        unpublished = max(unsealed, _age(session.scalar(_OLDEST_UNPUBLISHED), now)) if self.publishes else 0.0
        telemetry.UNPUBLISHED_SECONDS.labels(self.service).set(unpublished)

    def _parked(self, session: Any) -> None:
        table = parked_event.c
        mine = sa.select(table.state, table.reason, sa.func.count().label("number"))
        open_ones = (table.consumer == self.consumer, table.state.in_(("waiting", "dead")))
        rows = session.execute(mine.where(*open_ones).group_by(table.state, table.reason)).all()
        waiting = {row.reason: row.number for row in rows if row.state == "waiting"}
        self._reasons |= set(waiting)
        for reason in self._reasons:
            telemetry.WAITING.labels(self.consumer, reason).set(waiting.get(reason, 0))
        telemetry.DEAD.labels(self.consumer).set(sum(row.number for row in rows if row.state == "dead"))
        # what is parked blocks its aggregate; what could not be read belongs to none
        aggregates = sa.select(table.source, table.aggregate_type, table.aggregate_id).distinct()
        blocked = aggregates.where(*open_ones, table.aggregate_id != "").subquery()
        telemetry.BLOCKED_AGGREGATES.labels(self.consumer).set(
            session.scalar(sa.select(sa.func.count()).select_from(blocked)) or 0
        )


_OLDEST_UNSEALED = (
    sa.select(event_log.c.recorded_at).where(event_log.c.position.is_(None)).order_by(event_log.c.id).limit(1)
)
_PUBLISHED_TO = sa.select(log_state.c.published_to).scalar_subquery()
_OLDEST_UNPUBLISHED = (
    sa.select(event_log.c.recorded_at)
    .where(event_log.c.position > _PUBLISHED_TO)
    .order_by(event_log.c.position)
    .limit(1)
)


def begin(service: str, consumer: str, sources: Any) -> None:
    """Show every series from the first scrape on: what was never counted is zero, not unknown."""
    for about_sending in (telemetry.PUBLISHED, telemetry.REFUSED, telemetry.QUARANTINED):
        about_sending.labels(service)
    telemetry.CONFIRM_SECONDS.labels(service)
    if not consumer:
        return
    counters = (telemetry.DUPLICATES, telemetry.GAP_REPAIRS, telemetry.RETRIES)
    for one in (*counters, telemetry.CONNECTED, telemetry.BREAKER_OPEN, telemetry.PAUSED):
        one.labels(consumer)
    telemetry.HANDLER_SECONDS.labels(consumer)
    for source in sources:
        for gauge in (telemetry.RECONCILE_MISSING, telemetry.RECONCILE_EXTRA):
            gauge.labels(consumer, source)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
