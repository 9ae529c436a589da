"""RabbitMQ: how we connect, and how a subscription is read.

Only worker processes use this module; web processes never open a broker connection.
"""

from __future__ import annotations

import functools
import logging
import queue
import random
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import pika
import pika.exceptions

from chassis import telemetry, topology
from chassis.consumer import BATCH, Consumer
from chassis.declaring import declare
from chassis.problems import Unavailable

log = logging.getLogger(__name__)
PREFETCH = 2 * BATCH
HEARTBEAT_SECONDS = 30
BLOCKED_SECONDS = 30
"""During a broker alarm heartbeats are off; without this limit a publisher would hang for ever (fault 11)."""
ACCESS_REFUSED, NOT_ALLOWED = 403, 530
LONGEST_PAUSE_SECONDS = 30.0
WE_NOTICE_IT_GONE = {"TCP_USER_TIMEOUT": 10_000, "TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}
"""Heartbeats alone would take more than a minute (fault 3)."""
BROKER_TROUBLE = (pika.exceptions.AMQPError, OSError, socket.gaierror)


def parameters(url: str) -> pika.URLParameters:
    """Connection parameters that notice a dead peer in seconds, not minutes (fault 3)."""
    found = pika.URLParameters(url)
    found.heartbeat = HEARTBEAT_SECONDS
    found.blocked_connection_timeout = BLOCKED_SECONDS
    found.socket_timeout = 5
    found.tcp_options = dict(WE_NOTICE_IT_GONE)
    return found


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A connection for a short errand."""
    connection = pika.BlockingConnection(parameters(url))
    try:
        yield connection
    finally:
        if connection.is_open:
            connection.close()


def trouble_of(error: BaseException) -> str:
    """What went wrong, and in the broker's own words; never the address, which holds a password."""
    words = str(error) or ", ".join(map(repr, error.args)) or type(error).__name__
    meaning = _meaning(error)
    return f"{meaning}: {words}" if meaning else words


def _meaning(error: BaseException) -> str:
    """What an operator has to look at when the broker does not let us in (fault 45), or an empty text."""
    code, is_connection = getattr(error, "reply_code", 0), isinstance(error, pika.exceptions.ConnectionClosed)
    if isinstance(error, pika.exceptions.ChannelClosed) and code == ACCESS_REFUSED:
        return "the account may not do this"
    if isinstance(error, pika.exceptions.ProbableAuthenticationError) or (is_connection and code == ACCESS_REFUSED):
        return "the broker does not take the account or password"
    if isinstance(error, pika.exceptions.ProbableAccessDeniedError) or (is_connection and code == NOT_ALLOWED):
        return "the broker does not give us the virtual host"
    return ""


def backoff(failures: int) -> float:
    """Seconds to wait after the n-th failure in a row: full jitter."""
    return random.uniform(0.2, min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** min(failures, 6)))  # noqa: S311  (spreading load, not keeping secrets)


