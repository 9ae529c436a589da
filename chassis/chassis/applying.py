"""The work of one transaction: which deliveries are new, in what order they count, what each causes."""

from __future__ import annotations

import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import sqlalchemy as sa

from chassis import lives, parking, telemetry, trace
from chassis.bulk_insert import PARAMETER, BulkInsert, as_json, recordset
from chassis.events import Envelope, open_envelope
from chassis.lines import Stream
from chassis.log import FIRST_EPOCH
from chassis.parking import GapUnavailable, UnsupportedVersion
from chassis.problems import Unavailable
from chassis.tables import UNREACTED, inbox, inbox_stream
from chassis.transaction import Transaction

if TYPE_CHECKING:
    from chassis.consumer import Consumer

Via = Literal["push", "pull", "gap", "reconcile", "redrive", "bootstrap", "replay", "late"]
LATE: Via = "late"
"""Heard long ago by a build that had no reaction to it."""
REPLAY: Via = "replay"


class Delivery(msgspec.Struct, frozen=True):
    """An event in hand, parsed."""

    raw: bytes
    envelope: Envelope
    via: Via
    id: uuid.UUID
    stream: Stream


def parsed(raw: bytes, via: Via) -> Delivery:
    """Raises ValueError or msgspec.MsgspecError when the bytes are not an event of ours."""
    envelope = open_envelope(raw)
    _ = envelope.position  # read here, or it would only fail in the middle of a batch
    kind, _, key = envelope.subject.partition("/")
    return Delivery(raw, envelope, via, uuid.UUID(envelope.id), (envelope.service, kind, key))


def insert_inbox(
    session: Any, consumer: Consumer, batch: Iterable[Delivery], *, now: datetime, state: str = "done"
) -> set[uuid.UUID]:
    """Insert, never ask first: the ids of the rows that went in are the new ones."""
    reacts = consumer.agreement.reacts
    rows = [_inbox_row(consumer.name, one, state, int(state != "done" or reacts(one.envelope)), now) for one in batch]
    return set(_INBOX.run_returning(session, rows, "event_id"))


def claim_late(
    session: Any, consumer: str, batch: Iterable[Delivery], *, now: datetime, state: str = "done"
) -> set[uuid.UUID]:
    """The ids of those that have had no reaction so far; from now on they count as having had it, once."""
    return set(_LATE.run_returning(session, [_inbox_row(consumer, one, state, 1, now) for one in batch], "event_id"))


def _inbox_row(consumer: str, delivery: Delivery, state: str, reacted: int, now: datetime) -> tuple[Any, ...]:
    envelope = delivery.envelope
    source, kind, key = delivery.stream
    place = (source, envelope.logepoch, envelope.position)
    return (
        consumer,
        delivery.id,
        *place,
        envelope.type,
        kind,
        key,
        envelope.aggregateversion,
        state,
        delivery.via,
        reacted,
        now,
    )


def _last_version(statement: Any) -> Any:
    keys = [column.name for column in inbox_stream.primary_key]
    newest = {"last_version": statement.excluded.last_version, "epoch": statement.excluded.epoch}
    return statement.on_conflict_do_update(index_elements=keys, set_=newest)


def _claim(statement: Any) -> Any:
    news = {name: statement.excluded[name] for name in ("state", "via", "reacted", "processed_at")}
    free = sa.and_(UNREACTED, inbox.c.state == "done")
    return statement.on_conflict_do_update(index_elements=["consumer", "event_id"], set_=news, where=free)


_INBOX = BulkInsert(inbox, [column.name for column in inbox.c], lambda statement: statement.on_conflict_do_nothing())
_LATE = BulkInsert(inbox, [column.name for column in inbox.c], _claim)
_STREAMS = BulkInsert(inbox_stream, [column.name for column in inbox_stream.c][:6], _last_version)


