"""Guards taken away, one at a time, and deliveries put wrong: what the checker has to notice, or to forgive.

A guard that can go without anybody noticing guards nothing. Each mutant is the code without one of them.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis import applying, log, pausing, relay
from chassis.applying import Delivery, Work, parsed
from chassis.attempts import Attempts
from chassis.breaker import Breaker
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import Envelope
from chassis.failpoints import failpoint
from chassis.principal import SYSTEM
from chassis.tables import event_log, log_state
from chassis.transaction import Transaction
from chassis.window import Item, Window


def apply(name: str) -> None:
    """Take a guard away in this process."""
    if name:
        CHANGES[name]()


def without_inbox() -> None:
    """Every delivery counts as new."""
    insert = applying.insert_inbox

    def insert_and_forget(session: Any, consumer: Consumer, batch: Sequence[Delivery], **how: Any) -> set[Any]:
        insert(session, consumer, batch, **how)
        return {delivery.id for delivery in batch}

    applying.insert_inbox = insert_and_forget  # type: ignore[assignment]


def without_version() -> None:
    """Whatever comes next is the next one: nothing is stale and nothing is missing."""

    def always(self: Work, delivery: Delivery) -> Sequence[Delivery]:
        self.versions[delivery.stream] = delivery.envelope.aggregateversion
        return (delivery,)

    Work._to_apply = always  # type: ignore[method-assign]
    applying._in_turn = lambda deliveries: deliveries


def by_id() -> None:
    """The log is read by id, as if ids were given in the order of commits; nothing seals."""
    init = log.DatabaseLog.__init__

    def init_by_id(self: log.DatabaseLog, database: Database) -> None:
        init(self, database)
        self.position = event_log.c.id

    def number_by_id(database: Database, limit: int = 0) -> int:
        """For the checker: positions are as they would be without a sealer."""
        with database.connection() as connection:
            unnumbered = event_log.c.position.is_(None)
            connection.execute(sa.update(event_log).where(unnumbered).values(position=event_log.c.id))
            head = sa.select(sa.func.coalesce(sa.func.max(event_log.c.id), 0)).scalar_subquery()
            connection.execute(sa.update(log_state).values(head_position=head))
        return 0

    log.DatabaseLog.__init__ = init_by_id  # type: ignore[method-assign]
    relay.seal = number_by_id  # type: ignore[attr-defined]


def without_confirms() -> None:
    """What was handed to the socket counts as kept by the broker."""
    publish = relay._Publisher._publish

    def publish_and_believe(self: Any, item: Item) -> None:
        publish(self, item)
        self.window.confirm(self.window._next_tag - 1, multiple=False)

    relay._Publisher._publish = publish_and_believe  # type: ignore[method-assign]


def without_order() -> None:
    """Any number of events of one aggregate may be on their way at once."""

    def add_at_once(self: Window, logged: log.Logged) -> None:
        self._size += 1
        self._ready.append(Item(logged))

    Window.add = add_at_once  # type: ignore[method-assign]
    Window._release = lambda self, aggregate: None  # type: ignore[method-assign]


def without_leader() -> None:
    """Every relay leads."""
    relay.Leader.acquire = lambda self: True  # type: ignore[method-assign]


def without_attempts() -> None:
    """Nobody counts who has died of what."""
    Attempts.begin = lambda self, event_id: None  # type: ignore[method-assign]


def without_breaker() -> None:
    """However many events fail one after the other, the next one is put aside too."""
    Breaker.failed = lambda self, fingerprint, aggregate: False  # type: ignore[method-assign]


def naive() -> None:
    """The consumer of a tutorial: a transaction per message, an acknowledgement after it, and nothing else."""

    def take(self: Consumer, raws: Sequence[bytes], via: Any, after: Any = None, again: bool = False) -> None:
        for raw in raws:
            delivery = parsed(raw, via)
            with self.database.writing() as session:
                tx = Transaction(
                    session, self.database, self.service, principal=SYSTEM, now=datetime.now().astimezone()
                )
                tx.hear(delivery.envelope)
                self.reactions.apply(tx, delivery.envelope)
                applying.insert_inbox(session, self, [delivery], now=tx.now)  # for the checker's eyes only
                tx.commit()
            failpoint("consumer.after_commit")

    Consumer.take = take  # type: ignore[method-assign]


# The broker and deliveries put wrong


def refusing() -> None:
    """A broker that refuses every third event: it is dropped on the way, and its confirm counts as a refusal."""
    publish, confirm = relay._Publisher._publish, Window.confirm
    lost: set[int] = set()
    chance = random.Random("refusing")

    def publish_or_lose(self: Any, item: Item) -> None:
        kind = item.event_type
        if chance.random() < 1 / 3:
            lost.add(self.window._next_tag)
            item.event_type = "crm.nowhere"
        publish(self, item)
        item.event_type = kind

    def confirm_or_refuse(self: Window, tag: int, *, multiple: bool) -> int:
        for one in [one for one in lost if one == tag or (multiple and one < tag)]:
            lost.remove(one)
            self.refuse(one, multiple=False)
        return confirm(self, tag, multiple=multiple)

    relay._Publisher._publish = publish_or_lose  # type: ignore[method-assign]
    Window.confirm = confirm_or_refuse  # type: ignore[method-assign]


def impatient() -> None:
    """Whoever pauses itself tries one event several times a second, for a test has no ten seconds."""
    pausing.PROBE_EVERY = timedelta(seconds=0.2)


Take = Callable[..., None]


def put_wrong(consumer: Consumer, how: str) -> None:
    """``shuffled``, ``repeated`` or ``lossy``: what the transport brings is changed on its way in."""
    if how:
        consumer.take = DELIVERIES[how](consumer.take, random.Random(how))  # type: ignore[method-assign]


def shuffled(take: Take, chance: random.Random) -> Take:
    """Out of order, also across deliveries: some come a second time, much later."""
    kept: list[bytes] = []

    def take_shuffled(raws: Sequence[bytes], *more: Any) -> None:
        both = [*kept, *raws]
        chance.shuffle(both)
        kept[:] = both[: len(both) // 3] if len(raws) > 1 else []
        take(both, *more)

    return take_shuffled


def repeated(take: Take, chance: random.Random) -> Take:
    """Once, twice or three times, one after the other and all together."""

    def take_again(raws: Sequence[bytes], *more: Any) -> None:
        take(raws, *more)
        take([raw for raw in raws for _ in range(chance.randint(0, 2))], *more)

    return take_again


def lossy(take: Take, chance: random.Random) -> Take:
    """One in twenty never comes."""

    def take_most(raws: Sequence[bytes], *more: Any) -> None:
        take([raw for raw in raws if chance.random() > 0.05], *more)

    return take_most


def deadly(consumer: Consumer, colour: str) -> None:
    """Whoever handles a toy of this colour is dead before it can say so."""
    apply = consumer.reactions.apply

    def apply_or_die(tx: Transaction, envelope: Envelope) -> None:
        if colour and colour.encode() in bytes(envelope.data):
            os.kill(os.getpid(), signal.SIGKILL)
        apply(tx, envelope)

    consumer.reactions.apply = apply_or_die  # type: ignore[method-assign]


DELIVERIES: dict[str, Callable[[Take, random.Random], Take]] = {
    change.__name__: change for change in (shuffled, repeated, lossy)
}
GUARDS = (without_inbox, without_version, by_id, without_confirms, without_order, without_leader, naive)
OF_FAILURES = (without_attempts, without_breaker)
OTHERS = (refusing, impatient)
CHANGES: dict[str, Callable[[], None]] = {change.__name__: change for change in (*GUARDS, *OF_FAILURES, *OTHERS)}