class Subscriber:
    """Reads one queue. The I/O thread only feeds and acknowledges; events are applied beside it.

    A slow reaction therefore never costs the connection its heartbeat (fault 14).
    """

    def __init__(self, consumer: Consumer, url: str) -> None:
        self.consumer, self.url = consumer, url
        self.wanted = topology.of_service(consumer.service, consumer.reactions.aggregates())
        self.is_connected = False
        self.trouble = ""
        self.differences: Sequence[topology.Difference] = ()
        """What the broker holds otherwise than we want it; found anew at each connection."""

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop: connect, consume, and begin again after any surprise."""
        failures = 0
        while not stopping.is_set():
            session = _Session(self)
            try:
                session.run(stopping)
            except BROKER_TROUBLE as error:
                self.trouble = trouble_of(error)
                log.warning("Broker trouble: %s", self.trouble)
            finally:
                self.note_connection(False)
                session.end()
            failures = 0 if session.worked else failures + 1
            if not stopping.is_set():
                stopping.wait(backoff(failures))

    def prepare(self) -> None:
        """Make the queue without reading it: it gathers what is said until we are ready. Broker trouble can wait."""
        with suppress(*BROKER_TROUBLE), connected(self.url) as connection:
            declare(connection, self.wanted)

    def wrong(self) -> str:
        """The broken link, or an empty text."""
        return "" if self.is_connected else f"not connected: {self.trouble}".removesuffix(": ")

    def note_connection(self, is_connected: bool) -> None:
        self.is_connected = is_connected
        telemetry.CONNECTED.labels(self.consumer.name).set(is_connected)

    def note_differences(self, differences: Sequence[topology.Difference]) -> None:
        """Tell what is not as wanted; we go on with what there is."""
        self.differences = differences
        telemetry.TOPOLOGY_DIFFERENCES.labels(self.consumer.name).set(len(differences))
        for difference in differences:
            log.warning("The broker is not as wanted: %s", difference)


class Message(NamedTuple):
    """What the broker brought, and whether it had brought it before to somebody who did not acknowledge it."""

    tag: int
    body: bytes
    came_before: bool


class _Session:
    """One connection's life: deliveries of another connection are never acknowledged on it."""

    def __init__(self, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self.inbox: queue.Queue[Message | None] = queue.Queue()
        self.connection: Any = None
        self.channel: Any = None
        self.next: Message | None = None
        self.failed = threading.Event()
        self.applier = threading.Thread(target=self._apply, name="apply", daemon=True)
        self.worked = False

    def run(self, stopping: threading.Event) -> None:
        self.connection = pika.BlockingConnection(parameters(self.subscriber.url))
        self.channel = self.connection.channel()
        consumer = self.subscriber.consumer
        self.subscriber.note_differences(declare(self.connection, self.subscriber.wanted))
        is_held = consumer.pausing.is_held
        if not is_held:
            self.channel.basic_qos(prefetch_count=PREFETCH)
            self.channel.basic_consume(topology.queue_name(consumer.service), self._feed)
            self.applier.start()
        self.subscriber.note_connection(True)
        # consumer_tags empties when the broker cancels us (queue deleted, fault 6): pika does not raise then.
        while self.channel.is_open and (is_held or self.channel.consumer_tags) and not self.failed.is_set():
            if stopping.is_set() or consumer.pausing.is_held != is_held:
                break
            self.connection.process_data_events(time_limit=0.2)

    def end(self) -> None:
        """Finish the batch in hand, acknowledge it, and close."""
        self.inbox.put(None)
        if self.applier.is_alive():
            self._wait_for_applier()
        if self.connection is not None and self.connection.is_open:
            try:
                self.connection.process_data_events(time_limit=0)
                self.connection.close()
            except BROKER_TROUBLE:
                log.debug("The connection was gone before it was closed")

    def _wait_for_applier(self) -> None:
        self.failed.set()
        self.applier.join(timeout=20)

    def _feed(self, _channel: Any, method: Any, properties: Any, body: bytes) -> None:
        came_before = method.redelivered or (properties.headers or {}).get("x-delivery-count", 0) > 0
        self.inbox.put(Message(method.delivery_tag, body, came_before))

    def _apply(self) -> None:
        while not self.failed.is_set():
            batch = self._next_batch()
            if not batch:
                return
            try:
                if not self.worked:  # a standby learns here why it was called
                    self.subscriber.consumer.pausing.look()
                self.subscriber.consumer.take([one.body for one in batch], "push", None, batch[0].came_before)
            except Unavailable as error:
                log.warning("Cannot apply now, messages go back: %s", error)
                self.failed.set()
                return
            except Exception:
                # Without this the thread would end alone: connected, and deaf for ever.
                log.exception("Messages go back")
                self.failed.set()
                return
            self.worked = True
            self._acknowledge(batch[-1].tag)

    def _next_batch(self) -> list[Message]:
        """What is there, up to a commit's worth, and all of it for the first time or none of it."""
        first, self.next = self.next or self.inbox.get(), None
        batch = [first] if first else []
        while batch and len(batch) < BATCH:
            try:
                following = self.inbox.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self.inbox.put(None)
                break
            if following.came_before != batch[0].came_before:
                self.next = following
                break
            batch.append(following)
        return batch

    def _acknowledge(self, tag: int) -> None:
        acknowledge = functools.partial(self._ack_if_open, tag)
        try:
            self.connection.add_callback_threadsafe(acknowledge)
        except pika.exceptions.ConnectionWrongStateError:
            self.failed.set()

    def _ack_if_open(self, tag: int) -> None:
        if self.channel.is_open:
            self.channel.basic_ack(tag, multiple=True)
