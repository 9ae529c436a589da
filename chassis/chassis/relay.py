"""The relay: seal, publish with a window of unconfirmed events, note how far the broker has confirmed.

Crash-only: after any surprise it starts again from the last confirmed position. That can repeat events,
never lose one; repeating is what inboxes are for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from datetime import UTC, datetime
from typing import Any

import pika
import pika.exceptions
import sqlalchemy as sa

from chassis import quarantine, telemetry
from chassis.amqp import BROKER_TROUBLE, backoff, connected, parameters, trouble_of
from chassis.database import Database
from chassis.declaring import declare
from chassis.failpoints import failpoint
from chassis.log import DatabaseLog, Logged, seal
from chassis.problems import Problem
from chassis.tables import event_log, log_state
from chassis.topology import EXCHANGE, EXCHANGES, Topology, routing_key
from chassis.window import Item, Window

log = logging.getLogger(__name__)
WINDOW = 400
PAGE = 500
"""Events read at once and kept ready, so that a confirm makes room for the next without a look into the database."""
FASTEST_POLL, SLOWEST_POLL = 0.01, 0.1
RETRY_NACK_SECONDS = 0.5
LEADER_LOCK = 0x72656C61
STILL_HERE_SECONDS = 2.0
MARK_SECONDS = 0.2
"""How often at most it is noted how far the broker has confirmed; what is noted late is sent twice at worst."""
FAREWELL_SECONDS = 5.0
"""How long a relay that was told to stop waits for its last confirms: a blocked broker sends none."""
NOT_ACCEPTABLE = 406
"""How the broker closes a channel over a message that is larger than it takes."""


class Leader:
    """At most one relay per database: a session lock that goes with the connection.

    What the relay asks and notes again and again goes over the same connection, each a single round trip. A note
    that a crash of the server forgets makes events be sent twice, so nobody waits for the disk.
    """

    def __init__(self, database: Database) -> None:
        self.connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.connection.execute(sa.text("SET synchronous_commit = off"))

    def acquire(self) -> bool:
        return bool(self.connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}))

    def is_work_behind(self, position: int) -> bool:
        """Whether there are events without a position, or behind this one. Raises when the lock is lost."""
        return bool(self.connection.scalar(_WORK, {"position": position}))

    def mark(self, position: int) -> None:
        """Up to here the broker has confirmed everything."""
        values = {"published_to": position, "published_at": datetime.now(UTC)}
        self.connection.execute(sa.update(log_state).values(values))

    def close(self) -> None:
        # invalidated, not returned: the lock must go with the session
        self.connection.invalidate()
        self.connection.close()


_WORK = sa.select(
    sa.or_(sa.exists().where(event_log.c.position.is_(None)), log_state.c.head_position > sa.bindparam("position"))
)


class Relay:
    """One service's relay: waits until it leads, then publishes until something surprises it."""

    def __init__(self, database: Database, service: str, url: str) -> None:
        self.database, self.service, self.url = database, service, url
        self.is_leading = self.is_standing_by = self.is_connected = self.is_blocked = False
        self.trouble = ""
        self.careful_to = 0
        """Up to this position one event at a time: one among them the broker does not take at all."""

    def wrong(self) -> str:
        """The broken link, or an empty text. Standing by while another leads is as it should be."""
        if self.is_blocked:
            return "broker blocked: it lacks memory or disk and takes no events"
        if self.is_connected or self.is_standing_by:
            return ""
        return f"not leading: {self.trouble}".removesuffix(": ")

    def note_blocked(self, is_blocked: bool) -> None:
        self.is_blocked = is_blocked
        telemetry.BROKER_BLOCKED.labels(self.service).set(is_blocked)

    def run(self, stopping: threading.Event) -> None:
        self.note_blocked(False)
        failures = 0
        while not stopping.is_set():
            began = time.monotonic()
            try:
                self._lead(stopping)
            except (*BROKER_TROUBLE, sa.exc.SQLAlchemyError, Problem) as error:
                self.trouble = trouble_of(error)
                log.warning("Relay begins again: %s", self.trouble)
            failures = 0 if time.monotonic() - began > STILL_HERE_SECONDS else failures + 1
            if not stopping.is_set():
                stopping.wait(backoff(min(failures, 4)))

    def _lead(self, stopping: threading.Event) -> None:
        leader = Leader(self.database)
        try:
            while not leader.acquire():
                self.is_standing_by = True
                self.note_blocked(False)  # that is the other's to tell now
                seal(self.database)  # sealing is safe with many; publishing is for one
                if stopping.wait(STILL_HERE_SECONDS):
                    return
            self.is_leading, self.is_standing_by = True, False
            telemetry.RELAY_LEADER.labels(self.service).set(1)
            _Publisher(self, leader).run(stopping)
        finally:
            self.is_leading = self.is_standing_by = self.is_connected = False
            telemetry.RELAY_LEADER.labels(self.service).set(0)
            leader.close()


