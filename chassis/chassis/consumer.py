"""The consumer core: inbox, effects and own events in one transaction, whichever way an event arrived.

Order is kept per aggregate by its version. A repeated event changes nothing; a missing one is fetched from
the producer's log; one that cannot be applied is parked in this service's own database, and later events of
the same aggregate wait behind it while all others go on.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec
import sqlalchemy as sa

from chassis import parking, telemetry, trace
from chassis.database import Database
from chassis.dialect import Talk, clock, insert
from chassis.events import Envelope, Heard, data_of, open_envelope
from chassis.failpoints import failpoint
from chassis.log import EventSource
from chassis.principal import Principal
from chassis.problems import Problem, Unavailable
from chassis.tables import inbox, inbox_stream
from chassis.transaction import Transaction

log = logging.getLogger(__name__)
After = Callable[[Talk, datetime], None]
"""What else belongs in the last commit of a take: the place to note how far one has read."""
Via = Literal["push", "pull", "gap", "reconcile", "redrive"]
BATCH = 200
"""Events in one commit while there is a backlog; one at a time otherwise."""
PAUSES_SECONDS = (0.1, 0.5, 2.0)


@dataclasses.dataclass(frozen=True)
class Delivery:
    """An event in hand, parsed."""

    raw: bytes
    envelope: Envelope
    via: Via

    @property
    def id(self) -> uuid.UUID:
        return uuid.UUID(self.envelope.id)

    @property
    def stream(self) -> tuple[str, str, str]:
        return self.envelope.service, self.envelope.aggregate, self.envelope.aggregate_id


class Reactions(Protocol):
    """What a service does with what it hears."""

    def aggregates(self) -> Mapping[str, set[str]]:
        """Aggregate types per source service: whole aggregates, so that versions have no holes."""

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        """A batch is about to be applied: look up in one query what all of it needs."""

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        """Cause what this event causes. Raises what went wrong; nothing is kept then."""

    def finish(self, tx: Transaction) -> None:
        """The batch is applied: write what was gathered."""

    def newest_major(self, event_type: str) -> int | None:
        """The newest version of this type that the build understands; None when it does not listen to it."""


Reaction = Callable[[Transaction, Any], None]


class OneByOne:
    """The usual reactions: a function per event type."""

    def __init__(self, hears: Mapping[type[Heard], Reaction]) -> None:
        self.by_type = {heard.event_type: (heard, reaction) for heard, reaction in hears.items()}
        self.majors: dict[str, int] = {}
        for heard in hears:
            family = unversioned(heard.event_type)
            self.majors[family] = max(self.majors.get(family, 0), heard.schema_major)

    def aggregates(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for heard, _ in self.by_type.values():
            found.setdefault(heard.event_type.split(".")[1], set()).add(heard.aggregate_type)
        return found

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        return

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        known = self.by_type.get(envelope.type)
        if known:
            heard, reaction = known
            reaction(tx, data_of(envelope, heard))

    def finish(self, tx: Transaction) -> None:
        return

    def newest_major(self, event_type: str) -> int | None:
        return self.majors.get(unversioned(event_type))


def unversioned(event_type: str) -> str:
    head, dot, tail = event_type.rpartition(".v")
    return head if dot and tail.isdigit() else event_type


class GapUnavailable(Unavailable):
    """Earlier events are missing and the producer's log does not answer."""


class UnsupportedVersion(Problem):
    """This build does not understand the event yet; a newer one will."""


