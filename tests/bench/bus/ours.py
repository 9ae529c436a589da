"""The pipeline as it is: bulk commits, the relay, a quorum queue, the consumer; an effect is one row per event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.amqp import Subscriber
from chassis.bulk_insert import BulkInsert
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import Envelope, data_of
from chassis.log import DatabaseLog
from chassis.relay import Relay
from chassis.transaction import Transaction, transaction
from tests import toy
from tests.bench.bus.crew import Signals

COMMITTED_AT_ONCE = 500
NAME = "a bear of a length that names have"
COLOUR = "as long as what a customer says about an order, " * 8


class Noting:
    """Reactions that keep a row per event, written together."""

    def aggregates(self) -> Mapping[str, set[str]]:
        return {"workshop": {"toy"}}

    def newest_major(self, event_type: str) -> int | None:
        return 1

    def types(self) -> None:
        return None

    def reaches_out(self, event_type: str) -> bool:
        return False

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        event = data_of(envelope, toy.HeardPainted)
        self.rows.append((envelope.id, event.toy_id, envelope.aggregateversion, event.colour[:100]))

    def finish(self, tx: Transaction) -> None:
        NOTES.run(tx.session, self.rows)


NOTES = BulkInsert(toy.note, ["event_id", "toy_id", "version", "text"], lambda statement: statement)


def commit(signals: Signals, database_url: str, number: int) -> None:
    """Toys with an event each, a few hundred in a transaction."""
    database = Database(database_url)
    signals.wait_for_start()
    for first in range(1, number + 1, COMMITTED_AT_ONCE):
        with transaction(database, "workshop") as tx:
            ids = range(first, min(first + COMMITTED_AT_ONCE, number + 1))
            rows = [{"id": key, "name": NAME, "colour": COLOUR, "is_sold": False} for key in ids]
            tx.add_rows(toy.Toy, rows, [(toy.ToyPainted(toy_id=key, colour=COLOUR), tx.now) for key in ids])


def relay(signals: Signals, database_url: str, amqp_url: str) -> None:
    relaying = Relay(Database(database_url), "workshop", amqp_url)
    signals.wait_for_start()
    relaying.run(signals.stopping())


def listen(signals: Signals, database_url: str, source_url: str, amqp_url: str) -> None:
    sources = {"workshop": DatabaseLog(Database(source_url))}
    consumer = Consumer(
        name="shelf.events", service="shelf", database=Database(database_url), reactions=Noting(), sources=sources
    )
    subscriber = Subscriber(consumer, amqp_url)
    signals.wait_for_start()
    subscriber.run(signals.stopping())