class Work:
    """The work of one transaction: first it is settled what is to be applied, then all of it is."""

    def __init__(self, consumer: Consumer, tx: Transaction, deliveries: list[Delivery]) -> None:
        self.consumer, self.tx, self.deliveries = consumer, tx, deliveries
        self.versions: dict[Stream, int] = {}
        self.epochs: dict[Stream, int] = {}
        self.blocked: set[Stream] = set()
        self.behind: list[Delivery] = []
        self.skipped: list[Delivery] = []
        self.done: list[Delivery] = []
        self.late: set[uuid.UUID] = set()
        self.replayed: set[uuid.UUID] = {one.id for one in deliveries if one.via == REPLAY}
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
        self._recall_how_they_came()
        self._load_streams(self.deliveries)
        self.blocked.clear()
        self._react(self.consumer.clean(self.tx.session, self.deliveries))
        reacts = self.consumer.agreement.reacts
        if silent := [one.id for one in self.deliveries if not reacts(one.envelope)]:
            mine = (inbox.c.consumer == self.consumer.name, inbox.c.event_id.in_(silent))
            self.tx.execute(sa.update(inbox).where(*mine).values(reacted=0))

    def _recall_how_they_came(self) -> None:
        mine = (inbox.c.consumer == self.consumer.name, inbox.c.event_id.in_([one.id for one in self.deliveries]))
        for row in self.tx.rows(sa.select(inbox.c.event_id, inbox.c.via).where(*mine)):
            if row.via in (LATE, REPLAY):
                (self.late if row.via == LATE else self.replayed).add(row.event_id)

    def _new(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        if deliveries and deliveries[0].via == LATE:
            new = claim_late(self.tx.session, self.consumer.name, deliveries, now=self.tx.now)
            self.late |= new
        else:
            new = insert_inbox(self.tx.session, self.consumer, deliveries, now=self.tx.now)
        return self.consumer.clean(self.tx.session, _first_of_each(deliveries, new))

    def _react(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            self.done += self._to_apply(delivery)
        reactions = self.consumer.reactions
        reactions.begin(self.tx, [delivery.envelope for delivery in self.done])
        for delivery in self.done:
            self._cause(delivery)
        reactions.finish(self.tx)
        self._store()

    def _to_apply(self, delivery: Delivery) -> Sequence[Delivery]:
        """The event and what is missing before it; nothing if it has to wait or comes too late."""
        stream, version = delivery.stream, delivery.envelope.aggregateversion
        if stream in self.blocked:
            self.behind.append(delivery)
            return ()
        if delivery.id in self.late:
            return (delivery,)
        last = self._last_version(delivery)
        if version <= last:
            self.skipped.append(delivery)
            return ()
        missing = self._new(self.consumer.fetch_gap(delivery, last)) if version > last + 1 else []
        self.versions[stream], self.epochs[stream] = version, delivery.envelope.logepoch
        return (*missing, delivery)

    def _last_version(self, delivery: Delivery) -> int:
        """The newest version we know of the life of its source in which the event was said. Raises GapUnavailable."""
        stream = delivery.stream
        known, epoch = self.versions.get(stream, 0), self.epochs.get(stream, FIRST_EPOCH)
        try:
            return lives.version_in_common(self.consumer.sources, delivery, known, epoch)
        except (Unavailable, KeyError) as error:
            raise GapUnavailable(detail=f"{stream[0]} does not say what it still knows") from error

    def _cause(self, delivery: Delivery) -> None:
        envelope, agreement = delivery.envelope, self.consumer.agreement
        newest = self.consumer.reactions.newest_major(envelope.type)
        if newest is not None and envelope.major > newest:
            raise UnsupportedVersion(detail=f"{envelope.type}: we know v{newest}")
        if not (delivery.id in self.late or agreement.reacts(envelope)):
            return
        self.tx.hear(envelope, is_of_the_past=delivery.id in self.replayed or agreement.is_past(envelope))
        if self.consumer.is_told:
            self.tx.now = envelope.time
        trace.begin(envelope.traceparent)
        began = time.perf_counter()
        self.consumer.reactions.apply(self.tx, envelope)
        self.handled(time.perf_counter() - began)

    def _load_streams(self, fresh: list[Delivery]) -> None:
        wanted = sorted({delivery.stream for delivery in fresh})
        for row in _streams_of(self.tx, self.consumer.name, wanted):
            stream: Stream = (row.source, row.aggregate_type, row.aggregate_id)
            self.versions[stream], self.epochs[stream] = row.last_version, row.epoch
            if row.blocked_by:
                self.blocked.add(stream)

    def _store(self) -> None:
        for delivery in self.behind:
            parking.park(self.tx.session, self.consumer.name, delivery, None)
        self._mark(self.behind, "parked")
        self._mark(self.skipped, "skipped")
        if not self.done:
            return
        streams = sorted({delivery.stream for delivery in self.done if delivery.id not in self.late})
        places = [(self.consumer.name, *one, self.versions[one], self.epochs[one]) for one in streams]
        _STREAMS.run(self.tx.session, places)

    def _mark(self, deliveries: list[Delivery], state: str) -> None:
        if deliveries:
            mine = (inbox.c.consumer == self.consumer.name, inbox.c.event_id.in_([d.id for d in deliveries]))
            self.tx.execute(sa.update(inbox).where(*mine).values(state=state))

    def count(self, committed_at: datetime) -> None:
        name = self.consumer.name
        telemetry.DUPLICATES.labels(name).inc(self.duplicates)
        telemetry.APPLIED.labels(name, "skipped", "any").inc(len(self.skipped))
        for via, number in Counter(delivery.via for delivery in self.done).items():
            telemetry.APPLIED.labels(name, "done", via).inc(number)
        types = {delivery.envelope.type for delivery in self.done}
        took = {kind: telemetry.CRITICAL_SECONDS.labels(name, kind).observe for kind in types}
        for envelope in (delivery.envelope for delivery in self.done):
            took[envelope.type](max(0.0, (committed_at - envelope.recordedtime).total_seconds()))


def _streams_of(tx: Transaction, consumer: str, wanted: Sequence[Stream]) -> Iterator[sa.Row[Any]]:
    """What is known of these aggregates, locked against whoever else applies events for this consumer."""
    if not tx.database.is_sqlite:
        rows = as_json(_STREAM_KEYS, wanted)
        yield from tx.execute(_LOCKED_STREAMS, {"consumer": consumer, PARAMETER: rows})
        return
    table = inbox_stream.c
    for source, kind in {stream[:2] for stream in wanted}:
        keys = [stream[2] for stream in wanted if stream[:2] == (source, kind)]
        mine = (table.consumer == consumer, table.source == source, table.aggregate_type == kind)
        yield from tx.rows(sa.select(inbox_stream).where(*mine, table.aggregate_id.in_(keys)))


def _locked_streams() -> sa.Select[Any]:
    """One look into the index per aggregate, in order; a join would be planned by how few there were yesterday."""
    table = inbox_stream.c
    wanted = recordset(*(sa.column(name, sa.Text) for name in _STREAM_KEYS))
    mine = [table.consumer == sa.bindparam("consumer"), *(table[name] == wanted.c[name] for name in _STREAM_KEYS)]
    held = sa.select(inbox_stream).where(*mine).with_for_update().lateral("held")
    return sa.select(held).select_from(wanted.join(held, sa.true()))


_STREAM_KEYS = ("source", "aggregate_type", "aggregate_id")
_LOCKED_STREAMS = _locked_streams()


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
