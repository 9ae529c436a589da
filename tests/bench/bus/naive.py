"""The pipeline of a tutorial: every event is committed, published, confirmed, marked, taken and acknowledged alone."""

from __future__ import annotations

import time
import uuid

import pika
import psycopg

from tests.bench.bus.crew import Signals
from tests.bench.bus.ours import COLOUR, NAME

QUEUE = "naive"
IDLE_SECONDS = 0.001
OUTBOX = (
    "CREATE TABLE naive_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid UNIQUE, "
    "body bytea NOT NULL, is_published boolean NOT NULL DEFAULT false)",
    "CREATE INDEX naive_unpublished ON naive_outbox (id) WHERE NOT is_published",
)
INBOX = "CREATE TABLE naive_inbox (event_id uuid PRIMARY KEY, at timestamptz DEFAULT now())"


def commit(signals: Signals, database_url: str, number: int) -> None:
    """A toy and its event, in a transaction of their own."""
    with psycopg.connect(plain(database_url)) as connection:
        signals.wait_for_start()
        for _ in range(number):
            connection.execute("INSERT INTO toy (name, colour, is_sold, version) VALUES (%s, '', false, 1)", (NAME,))
            row = (uuid.uuid4(), COLOUR.encode())
            connection.execute("INSERT INTO naive_outbox (event_id, body) VALUES (%s, %s)", row)
            connection.commit()


def relay(signals: Signals, database_url: str, amqp_url: str) -> None:
    """The oldest event that is not marked: publish, wait for the confirm, mark."""
    broker = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = broker.channel()
    channel.confirm_delivery()
    find = "SELECT id, event_id, body FROM naive_outbox WHERE NOT is_published ORDER BY id LIMIT 1"
    with psycopg.connect(plain(database_url)) as connection:
        signals.wait_for_start()
        while not signals.stop.is_set():
            row = connection.execute(find).fetchone()
            if row is None:
                connection.commit()
                time.sleep(IDLE_SECONDS)
                continue
            properties = pika.BasicProperties(delivery_mode=2, message_id=str(row[1]))
            channel.basic_publish("", QUEUE, row[2], properties, mandatory=True)
            connection.execute("UPDATE naive_outbox SET is_published = true WHERE id = %s", (row[0],))
            connection.commit()
    broker.close()


def listen(signals: Signals, database_url: str, amqp_url: str) -> None:
    """Inbox and effect in a transaction of their own, then the acknowledgement."""
    broker = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = broker.channel()
    channel.basic_qos(prefetch_count=1)
    with psycopg.connect(plain(database_url)) as connection:
        signals.wait_for_start()
        for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.1):
            if signals.stop.is_set():
                break
            if method is None:
                continue
            new = connection.execute(
                "INSERT INTO naive_inbox (event_id) VALUES (%s) ON CONFLICT DO NOTHING", (properties.message_id,)
            )
            if new.rowcount:
                note = (properties.message_id, 1, 1, body[:100].decode())
                connection.execute("INSERT INTO note (event_id, toy_id, version, text) VALUES (%s, %s, %s, %s)", note)
            connection.commit()
            channel.basic_ack(method.delivery_tag)
    broker.close()


def plain(url: str) -> str:
    return url.replace("+psycopg", "")
