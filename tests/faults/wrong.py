"""What a test puts wrong with a worker: constants, the broker's answers, deliveries, reactions, open files.

Each is named in the settings that the test gives: ``shop.shelf(delivery="lossy", constants={…})``.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis import pausing, relay
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import Envelope
from chassis.transaction import Transaction
from chassis.window import Item, Window
from chassis.worker import Worker
from tests.faults import mutants
from tests.faults.surgery import operate, value

Extra = Mapping[str, str]
Take = Callable[..., None]


def with_the_code(extra: Extra) -> None:
    """Before anything of the service is made. A mutant comes last: what a test is content with is no guard."""
    for target, other in json.loads(extra.get("constants", "{}")).items():
        operate(target, value(other))
    for mutant in {extra.get("mutant", ""), os.environ.get(mutants.VARIABLE, "")}:
        mutants.take_away(mutant)
    if extra.get("broker") == "refusing":
        refuse_every_third()
    if extra.get("pace") == "impatient":
        pausing.PROBE_EVERY = timedelta(seconds=0.2)  # a test has no ten seconds


def with_the_worker(worker: Worker, extra: Extra, tally: Path) -> None:
    """Before it is started."""
    if extra.get("reconcile") == "never":
        worker.reconciler = None
    if worker.consumer:
        with_the_consumer(worker.consumer, extra, tally)
    if extra.get("disk_is_full_while"):
        fill_disk(worker.database, Path(extra["disk_is_full_while"]).exists)
    if extra.get("open_files"):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(extra["open_files"]), resource.RLIM_INFINITY))


def with_the_consumer(consumer: Consumer, extra: Extra, tally: Path) -> None:
    consumer.take = counted(consumer.take, tally)  # type: ignore[method-assign]
    if extra.get("delivery"):
        change = DELIVERIES[extra["delivery"]]
        consumer.take = change(consumer.take, random.Random(extra["delivery"]))  # type: ignore[method-assign]
    if extra.get("deadly"):
        let_die(consumer, extra["deadly"].encode())
    if extra.get("slow"):
        seconds, _, times = extra["slow"].partition(" x")
        slow_down(consumer, float(seconds), int(times or 10**9))


def counted(take: Take, tally: Path) -> Take:
    """Write down how many deliveries there were, so that a killed process has told them too."""
    place = os.open(tally, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def take_and_count(raws: Sequence[bytes], *more: Any) -> None:
        if raws:
            os.write(place, b"%d\n" % len(raws))
        take(raws, *more)

    return take_and_count


def slow_down(consumer: Consumer, seconds: float, times: int) -> None:
    """The first so many reactions take so long."""
    apply, left = consumer.reactions.apply, itertools.count(times, -1)

    def apply_slowly(*arguments: Any) -> None:
        if next(left) > 0:
            time.sleep(seconds)
        apply(*arguments)

    consumer.reactions.apply = apply_slowly  # type: ignore[method-assign,assignment]


def let_die(consumer: Consumer, colour: bytes) -> None:
    """Whoever handles a toy of this colour is dead before it can say so."""
    apply = consumer.reactions.apply

    def apply_or_die(tx: Transaction, envelope: Envelope) -> None:
        if colour in bytes(envelope.data):
            os.kill(os.getpid(), signal.SIGKILL)
        apply(tx, envelope)

    consumer.reactions.apply = apply_or_die  # type: ignore[method-assign]


def fill_disk(database: Database, is_full: Callable[[], bool]) -> None:
    """The SQLite file cannot grow while that is so."""

    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {1 if is_full() else 2**30}")

    sa.event.listen(database.engine, "begin", limit, insert=True)


# Deliveries


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


DELIVERIES: dict[str, Callable[[Take, random.Random], Take]] = {
    change.__name__: change for change in (shuffled, repeated, lossy)
}


# The broker


def refuse_every_third() -> None:
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
