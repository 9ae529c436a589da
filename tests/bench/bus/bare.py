"""What pika and the broker do by themselves: the same window of confirms, the same acknowledgements, no database."""

from __future__ import annotations

from typing import Any

import pika

from chassis.amqp import PREFETCH
from chassis.consumer import BATCH
from chassis.events import on_the_wire
from chassis.relay import WINDOW
from chassis.testing.stage import an_envelope
from chassis.topology import EXCHANGE, queue_name, routing_key
from tests import toy
from tests.bench.bus.crew import Signals
from tests.bench.bus.ours import COLOUR

ACKNOWLEDGE_SECONDS = 0.01


class Publisher:
    """Sends one event so often, with at most a window of unconfirmed copies."""

    def __init__(self, amqp_url: str, number: int) -> None:
        self.left, self.sent_to, self.confirmed_to = number, 0, 0
        event = toy.ToyPainted(toy_id=1, colour=COLOUR)
        self.body = on_the_wire(an_envelope(event, source="workshop", version=1), 1, 1)
        self.key = routing_key(event.event_type)
        self.properties = pika.BasicProperties(
            content_type="application/cloudevents+json; charset=utf-8",
            delivery_mode=2,
            message_id="0" * 36,
            type=event.event_type,
            correlation_id="toy/1",
            app_id="/crm/workshop",
            headers={"x-crm-position": 1},
        )
        self.connection = pika.SelectConnection(
            pika.URLParameters(amqp_url), on_open_callback=lambda one: one.channel(on_open_callback=self._opened)
        )

    def _opened(self, channel: Any) -> None:
        self.channel = channel
        channel.confirm_delivery(self._confirmed, callback=lambda _: self._send())

    def _send(self) -> None:
        while self.left and self.sent_to - self.confirmed_to < WINDOW:
            self.channel.basic_publish(EXCHANGE, self.key, self.body, self.properties, mandatory=True)
            self.sent_to, self.left = self.sent_to + 1, self.left - 1

    def _confirmed(self, frame: Any) -> None:
        self.confirmed_to = frame.method.delivery_tag if frame.method.multiple else self.confirmed_to + 1
        self._send()
        if not self.left and self.confirmed_to == self.sent_to:
            self.connection.close()
            self.connection.ioloop.stop()


class Reader:
    """Takes messages and acknowledges them by the batch, or what there is when no more comes."""

    def __init__(self, amqp_url: str, number: int, done: Any) -> None:
        self.number, self.done, self.newest, self.acknowledged = number, done, 0, 0
        self.connection = pika.SelectConnection(
            pika.URLParameters(amqp_url), on_open_callback=lambda one: one.channel(on_open_callback=self._opened)
        )

    def _opened(self, channel: Any) -> None:
        self.channel = channel
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(queue_name("shelf"), self._taken)
        self._soon()

    def _soon(self) -> None:
        self._acknowledge()
        self.connection.ioloop.call_later(ACKNOWLEDGE_SECONDS, self._soon)

    def _taken(self, _channel: Any, method: Any, _properties: Any, _body: bytes) -> None:
        self.newest = method.delivery_tag
        if self.newest - self.acknowledged >= BATCH:
            self._acknowledge()

    def _acknowledge(self) -> None:
        if self.newest > self.acknowledged:
            self.acknowledged = self.newest
            self.channel.basic_ack(self.newest, multiple=True)
        if self.acknowledged == self.number:
            self.done.set()
            self.connection.ioloop.stop()


def publish(signals: Signals, amqp_url: str, number: int) -> None:
    publisher = Publisher(amqp_url, number)
    signals.wait_for_start()
    publisher.connection.ioloop.start()


def read(signals: Signals, amqp_url: str, number: int, done: Any) -> None:
    reader = Reader(amqp_url, number, done)
    signals.wait_for_start()
    reader.connection.ioloop.start()
