"""The work of one transaction: which deliveries are new, in what order they count, what each causes."""

from __future__ import annotations

import dataclasses
import functools
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from chassis import parking, telemetry, trace
from chassis.dialect import insert
from chassis.events import Envelope, open_envelope
from chassis.lines import Stream
from chassis.log import FIRST_EPOCH
from chassis.parking import UnsupportedVersion
from chassis.tables import inbox, inbox_stream
from chassis.transaction import Transaction

if TYPE_CHECKING:
    from chassis.consumer import Consumer

Via = Literal["push", "pull", "gap", "reconcile", "redrive"]


@dataclasses.dataclass(frozen=True)
class Delivery:
    """An event in hand, parsed."""

    raw: bytes
    envelope: Envelope
    via: Via

    @functools.cached_property
    def id(self) -> uuid.UUID:
        return uuid.UUID(self.envelope.id)

    @functools.cached_property
    def stream(self) -> Stream:
        return self.envelope.service, self.envelope.aggregate, self.envelope.aggregate_id


def parsed(raw: bytes, via: Via) -> Delivery:
    """Raises ValueError or msgspec.MsgspecError when the bytes are not an event of ours."""
    delivery = Delivery(raw, open_envelope(raw), via)
    uuid.UUID(delivery.envelope.id)
    if delivery.envelope.sequence:
        int(delivery.envelope.sequence)
    return delivery


def insert_inbox(
    session: Any, consumer: str, batch: Iterable[Delivery], *, now: datetime, state: str = "done"
) -> set[uuid.UUID]:
    """Insert, never ask first: the ids of the rows that went in are the new ones."""
    rows = [inbox_row(consumer, delivery, state) | {"processed_at": now} for delivery in batch]
    if not rows:
        return set()
    # rows as parameters, not as values: the statement is compiled once for all batches
    statement = insert(session, inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
    return set(session.execute(statement, rows).scalars())


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
    }


class Work:
    """The work of one transaction: first it is settled what is to be applied, then all of it is."""

    def __init__(self, consumer: Consumer, tx: Transaction, deliveries: list[Delivery]) -> None:
        self.consumer, self.tx, self.deliveries = consumer, tx, deliveries
        self.versions: dict[Stream, int] = {}
        self.blocked: set[Stream] = set()
        self.behind: list[Delivery] = []
        self.skipped: list[Delivery] = []
        self.done: list[Delivery] = []
        self.duplicates = 0
        self.handled = telemetry.HANDLER_SECONDS.labels(consumer.name).observe

    def run(self) -> None:
        """Apply what is new."""
        if not self.deliveries:
            return
        fresh = _in_turn(self._new(self.deliveries))
        self.duplicates = len(self.deliveries) - len(fresh)
        if self.duplicates:
            self._find_again(fresh)
        self._load_streams(fresh)
        self._react(fresh)

    def _find_again(self, fresh: Sequence[Delivery]) -> None:
        """A restored log numbers its events anew: what we know of it stands there now, or it would seem missing."""
        new = {delivery.id for delivery in fresh}
        moved = [
            {
                "mine": self.consumer.name,
                "known": one.id,
                "epoch": one.envelope.logepoch,
                "place": one.envelope.position,
            }
            for one in self.deliveries
            if one.envelope.logepoch > FIRST_EPOCH and one.id not in new
        ]
        if moved:
            this = (inbox.c.consumer == sa.bindparam("mine"), inbox.c.event_id == sa.bindparam("known"))
            older = inbox.c.epoch < sa.bindparam("epoch")
            places: dict[str, Any] = {"epoch": sa.bindparam("epoch"), "position": sa.bindparam("place")}
            self.tx.session.connection().execute(sa.update(inbox).where(*this, older).values(places), moved)

    def run_again(self) -> None:
        """Apply events that were parked and whose turn has come: their inbox rows are there already."""
        self._load_streams(self.deliveries)
        self.blocked.clear()
        self._react(self.deliveries)

    def _new(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        new = insert_inbox(self.tx.session, self.consumer.name, deliveries, now=self.tx.now)
        return _first_of_each(deliveries, new)

    def _react(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            self.done += self._to_apply(delivery)
        reactions = self.consumer.reactions
        reactions.begin(self.tx, [delivery.envelope for delivery in self.done])
        for delivery in self.done:
            self._cause(delivery.envelope)
        reactions.finish(self.tx)
        self._store()

    def _to_apply(self, delivery: Delivery) -> Sequence[Delivery]:
        """The event and what is missing before it; nothing if it has to wait or comes too late."""
        stream, version = delivery.stream, delivery.envelope.aggregateversion
        last = self.versions.get(stream, 0)
        if stream in self.blocked:
            self.behind.append(delivery)
            return ()
        if version <= last:
            self.skipped.append(delivery)
            return ()
        missing = self._new(self.consumer.fetch_gap(delivery, last)) if version > last + 1 else []
        self.versions[stream] = version
        return (*missing, delivery)

    def _cause(self, envelope: Envelope) -> None:
        newest = self.consumer.reactions.newest_major(envelope.type)
        if newest is not None and envelope.major > newest:
            raise UnsupportedVersion(detail=f"{envelope.type}: we know v{newest}")
        self.tx.hear(envelope)
        trace.begin(envelope.traceparent)
        began = time.perf_counter()
        self.consumer.reactions.apply(self.tx, envelope)
        self.handled(time.perf_counter() - began)

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
                stream: Stream = (row.source, row.aggregate_type, row.aggregate_id)
                self.versions[stream] = row.last_version
                if row.blocked_by:
                    self.blocked.add(stream)

    def _store(self) -> None:
        for delivery in self.behind:
            parking.park(self.tx.session, self.consumer.name, delivery, None)
        self._mark(self.behind, "parked")
        self._mark(self.skipped, "skipped")
        if not self.done:
            return
        rows = [
            {
                "consumer": self.consumer.name,
                "source": source,
                "aggregate_type": kind,
                "aggregate_id": key,
                "last_version": self.versions[(source, kind, key)],
            }
            for source, kind, key in sorted({delivery.stream for delivery in self.done})
        ]
        statement = insert(self.tx.session, inbox_stream)
        keys = ["consumer", "source", "aggregate_type", "aggregate_id"]
        newest = {"last_version": statement.excluded.last_version}
        self.tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=newest), rows)

    def _mark(self, deliveries: list[Delivery], state: str) -> None:
        if deliveries:
            mine = (inbox.c.consumer == self.consumer.name, inbox.c.event_id.in_([d.id for d in deliveries]))
            self.tx.execute(sa.update(inbox).where(*mine).values(state=state))

    def count(self, now: datetime) -> None:
        name = self.consumer.name
        telemetry.DUPLICATES.labels(name).inc(self.duplicates)
        telemetry.APPLIED.labels(name, "skipped", "any").inc(len(self.skipped))
        for via, number in Counter(delivery.via for delivery in self.done).items():
            telemetry.APPLIED.labels(name, "done", via).inc(number)
        took = telemetry.CRITICAL_SECONDS.labels(name)
        for delivery in self.done:
            took.observe(max(0.0, (now - delivery.envelope.recordedtime).total_seconds()))


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
    of_stream: dict[Stream, deque[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda one: one.envelope.aggregateversion):
        of_stream.setdefault(delivery.stream, deque()).append(delivery)
    return [of_stream[delivery.stream].popleft() for delivery in deliveries]