class _Publisher:
    """One connection's life."""

    def __init__(self, relay: Relay, leader: Leader) -> None:
        self.relay, self.leader = relay, leader
        self.service, self.database, self.url = relay.service, relay.database, relay.url
        self.log_of = DatabaseLog(relay.database)
        self.marked = self.read_to = _published_to(relay.database)
        self.ahead: deque[Logged] = deque()
        self.window = Window(
            self.marked,
            took=telemetry.CONFIRM_SECONDS.labels(self.service).observe,
            passed_over=quarantine.not_to_send(relay.database, self.marked),
        )
        self.poll = FASTEST_POLL
        self.trouble: BaseException | None = None
        self.marked_at = 0.0
        self.is_leaving = False
        self.channel: Any = None

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop, or until the connection, the channel or the database fails."""
        self.stopping = stopping
        with connected(self.url) as connection:
            declare(connection, Topology(EXCHANGES[:1]))
        self.connection = pika.SelectConnection(
            parameters(self.url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda _connection, error: self._end(error),
            on_close_callback=lambda _connection, error: self._end(error),
        )
        self.connection.add_on_connection_blocked_callback(lambda *_: self.relay.note_blocked(True))
        self.connection.add_on_connection_unblocked_callback(lambda *_: self.relay.note_blocked(False))
        try:
            self.connection.ioloop.start()
        finally:
            self.connection.ioloop.close()  # or each new beginning would cost two sockets
        if self.trouble and not stopping.is_set():
            raise self.trouble

    def _end(self, error: BaseException) -> None:
        self.trouble = self.trouble or error
        self.connection.ioloop.stop()

    def _opened(self, channel: Any) -> None:
        self.channel = channel
        channel.add_on_close_callback(lambda _channel, error: self._closed(error))
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._confirmed, callback=lambda _: self._round())

    def _returned(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        """No queue wants it. The log keeps it: a listener that comes later takes it from there (fault 5)."""
        telemetry.UNROUTABLE.labels(self.service, properties.type).inc()

    def _closed(self, error: BaseException) -> None:
        if getattr(error, "reply_code", 0) == NOT_ACCEPTABLE:
            self._isolate(error)
        self.trouble = self.trouble or error
        if self.connection.is_open:
            self.connection.close()

    def _isolate(self, refusal: BaseException) -> None:
        """One of the unconfirmed closed the channel: if there is but one, it; else they go one by one next time."""
        suspects = list(self.window.unconfirmed.values())
        if len(suspects) == 1:
            log.error("The broker does not take event %s: %s", suspects[0].event_id, trouble_of(refusal))
            quarantine.set_aside(self.database, suspects[0], trouble_of(refusal))
            telemetry.QUARANTINED.labels(self.service).inc()
        else:
            self.relay.careful_to = max((item.position for item in suspects), default=0)

    def _round(self) -> None:
        """Seal, send, mark; then again soon, or sooner when there is work."""
        try:
            moved = self._work()
        except Exception as error:
            self._closed(error)
            return
        if self.stopping.is_set():
            self._say_farewell()
            if not self.window.unconfirmed:
                self.connection.close()
                return
        if not self.window.unconfirmed:
            self.relay.is_connected = True  # not before: who may not publish is connected, too, until he tries
        self.poll = FASTEST_POLL if moved else min(SLOWEST_POLL, self.poll * 1.5)
        self.connection.ioloop.call_later(self.poll, self._round)

    def _say_farewell(self) -> None:
        if not self.is_leaving:
            self.is_leaving = True
            self.connection.ioloop.call_later(FAREWELL_SECONDS, self.connection.ioloop.stop)

    def _work(self) -> int:
        """How many events were found."""
        self._mark()
        if len(self.ahead) >= WINDOW or self.stopping.is_set() or not self.leader.is_work_behind(self.read_to):
            return 0
        seal(self.database)
        failpoint("relay.after_seal")
        found = self.log_of.read(self.read_to, PAGE)
        if found:
            self.read_to = found[-1].position
            self.ahead.extend(found)
            self._send()
        return len(found)

    def _send(self) -> None:
        """As many as the window has room for."""
        while self.ahead and len(self.window) < self._room() and not self.stopping.is_set():
            self.window.add(self.ahead.popleft())
        self._publish_ready()

    def _room(self) -> int:
        return 1 if self.window.done_to < self.relay.careful_to else WINDOW

    def _publish_ready(self) -> None:
        while (item := self.window.next_ready()) is not None:
            self._publish(item)

    def _publish(self, item: Item) -> None:
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json; charset=utf-8",
            delivery_mode=2,
            message_id=item.event_id,
            type=item.event_type,
            correlation_id=item.aggregate,
            app_id=f"/crm/{self.service}",
            headers={"x-crm-position": item.position},
        )
        self.window.sent(item)
        self.channel.basic_publish(EXCHANGE, routing_key(item.event_type), item.raw, properties, mandatory=True)
        failpoint("relay.after_publish")

    def _confirmed(self, frame: Any) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        if isinstance(frame.method, pika.spec.Basic.Ack):
            count = self.window.confirm(tag, multiple=multiple)
            telemetry.PUBLISHED.labels(self.service).inc(count)
            self.relay.is_connected = True
            if self.relay.is_blocked:
                self.relay.note_blocked(False)
            failpoint("relay.after_confirm")
            self._send()
        else:
            telemetry.REFUSED.labels(self.service).inc(self.window.refuse(tag, multiple=multiple))
            self.connection.ioloop.call_later(RETRY_NACK_SECONDS, self._publish_ready)

    def _mark(self) -> None:
        now = time.monotonic()
        if self.window.done_to > self.marked and (now - self.marked_at > MARK_SECONDS or not self.window.unconfirmed):
            self.marked, self.marked_at = self.window.done_to, now
            self.leader.mark(self.marked)


def _published_to(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(log_state.c.published_to)) or 0
