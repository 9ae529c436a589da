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
WATCH_SECONDS, SOON_SECONDS = 0.1, 0.01
FINISH_SECONDS = 20.0
"""How long the batch in hand may take when the line has ended before it."""
FAREWELL_SECONDS = 5.0
"""How long whoever was told to stop waits for the broker's last words: a blocked one says none."""
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


class Line:
    """A connection with one channel, served by whoever calls ``serve``, until something ends it."""

    def __init__(self) -> None:
        self.connection: Any = None
        self.channel: Any = None
        self.trouble: BaseException | None = None
        """What ended it first."""

    def serve(self, url: str) -> None:
        """Connect, and go on until the connection is closed or cannot be had."""
        self.connection = pika.SelectConnection(
            parameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._channel_opened),
            on_open_error_callback=lambda _connection, error: self._end(error),
            on_close_callback=lambda _connection, error: self._end(error),
        )
        try:
            self.begun()
            self.connection.ioloop.start()
        finally:
            self.connection.ioloop.close()  # or each new beginning would cost two sockets

    def begun(self) -> None:
        """Called before anything is connected."""

    def opened(self) -> None:
        """Called once the channel is there."""

    def closed(self, error: BaseException) -> None:
        """Called when the channel is not there any more; without a channel the connection is of no use."""
        self.trouble = self.trouble or error
        if self.connection.is_open:
            self.connection.close()

    def _channel_opened(self, channel: Any) -> None:
        self.channel = channel
        channel.add_on_close_callback(lambda _channel, error: self.closed(error))
        self.opened()

    def _end(self, error: BaseException) -> None:
        self.trouble = self.trouble or error
        self.connection.ioloop.stop()


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


class _Session(Line):
    """One connection's life: deliveries of another connection are never acknowledged on it."""

    def __init__(self, subscriber: Subscriber) -> None:
        super().__init__()
        self.subscriber = subscriber
        self.inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.next: Message | None = None
        self.failed = threading.Event()
        """Nothing more is to be applied."""
        self.applier = threading.Thread(target=self._apply, name="apply", daemon=True)
        self.worked = self.is_leaving = False

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop or to pause, or until something fails. Raises what the broker or the line says then."""
        self.stopping, self.is_held = stopping, self.subscriber.consumer.pausing.is_held
        with connected(self.subscriber.url) as connection:
            self.subscriber.note_differences(declare(connection, self.subscriber.wanted))
        self.serve(self.subscriber.url)
        if self.trouble and not self.is_leaving:
            raise self.trouble

    def end(self) -> None:
        """Let the batch in hand be finished, whatever became of the connection."""
        self._no_more()
        if self.applier.is_alive():
            self.applier.join(FINISH_SECONDS)

    def begun(self) -> None:
        self._watch()

    def opened(self) -> None:
        if self.is_held:
            self.subscriber.note_connection(True)
            return
        self.channel.add_on_cancel_callback(self._cancelled)
        self.channel.basic_qos(prefetch_count=PREFETCH)
        queue_name = topology.queue_name(self.subscriber.consumer.service)
        self.channel.basic_consume(queue_name, self._feed, callback=lambda _: self.subscriber.note_connection(True))
        self.applier.start()

    def _cancelled(self, _frame: Any) -> None:
        """The queue was deleted (fault 6): the next session declares it anew."""
        self._leave()

    def _watch(self) -> None:
        is_over = self.stopping.is_set() or self.failed.is_set()
        if is_over or self.subscriber.consumer.pausing.is_held != self.is_held:
            self._leave()
        else:
            self.connection.ioloop.call_later(WATCH_SECONDS, self._watch)

    def _leave(self) -> None:
        """Finish the batch in hand, acknowledge it, and close; the line is served meanwhile."""
        if not self.is_leaving:
            self.is_leaving = True
            self._no_more()
            self._close_when_finished()

    def _close_when_finished(self) -> None:
        if self.applier.is_alive():
            self.connection.ioloop.call_later(SOON_SECONDS, self._close_when_finished)
        elif self.connection.is_open:
            self.connection.close()
            self.connection.ioloop.call_later(FAREWELL_SECONDS, self.connection.ioloop.stop)
        else:
            self.connection.ioloop.stop()

    def _no_more(self) -> None:
        self.failed.set()
        self.inbox.put(None)

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
        self.connection.ioloop.add_callback_threadsafe(functools.partial(self._ack_if_open, tag))

    def _ack_if_open(self, tag: int) -> None:
        if self.channel.is_open:
            self.channel.basic_ack(tag, multiple=True)