class Consumer:
    """One subscription of one service. Both transports feed it; at most one thread at a time runs it."""

    def __init__(
        self, *, name: str, service: str, database: Database, reactions: Reactions, sources: Mapping[str, EventSource]
    ) -> None:
        self.name, self.service, self.database = name, service, database
        self.reactions, self.sources = reactions, sources
        self._one_at_a_time = threading.Lock()

    # -- taking --------------------------------------------------------------------------------

    def take(self, raws: Sequence[bytes], via: Via, after: After | None = None) -> None:
        """Apply events in order, durably. Returns when all are applied, known, or parked.

        Raises Unavailable when our own database does not answer: then nothing may be acknowledged.
        """
        with self._one_at_a_time:
            deliveries = [found for raw in raws if (found := self._parse(raw, via))]
            for start in range(0, max(len(deliveries), 1), BATCH):
                is_last = start + BATCH >= len(deliveries)
                self._apply_or_split(deliveries[start : start + BATCH], after if is_last else None)

    def _parse(self, raw: bytes, via: Via) -> Delivery | None:
        try:
            envelope = open_envelope(raw)
            delivery = Delivery(raw, envelope, via)
            uuid.UUID(envelope.id)
        except (msgspec.MsgspecError, ValueError) as error:
            with self.database.connection() as connection:
                parking.bury_unreadable(connection, self.name, raw, error)
            telemetry.PARKED.labels(self.name, "unparseable").inc()
            return None
        return delivery

    def _apply_or_split(self, batch: list[Delivery], after: After | None) -> None:
        """The whole batch in one commit; if that fails, each event alone, so that one cannot harm another."""
        if len(batch) > 1:
            try:
                return self._apply(batch, after)
            except Unavailable:
                raise
            except Exception as error:
                log.info("Batch of %d taken apart: %s", len(batch), type(error).__name__)
        for delivery in batch:
            self._apply_one(delivery)
        if after:
            self._apply([], after)
        return None

    def _apply_one(self, delivery: Delivery) -> None:
        for pause in (*PAUSES_SECONDS, None):
            try:
                return self._apply([delivery], None)
            except GapUnavailable as error:
                return self._park(delivery, "gap_unavailable", error)
            except UnsupportedVersion as error:
                return self._park(delivery, "unsupported_version", error)
            except Unavailable as error:
                if pause is None or not _is_passing(error):
                    raise
            except Exception as error:
                return self._park(delivery, "failed", error)
            time.sleep(pause)
        return None

    def _park(self, delivery: Delivery, reason: str, error: Exception) -> None:
        log.warning("Parked %s %s: %s", delivery.envelope.type, delivery.envelope.id, error)
        with self.database.connection() as connection:
            self._insert_inbox(connection, [delivery], state="parked")
            parking.park(connection, self.name, delivery, reason=reason, error=error)
            self._block(connection, delivery)
        telemetry.PARKED.labels(self.name, reason).inc()

    # -- applying ------------------------------------------------------------------------------

    def _apply(self, batch: list[Delivery], after: After | None) -> None:
        with self.database.writing() as session:
            now = clock(session)
            tx = Transaction(session, self.database, self.service, principal=Principal(), now=now)
            work = _Batch(self, tx, batch)
            work.run()
            if after:
                after(session, now)
            failpoint("consumer.before_commit")
            tx.commit()
            failpoint("consumer.after_commit")
        work.count(now)

    def _insert_inbox(self, session: Any, batch: Iterable[Delivery], state: str = "done") -> set[uuid.UUID]:
        """Insert, never ask first: the rows that went in are the new ones."""
        rows = [inbox_row(self.name, delivery, state) for delivery in batch]
        if not rows:
            return set()
        statement = insert(session, inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id)
        return set(session.execute(statement).scalars())

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
        """The events between what we have and what arrived. Raises GapUnavailable."""
        source, kind, key = delivery.stream
        try:
            found = self.sources[source].of_aggregate(kind, key, last_version, delivery.envelope.aggregateversion - 1)
        except (Unavailable, KeyError) as error:
            raise GapUnavailable(detail=f"{source} does not give {kind}/{key}") from error
        missing = [Delivery(logged.raw, open_envelope(logged.raw), "gap") for logged in found]
        if len(missing) != delivery.envelope.aggregateversion - 1 - last_version:
            raise GapUnavailable(detail=f"{source} lacks events of {kind}/{key}")
        telemetry.GAP_REPAIRS.labels(self.name).inc(len(missing))
        return missing


def inbox_row(consumer: str, delivery: Delivery, state: str) -> dict[str, Any]:
    envelope = delivery.envelope
    return {
        "consumer": consumer,
        "event_id": delivery.id,
        "source": envelope.service,
        "epoch": envelope.logepoch,
        "position": envelope.position,
        "event_type": envelope.type,
        "aggregate_type": envelope.aggregate,
        "aggregate_id": envelope.aggregate_id,
        "aggregate_version": envelope.aggregateversion,
        "state": state,
        "via": delivery.via,
        "processed_at": envelope.recordedtime,
    }


