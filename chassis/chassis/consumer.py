"""The consumer core: inbox, effects and own events in one transaction, whichever way an event arrived.

Order is kept per aggregate by its version. A repeated event changes nothing; a missing one is fetched from
the producer's log; one that cannot be applied is parked in this service's own database, and later events of
the same aggregate wait behind it while all others go on.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis import parking, telemetry
from chassis.applying import LATE, Delivery, Via, Work, claim_late, insert_inbox, parsed
from chassis.attempts import Attempts, alone
from chassis.database import Database
from chassis.dialect import Talk, clock, insert, storable
from chassis.failpoints import failpoint
from chassis.lines import in_line
from chassis.log import EventSource
from chassis.parking import CrashLoop, GapNotFilled, GapUnavailable
from chassis.pausing import Pausing
from chassis.principal import Principal
from chassis.problems import Unavailable
from chassis.reactions import Reactions
from chassis.subscription import Agreement
from chassis.tables import inbox, inbox_stream
from chassis.transaction import Transaction

log = logging.getLogger(__name__)
After = Callable[[Talk, datetime], None]
"""What else belongs in the last commit of a take: the place to note how far one has read."""
Clean = Callable[[Talk, Sequence[Delivery]], list[Delivery]]
"""Takes out of deliveries what must not come in again."""
BATCH = 500
"""Events in one commit while there is a backlog; one at a time otherwise."""
PAUSES_SECONDS = (0.1, 0.5, 2.0)


class Consumer:
    """One subscription of one service. Both transports feed it; at most one thread at a time runs it."""

    def __init__(
        self, *, name: str, service: str, database: Database, reactions: Reactions, sources: Mapping[str, EventSource]
    ) -> None:
        self.name, self.service, self.database = name, service, database
        self.reactions, self.sources = reactions, sources
        self.attempts, self.pausing = Attempts(name, database), Pausing(name, database)
        self.agreement = Agreement(self)
        self.guard: Clean | None = None
        self.is_told = False
        """A story of the past is being told: what an event causes happens when the event did (``chassis.telling``)."""
        self.turn = threading.Lock()
        """Held by whoever applies events: reactions may gather things in themselves from begin to finish."""

    # -- taking --------------------------------------------------------------------------------

    def take(self, raws: Sequence[bytes], via: Via, after: After | None = None, again: bool = False) -> None:
        """Apply events in order, durably. Returns when all are applied, known, or parked.

        ``again`` says that somebody may have died of one of them: they are handled one by one, with care.
        Raises Unavailable when our own database does not answer, or ConsumerPaused: then nothing may be acknowledged.
        """
        with self.turn:
            self.take_in_turn(raws, via, after, again)

    def take_in_turn(self, raws: Sequence[bytes], via: Via, after: After | None = None, again: bool = False) -> None:
        """The same for whoever has the turn already."""
        deliveries = [found for raw in raws if (found := self._parse(raw, via))]
        for start in range(0, max(len(deliveries), 1), BATCH):
            self.pausing.must_go_on()
            batch = deliveries[start : start + BATCH]
            is_last = start + BATCH >= len(deliveries)
            if again or self._is_unsure(batch):
                self._apply_with_care(batch, after if is_last else None)
            else:
                self._apply_or_split(batch, after if is_last else None)

    def _is_unsure(self, batch: list[Delivery]) -> bool:
        """What is pushed says itself whether it came before; what is read does not."""
        unsure = self.attempts.unsure
        return bool(unsure) and any(one.via != "push" and one.envelope.service in unsure for one in batch)

    def _parse(self, raw: bytes, via: Via) -> Delivery | None:
        try:
            return parsed(raw, via)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._bury(raw, error)
            return None

    def clean(self, talk: Talk, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """The deliveries as they may be applied and kept: without what they say of people who were erased."""
        return self.guard(talk, deliveries) if self.guard else list(deliveries)

    def _bury(self, raw: bytes, error: Exception) -> None:
        with self.database.connection() as connection:
            parking.bury_unreadable(connection, self.name, raw, error)
        telemetry.PARKED.labels(self.name, "unparseable").inc()

    def _apply_or_split(self, batch: list[Delivery], after: After | None) -> None:
        """The whole batch in one commit; if that fails, each event alone, so that one cannot harm another."""
        if len(batch) > 1:
            try:
                return self._apply(batch, after)
            except Exception as error:
                if is_outage(error) and not _is_passing(error):
                    raise
                log.info("Batch of %d taken apart: %s", len(batch), type(error).__name__)
        for delivery in batch:
            self._apply_one(delivery)
        if after:
            self._apply([], after)
        return None

    def _apply_one(self, delivery: Delivery, *, with_missing: bool = True) -> None:
        for pause in (*PAUSES_SECONDS, None):
            try:
                return self._apply([delivery], None)
            except Exception as error:
                if not is_outage(error):
                    return self._apply_missing(delivery, error) if with_missing else self._park(delivery, error)
                if pause is None or not _is_passing(error):
                    raise
            telemetry.RETRIES.labels(self.name).inc()
            time.sleep(pause)
        return None

    def _apply_missing(self, delivery: Delivery, error: Exception) -> None:
        """Park an event that fails, unless it came with a gap: then each on its own, for the fault may be another's."""
        missing: list[Delivery] = []
        if not isinstance(error, GapUnavailable | GapNotFilled):
            with contextlib.suppress(GapUnavailable, GapNotFilled, sa.exc.DBAPIError, ValueError, OverflowError):
                missing = self._missing_before(delivery)
        if not missing:
            return self._park(delivery, error)
        for one in (*missing, delivery):
            self._apply_one(one, with_missing=False)
        return None

    def _missing_before(self, delivery: Delivery) -> list[Delivery]:
        with self.database.reading() as session:
            columns = (inbox_stream.c.last_version, inbox_stream.c.blocked_by)
            place = session.execute(sa.select(*columns).where(*in_line(inbox_stream, self.name, delivery.stream)))
            last, blocked_by = place.first() or (0, None)
        if blocked_by or delivery.envelope.aggregateversion <= last + 1:
            return []
        return self.fetch_gap(delivery, last)

    # -- with care -----------------------------------------------------------------------------

    def _apply_with_care(self, batch: list[Delivery], after: After | None) -> None:
        """Each event alone, each try counted before it begins: whoever dies of one leaves its name behind."""
        known = self._known(batch)
        seen = [delivery for delivery in batch if delivery.id in known]
        if seen:
            self._apply(seen, None)
        for delivery in batch:
            if delivery.id not in known:
                missing: list[Delivery] = []
                with contextlib.suppress(GapUnavailable, GapNotFilled):
                    missing = self._missing_before(delivery)
                for one in (*missing, delivery):
                    self._apply_counted(one)
                self.attempts.grow_sure(delivery.envelope.service, 1)
        if after:
            self._apply([], after)

    def _known(self, batch: list[Delivery]) -> set[uuid.UUID]:
        """The events that have their place in the inbox: nothing of theirs is handled again, unless it is late."""
        if any(delivery.via == LATE for delivery in batch):
            return set()
        mine = (inbox.c.consumer == self.name, inbox.c.event_id.in_([delivery.id for delivery in batch]))
        with self.database.reading() as session:
            return set(session.scalars(sa.select(inbox.c.event_id).where(*mine)))

    def _apply_counted(self, delivery: Delivery) -> None:
        with alone():
            try:
                self.attempts.begin(delivery.id)
            except CrashLoop as error:
                self._park(delivery, error)
            else:
                self._apply_one(delivery, with_missing=False)

    def _park(self, delivery: Delivery, error: Exception) -> None:
        self.pausing.note_failure(error, delivery.stream)
        log.warning("Parked %s %s: %s", delivery.envelope.type, delivery.envelope.id, storable(str(error)))
        try:
            with self.database.connection() as connection:
                [delivery] = self.clean(connection, [delivery])
                insert_inbox(connection, self, [delivery], now=clock(connection), state="parked")
                if delivery.via == LATE:
                    claim_late(connection, self.name, [delivery], now=clock(connection), state="parked")
                reason = parking.park(connection, self.name, delivery, error)
                self._block(connection, delivery)
                self.attempts.end(connection, [delivery.id])
            self.attempts.ended([delivery.id])
            telemetry.PARKED.labels(self.name, reason).inc()
        except Unavailable:
            raise
        except Exception as unfit:  # a name or a number that no column of ours holds: not an event of ours either
            self._bury(delivery.raw, unfit)

    # -- applying ------------------------------------------------------------------------------

    def _apply(self, batch: list[Delivery], after: After | None) -> None:
        is_late = any(delivery.via == LATE for delivery in batch)
        with self.database.writing() as session:
            # What is late is applied by whoever changes the agreement: to wait for it would be to wait for oneself.
            now, began = clock(session) if is_late else self.agreement.begin(session), time.perf_counter()
            tx = Transaction(session, self.database, self.service, principal=Principal(), now=now)
            work = Work(self, tx, batch)
            work.run()
            if after:
                after(session, now)
            ids = [delivery.id for delivery in batch]
            self.attempts.end(session, ids)
            failpoint("consumer.before_commit")
            tx.commit()
            failpoint("consumer.after_commit")
        self.attempts.ended(ids)
        if work.done:
            self.pausing.note_success()
        self._count(work, now + timedelta(seconds=time.perf_counter() - began))

    def _count(self, work: Work, committed_at: datetime) -> None:
        """After the commit nothing may look like a failure: the events are applied."""
        try:
            work.count(committed_at)
        except Exception:
            log.exception("Could not count what was applied")

    def _block(self, connection: Any, delivery: Delivery) -> None:
        source, kind, key = delivery.stream
        row = {"consumer": self.name, "source": source, "aggregate_type": kind, "aggregate_id": key}
        statement = insert(connection, inbox_stream).values(**row, last_version=0, blocked_by=delivery.id)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(row),
                set_={"blocked_by": sa.func.coalesce(inbox_stream.c.blocked_by, statement.excluded.blocked_by)},
            )
        )

    def fetch_gap(self, delivery: Delivery, last_version: int) -> list[Delivery]:
        """The events between what we have and what arrived. Raises GapUnavailable or GapNotFilled."""
        source, kind, key = delivery.stream
        try:
            found = self.sources[source].of_aggregate(kind, key, last_version, delivery.envelope.aggregateversion - 1)
        except (Unavailable, KeyError) as error:
            raise GapUnavailable(detail=f"{source} does not give {kind}/{key}") from error
        missing = [parsed(logged.raw, "gap") for logged in found]
        if len(missing) != delivery.envelope.aggregateversion - 1 - last_version:
            raise GapNotFilled(detail=f"{source} lacks events of {kind}/{key} before this one")
        telemetry.GAP_REPAIRS.labels(self.name).inc(len(missing))
        return missing


def is_outage(error: Exception) -> bool:
    """Our own database does not answer: no event's fault, so none may be put aside for it."""
    return isinstance(error, Unavailable) and not isinstance(error, GapUnavailable)


def _is_passing(error: Exception) -> bool:
    """Deadlocks and lock timeouts pass; a database that is gone does not."""
    cause = error.__cause__
    code = getattr(getattr(cause, "orig", None), "sqlstate", None)
    return code in ("40001", "40P01", "55P03", "57014") or "locked" in str(cause)
