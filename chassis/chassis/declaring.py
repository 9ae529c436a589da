"""The topology brought to the broker over AMQP: look first, create what is missing, leave what exists.

What is not as wanted is told, never a reason to stop: a queue of another type closes a channel of ours, and a
worker that declared it blindly would do nothing but reconnect (fault 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pika.exceptions

from chassis.topology import DEAD_EXCHANGE, Binding, Difference, Exchange, Queue, Topology

NOT_ALLOWED, NOT_FOUND = 403, 404
Act = Callable[[Any], object]


class Hands:
    """A connection with a channel that is opened anew whenever the broker has closed it for a refusal."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.channel: Any = None

    def attempt(self, act: Act) -> tuple[int, str]:
        """The broker's refusal as code and text; 0 when it did as it was asked."""
        if self.channel is None or not self.channel.is_open:
            self.channel = self.connection.channel()
        try:
            act(self.channel)
        except pika.exceptions.ChannelClosedByBroker as refusal:
            return refusal.reply_code, refusal.reply_text
        return 0, ""

    def close(self) -> None:
        if self.channel is not None and self.channel.is_open:
            self.channel.close()


@contextmanager
def hands(connection: Any) -> Iterator[Hands]:
    found = Hands(connection)
    yield found
    found.close()


def declare(connection: Any, wanted: Topology) -> list[Difference]:
    """Create what is missing; what could not be created, or exists otherwise than wanted."""
    with hands(connection) as ours:
        differences = [_declared(ours, one) for one in _objects(wanted)]
        differences += [_bound(ours, binding) for binding in _ours_to_bind(wanted, differences)]
    return [difference for difference in differences if difference]


def look(connection: Any, wanted: Topology) -> list[Difference]:
    """What AMQP can tell without changing anything: exchanges and queues that are missing or differ."""
    with hands(connection) as ours:
        found = [_seen(ours, one) for one in _objects(wanted)]
    return [difference for difference in found if difference]


def unbind(connection: Any, binding: Binding) -> None:
    """Take a binding away; messages that came through it stay."""
    with hands(connection) as ours:
        ours.attempt(lambda channel: channel.queue_unbind(binding.queue, binding.exchange, binding.key))


def depth(connection: Any, queue: str) -> tuple[int, int] | None:
    """How many messages a queue holds and how many consumers it has; None when there is no such queue."""
    with hands(connection) as ours:
        told: list[Any] = []
        ours.attempt(lambda channel: told.append(channel.queue_declare(queue, passive=True).method))
    return (told[0].message_count, told[0].consumer_count) if told else None


def _seen(ours: Hands, one: Exchange | Queue) -> Difference | None:
    code, _ = ours.attempt(lambda channel: _ask(channel, one, passive=True))
    if code == NOT_FOUND:
        return Difference("missing", _part(one), one.name)
    code, text = ours.attempt(lambda channel: _ask(channel, one, passive=False))
    if code in (0, NOT_ALLOWED):  # who may not create it cannot compare it; the operator's doctor does
        return None
    return Difference("differs", _part(one), one.name, _wanted(one), text)


def _declared(ours: Hands, one: Exchange | Queue) -> Difference | None:
    difference = _seen(ours, one)
    if difference is None or difference.kind != "missing":
        return difference
    code, text = ours.attempt(lambda channel: _ask(channel, one, passive=False))
    return Difference("missing", _part(one), one.name, _wanted(one), text) if code else None


def _bound(ours: Hands, binding: Binding) -> Difference | None:
    code, text = ours.attempt(lambda channel: channel.queue_bind(binding.queue, binding.exchange, binding.key))
    if code == NOT_ALLOWED and binding.exchange == DEAD_EXCHANGE:
        return None  # a service's own account may not: it could bind others' dead letters to its queue
    return Difference("missing", "binding", binding.name, "", text) if code else None


def _ours_to_bind(wanted: Topology, differences: list[Difference | None]) -> list[Binding]:
    """Bindings whose ends are there; for what is missing it has been told already."""
    missing = {one.name for one in differences if one and one.kind == "missing"}
    return [one for one in wanted.bindings if not missing & {one.exchange, one.queue}]


def _ask(channel: Any, one: Exchange | Queue, *, passive: bool) -> None:
    if isinstance(one, Exchange):
        channel.exchange_declare(one.name, exchange_type=one.kind, durable=one.durable, passive=passive)
    else:
        arguments = None if passive else dict(one.arguments)
        channel.queue_declare(one.name, durable=one.durable, arguments=arguments, passive=passive)


def _part(one: Exchange | Queue) -> str:
    return "exchange" if isinstance(one, Exchange) else "queue"


def _wanted(one: Exchange | Queue) -> str:
    if isinstance(one, Exchange):
        return one.kind
    return ", ".join(f"{name}={value}" for name, value in one.arguments.items())


def _objects(wanted: Topology) -> list[Exchange | Queue]:
    return [*wanted.exchanges, *wanted.queues]