class _Batch:
    """The work of one transaction."""

    def __init__(self, consumer: Consumer, tx: Transaction, deliveries: list[Delivery]) -> None:
        self.consumer, self.tx, self.deliveries = consumer, tx, deliveries
        self.versions: dict[tuple[str, str, str], int] = {}
        self.blocked: dict[tuple[str, str, str], uuid.UUID] = {}
        self.touched: set[tuple[str, str, str]] = set()
        self.behind: list[Delivery] = []
        self.skipped: list[Delivery] = []
        self.done: list[Delivery] = []
        self.duplicates = 0

    def run(self) -> None:
        if not self.deliveries:
            return
        new = self.consumer._insert_inbox(self.tx.session, self.deliveries)
        fresh = _in_turn(_first_of_each(self.deliveries, new))
        self.duplicates = len(self.deliveries) - len(fresh)
        self._load_streams(fresh)
        self.consumer.reactions.begin(self.tx, [delivery.envelope for delivery in fresh])
        for delivery in fresh:
            self._one(delivery)
        self.consumer.reactions.finish(self.tx)
        self._store()

    def _one(self, delivery: Delivery) -> None:
        last = self.versions.get(delivery.stream, 0)
        version = delivery.envelope.aggregateversion
        if delivery.stream in self.blocked:
            self.behind.append(delivery)
        elif version <= last:
            self.skipped.append(delivery)
        elif version > last + 1:
            missing = self.consumer.fetch_gap(delivery, last)
            new = self.consumer._insert_inbox(self.tx.session, missing)
            for earlier in _first_of_each(missing, new):
                self._cause(earlier)
            self._cause(delivery)
        else:
            self._cause(delivery)

    def _cause(self, delivery: Delivery) -> None:
        envelope = delivery.envelope
        newest = self.consumer.reactions.newest_major(envelope.type)
        if newest is not None and envelope.major > newest:
            raise UnsupportedVersion(detail=f"{envelope.type}: we know v{newest}")
        self.tx.hear(envelope)
        trace.begin(envelope.traceparent)
        self.consumer.reactions.apply(self.tx, envelope)
        self.versions[delivery.stream] = envelope.aggregateversion
        self.touched.add(delivery.stream)
        self.done.append(delivery)

    def _load_streams(self, fresh: list[Delivery]) -> None:
        table = inbox_stream.c
        kinds = {(d.stream[0], d.stream[1]) for d in fresh}
        for source, kind in kinds:
            keys = {d.stream[2] for d in fresh if d.stream[:2] == (source, kind)}
            mine = (table.consumer == self.consumer.name, table.source == source, table.aggregate_type == kind)
            statement = sa.select(inbox_stream).where(*mine, table.aggregate_id.in_(keys))
            if not self.tx.database.is_sqlite:
                statement = statement.order_by(table.aggregate_id).with_for_update()
            for row in self.tx.rows(statement):
                stream = (row.source, row.aggregate_type, row.aggregate_id)
                self.versions[stream] = row.last_version
                if row.blocked_by:
                    self.blocked[stream] = row.blocked_by

    def _store(self) -> None:
        for delivery in self.behind:
            parking.park(self.tx.session, self.consumer.name, delivery, reason="behind", error=None)
        self._mark(self.behind, "parked")
        self._mark(self.skipped, "skipped")
        if not self.touched:
            return
        rows = [
            {
                "consumer": self.consumer.name,
                "source": source,
                "aggregate_type": kind,
                "aggregate_id": key,
                "last_version": self.versions[(source, kind, key)],
            }
            for source, kind, key in sorted(self.touched)
        ]
        statement = insert(self.tx.session, inbox_stream).values(rows)
        keys = ["consumer", "source", "aggregate_type", "aggregate_id"]
        self.tx.execute(
            statement.on_conflict_do_update(index_elements=keys, set_={"last_version": statement.excluded.last_version})
        )

    def _mark(self, deliveries: list[Delivery], state: str) -> None:
        if deliveries:
            mine = (inbox.c.consumer == self.consumer.name, inbox.c.event_id.in_([d.id for d in deliveries]))
            self.tx.execute(sa.update(inbox).where(*mine).values(state=state))

    def count(self, now: datetime) -> None:
        name = self.consumer.name
        telemetry.DUPLICATES.labels(name).inc(self.duplicates)
        telemetry.APPLIED.labels(name, "skipped", "any").inc(len(self.skipped))
        for delivery in self.done:
            telemetry.APPLIED.labels(name, "done", delivery.via).inc()
            telemetry.CRITICAL_SECONDS.labels(name).observe(
                max(0.0, (now - delivery.envelope.recordedtime).total_seconds())
            )


def _first_of_each(deliveries: Sequence[Delivery], new: set[uuid.UUID]) -> list[Delivery]:
    """The deliveries whose inbox row went in just now, each once: a batch may hold the same event twice."""
    left = set(new)
    found = []
    for delivery in deliveries:
        if delivery.id in left:
            left.discard(delivery.id)
            found.append(delivery)
    return found


def _in_turn(deliveries: list[Delivery]) -> list[Delivery]:
    """Each aggregate keeps its places in the batch, by rising version: coming late in it is neither gap nor repeat."""
    of_stream: dict[tuple[str, str, str], deque[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda one: one.envelope.aggregateversion):
        of_stream.setdefault(delivery.stream, deque()).append(delivery)
    return [of_stream[delivery.stream].popleft() for delivery in deliveries]


def _is_passing(error: Exception) -> bool:
    """Deadlocks and lock timeouts pass; a database that is gone does not."""
    cause = error.__cause__
    code = getattr(getattr(cause, "orig", None), "sqlstate", None)
    return code in ("40001", "40P01", "55P03", "57014") or "locked" in str(cause)
