"""What stands in the place of a guard that is taken away. Each gets the function that was there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pika
import sqlalchemy as sa

from chassis import amqp, applying, declaring, log, pull, topology
from chassis.applying import Delivery, Work, parsed
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.failpoints import failpoint
from chassis.log import DatabaseLog
from chassis.principal import SYSTEM
from chassis.tables import event_log, log_state
from chassis.transaction import Transaction
from chassis.window import Item, Window

# Who speaks


def rows_first(commit: Any) -> Any:
    """The rows in one commit, their events in the next."""

    def committed(self: Transaction) -> None:
        self.session.commit()
        commit(self)

    return committed


def read_by_id(init: Any) -> Any:
    """The log is read by id, as if ids were given in the order of commits."""

    def init_by_id(self: DatabaseLog, database: Database) -> None:
        init(self, database)
        self.position = event_log.c.id

    return init_by_id


def number_by_id(_seal: Any) -> Any:
    """For the checker: positions are as they would be without a sealer."""

    def numbered(database: Database, limit: int = 0) -> int:
        with database.connection() as connection:
            unnumbered = event_log.c.position.is_(None)
            connection.execute(sa.update(event_log).where(unnumbered).values(position=event_log.c.id))
            head = sa.select(sa.func.coalesce(sa.func.max(event_log.c.id), 0)).scalar_subquery()
            connection.execute(sa.update(log_state).values(head_position=head))
        return 0

    return numbered


def as_stored(_in_version_order: Any) -> Any:
    return lambda rows: [row.id for row in rows]


def publish_and_believe(publish: Any) -> Any:
    """What was handed to the socket counts as kept by the broker."""

    def published(self: Any, item: Item) -> None:
        publish(self, item)
        self.window.confirm(self.window._next_tag - 1, multiple=False)

    return published


def without_mandatory(publish: Any) -> Any:
    """The broker may drop what no queue wants, and say nothing."""
    return lambda self, exchange, key, body, properties=None, mandatory=False: publish(
        self, exchange, key, body, properties
    )


def add_at_once(_add: Any) -> Any:
    """Any number of events of one aggregate may be on their way at once."""

    def added(self: Window, logged: log.Logged) -> None:
        self._size += 1
        self._ready.append(Item(logged))

    return added


def begin_at_the_end(_published_to: Any) -> Any:
    """A relay that starts takes for sent whatever is in the log."""
    return lambda database: DatabaseLog(database).head().position


def jump_ahead(_finish: Any) -> Any:
    """The furthest confirmed event counts, whatever is missing before it."""

    def finished(self: Window, position: int) -> None:
        self.done_to = max(self.done_to, position)

    return finished


def take_for_confirmed(_refuse: Any) -> Any:
    """A refusal is an answer, too."""
    return lambda self, tag, *, multiple: self.confirm(tag, multiple=multiple)


# Who listens


def until_the_channel_closes(_run: Any) -> Any:
    """The broker's word that we are no consumer any more is not heard."""

    def run(self: Any, stopping: threading.Event) -> None:
        self.connection = pika.BlockingConnection(amqp.parameters(self.subscriber.url))
        self.channel = self.connection.channel()
        declaring.declare(self.connection, self.subscriber.wanted)
        self.channel.basic_consume(topology.queue_name(self.subscriber.consumer.service), self._feed)
        self.applier.start()
        self.subscriber.note_connection(True)
        while self.channel.is_open and not self.failed.is_set() and not stopping.is_set():
            self.connection.process_data_events(time_limit=0.2)

    return run


def apply_at_once(_feed: Any) -> Any:
    """Reactions run where the connection is served."""

    def fed(self: Any, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        self.subscriber.consumer.take([body], "push")
        self._ack_if_open(method.delivery_tag)

    return fed


def acknowledge_first(next_batch: Any) -> Any:
    """What has arrived is acknowledged, and then it is applied."""
    acknowledge = amqp._Session._acknowledge

    def batch_taken(self: Any) -> list[amqp.Message]:
        batch: list[amqp.Message] = next_batch(self)
        if batch:
            acknowledge(self, batch[-1].tag)
            said = threading.Event()
            self.connection.add_callback_threadsafe(said.set)
            said.wait(5)
        return batch

    return batch_taken


def declare_blindly(_declared: Any) -> Any:
    """Nobody looks first; what exists otherwise closes the channel."""

    def declared(ours: Any, one: Any) -> None:
        declaring._ask(ours.connection.channel(), one, passive=False)

    return declared


def insert_and_forget(insert: Any) -> Any:
    """Every delivery counts as new."""

    def inserted(session: Any, consumer: Consumer, batch: Sequence[Delivery], **how: Any) -> set[Any]:
        insert(session, consumer, batch, **how)
        return {delivery.id for delivery in batch}

    return inserted


def whatever_comes(_to_apply: Any) -> Any:
    """Whatever comes is the next one: nothing is stale and nothing is missing."""

    def apply_it(self: Work, delivery: Delivery) -> Sequence[Delivery]:
        self.versions[delivery.stream] = delivery.envelope.aggregateversion
        return (delivery,)

    return apply_it


def as_it_came(_in_turn: Any) -> Any:
    return lambda deliveries: deliveries


def park_the_whole_batch(_apply_or_split: Any) -> Any:
    """One fault is everybody's."""

    def applied(self: Consumer, batch: list[Delivery], after: Any) -> None:
        try:
            self._apply(batch, after)
        except Exception as error:
            for delivery in batch:
                self._park(delivery, error)

    return applied


def bookmark_first(_pull: Any) -> Any:
    """How far one has read is noted before what was read is applied."""

    def pulled(self: Any, source: str) -> int:
        log_of, place = self.consumer.sources[source], pull.bookmark(self.consumer, source)
        found = log_of.read(place.pulled_to, pull.PAGE, sorted(self.listens[source]))
        if found:
            with self.consumer.database.connection() as connection:
                reached = log.Head(found[-1].position, 1)
                pull.move_bookmark(connection, self.consumer.name, source, reached, None)
            self.consumer.take([logged.raw for logged in found], "pull")
        return len(found)

    return pulled


def begin_and_see(_begin_sqlite: Any) -> Any:
    """The write lock is taken when the first write comes: too late for who has read by then."""
    return lambda connection: connection.exec_driver_sql("BEGIN")


def by_our_own_clock(_clock: Any) -> Any:
    return lambda _talk: datetime.now(UTC)


# The control


def take_naively(_take: Any) -> Any:
    """The consumer of a tutorial: a transaction per message, what fails is logged, and then it is acknowledged."""

    def take(self: Consumer, raws: Sequence[bytes], via: Any, after: Any = None, again: bool = False) -> None:
        for raw in raws:
            try:
                take_one(self, parsed(raw, via))
            except Exception as error:
                logging.getLogger(__name__).warning("Forgotten: %s", error)
            failpoint("consumer.after_commit")

    return take


def take_one(self: Consumer, delivery: Delivery) -> None:
    with self.database.writing() as session:
        now = datetime.now(UTC)
        tx = Transaction(session, self.database, self.service, principal=SYSTEM, now=now)
        tx.hear(delivery.envelope)
        self.reactions.apply(tx, delivery.envelope)
        applying.insert_inbox(session, self, [delivery], now=now)  # for the checker's eyes only
        tx.commit()
