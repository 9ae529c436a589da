"""What a service may rely on, embedded as with RabbitMQ: the numbers are the lines of the parity list (bus.md 2.10)."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.dialect import clock
from chassis.events import Event, Heard
from chassis.jobs import Job, Scheduler
from chassis.problems import TooLarge
from chassis.tables import event_log, inbox, log_state, parked_event
from chassis.transaction import Transaction, transaction
from chassis.worker import STOP_SECONDS
from tests import toy
from tests.conformance.bus import Bus, Listener, until

COLOURS = [f"colour {number}" for number in range(9)]


class ToyRepainted(Event, type="workshop.toy.painted.v2", key="toy_id"):
    """A toy has several colours now."""

    toy_id: int
    colours: list[str]


class HeardRepainted(Heard, type="workshop.toy.painted.v2", key="toy_id"):
    toy_id: int
    colours: list[str]


def due_now(database: Database) -> None:
    with database.connection() as connection:
        waiting = sa.update(parked_event).where(parked_event.c.next_attempt_at.is_not(None))
        connection.execute(waiting.values(next_attempt_at=clock(connection)))


def test_01_a_reaction_runs_in_its_own_thread_and_transaction(bus: Bus) -> None:
    threads: list[int] = []
    stacks: list[str] = []

    def look_around(tx: Transaction, event: toy.HeardMade) -> None:
        threads.append(threading.get_ident())
        stacks.append("".join(traceback.format_stack()))
        assert tx.database is shelf.database

    shelf = bus.listener(hears={toy.HeardMade: look_around})
    shelf.start()

    bus.make()
    until(lambda: threads)

    assert threading.get_ident() not in threads
    assert "make_toy" not in stacks[0]


def test_02_nothing_is_heard_before_the_commit_and_nothing_of_what_was_taken_back(bus: Bus) -> None:
    shelf = bus.listener()
    shelf.start()

    def say_and_take_back() -> None:
        with transaction(bus.said_in, "workshop") as tx:
            toy.make_toy(tx, "ghost")
            tx.flush()
            bus.until_looked()
            assert shelf.notes == []
            raise KeyError

    with pytest.raises(KeyError):
        say_and_take_back()
    bear = bus.make("red")
    until(lambda: len(shelf.notes) == 2)

    assert shelf.notes == [(bear, 1), (bear, 2)]


@pytest.mark.fault(10)
def test_03_bytes_and_not_objects_cross_the_bus(bus: Bus) -> None:
    heard: list[Any] = []
    shelf = bus.listener(hears={**toy.shelf.hears, toy.HeardPainted: lambda _tx, event: heard.append(event)})
    shelf.start()
    bear = bus.make("x" * 120_000)

    with pytest.raises(TooLarge):
        toy.paint(bus.said_in, bear, "x" * 256 * 1024)
    toy.paint(bus.said_in, bear, "red")
    until(lambda: len(heard) == 2)

    assert [type(event) for event in heard] == [toy.HeardPainted] * 2
    assert [len(event.colour) for event in heard] == [120_000, 3]


def faulty(consumer: Consumer, change: Callable[[list[bytes]], Sequence[bytes]]) -> None:
    """The consumer gets other bytes than the transport brought."""
    take = consumer.take

    def take_changed(raws: Sequence[bytes], *more: Any) -> None:
        take(change(list(raws)), *more)

    consumer.take = take_changed  # type: ignore[assignment,method-assign]


def test_04_what_arrives_several_times_has_one_effect(bus: Bus) -> None:
    chance = random.Random(4)
    shelf = bus.listener()
    shelf.start(lambda one: faulty(one, lambda raws: [raw for raw in raws for _ in range(chance.randint(1, 3))]))

    bear = bus.make(*COLOURS)
    until(lambda: len(shelf.notes) >= 10)
    shelf.stop()

    assert shelf.of_toy(bear) == list(range(1, 11))


def test_05_the_order_of_a_toy_is_kept_whatever_the_order_of_arrival(bus: Bus) -> None:
    chance = random.Random(5)
    kept: list[bytes] = []

    def shuffle(raws: list[bytes]) -> Sequence[bytes]:
        """Hold some back, and bring what was held back before in any order."""
        both = [*kept, *raws]
        chance.shuffle(both)
        kept[:] = both[: len(both) // 3] if raws else []
        return both

    shelf = bus.listener()
    shelf.start(lambda one: faulty(one, shuffle))
    toys = [bus.make(*COLOURS) for _ in range(4)]
    until(lambda: len(shelf.notes) >= 40)
    shelf.stop()

    assert [shelf.of_toy(one) for one in toys] == [list(range(1, 11))] * 4


def test_06_a_slow_or_failing_listener_delays_no_other(bus: Bus) -> None:
    go_on = threading.Event()

    def wait(tx: Transaction, event: toy.HeardMade) -> None:
        go_on.wait()

    def fail(tx: Transaction, event: toy.HeardMade) -> None:
        raise RuntimeError("out of paper")

    slow, failing = bus.listener("slow", {toy.HeardMade: wait}), bus.listener("failing", {toy.HeardMade: fail})
    shelf = bus.listener()
    for listener in (slow, failing, shelf):
        listener.start()

    try:
        for _ in range(6):
            bus.make()
        until(lambda: len(shelf.notes) == 6)
        until(lambda: len(failing.parked) == 6)
        assert toy.rows(slow.database, inbox) == []
    finally:
        go_on.set()


def test_07_a_crash_after_the_commit_repeats_nothing(bus: Bus) -> None:
    crashes: list[str] = []

    def crash_once(consumer: Consumer) -> None:
        take = consumer.take

        def take_and_crash(raws: Sequence[bytes], *more: Any) -> None:
            take(raws, *more)
            if raws and len(crashes) < 2:
                crashes.append("after the commit")
                raise RuntimeError("between the commit and the acknowledgement")

        consumer.take = take_and_crash  # type: ignore[assignment,method-assign]

    shelf = bus.listener()
    shelf.start(crash_once)

    bear = bus.make("red")
    until(lambda: len(crashes) == 2 or len(shelf.notes) == 2)
    toy.paint(bus.said_in, bear, "blue")
    until(lambda: len(shelf.notes) >= 3)
    shelf.stop()

    assert crashes
    assert shelf.of_toy(bear) == [1, 2, 3]


@pytest.mark.fault(33)
def test_08_what_fails_is_parked_and_comes_back_in_order(bus: Bus) -> None:
    shelf = bus.listener()
    toy.jam_printer(shelf.database, "blue")
    shelf.start()
    bear, duck = bus.make("red", "blue", "green"), bus.make("red", "white")
    until(lambda: len(shelf.parked) == 2 and len(shelf.of_toy(duck)) == 3)
    assert shelf.parked == [(3, "failed", "waiting"), (4, "behind", "waiting")]
    assert shelf.of_toy(bear) == [1, 2]

    toy.mend_printer(shelf.database)
    due_now(shelf.database)
    until(lambda: not shelf.parked)

    assert (shelf.of_toy(bear), shelf.of_toy(duck)) == ([1, 2, 3, 4], [1, 2, 3])


@pytest.mark.usefixtures("soon_reconciled")
def test_09_a_late_listener_hears_everything_from_the_beginning(bus: Bus) -> None:
    early = bus.listener("early")
    early.start()
    bear = bus.make(*COLOURS)
    until(lambda: len(early.notes) == 10)

    late = bus.listener("late")
    late.start()
    until(lambda: len(late.notes) >= 10)
    toy.paint(bus.said_in, bear, "gold")
    until(lambda: len(late.notes) >= 11)

    assert late.of_toy(bear) == list(range(1, 12))


def repaint(database: Database, toy_id: int) -> None:
    with transaction(database, "workshop") as tx:
        painted = tx.get(toy.Toy, toy_id)
        painted.colour = "red, blue"
        tx.publish(ToyRepainted(toy_id=toy_id, colours=["red", "blue"]))


@pytest.mark.fault(36)
def test_10_a_newer_version_waits_for_a_newer_build(bus: Bus) -> None:
    shelf = bus.listener()
    shelf.start()
    bear = bus.make()
    repaint(bus.said_in, bear)
    toy.paint(bus.said_in, bear, "green")
    until(lambda: len(shelf.parked) == 2)
    assert shelf.parked == [(2, "unsupported_version", "waiting"), (3, "behind", "waiting")]

    shelf.stop()
    shelf.upgrade({HeardRepainted: toy.note_sale})
    shelf.start()
    until(lambda: not shelf.parked)

    assert shelf.of_toy(bear) == [1, 2, 3]


MEASURED = {"bus_applied_total", "bus_duplicates_total", "bus_critical_time_seconds", "bus_parkings_total"}


def measured(consumer: str) -> set[str]:
    """The names of the metrics that tell something about this consumer."""
    samples = (sample for family in REGISTRY.collect() for sample in family.samples)
    return {one.name.removesuffix("_bucket") for one in samples if one.labels.get("consumer") == consumer}


def test_11_the_same_measures_and_the_same_health(bus: Bus) -> None:
    shelf = bus.listener("measured")
    toy.jam_printer(shelf.database, "blue")
    worker = shelf.start()
    bus.make("red", "blue")
    until(lambda: len(shelf.parked) == 1)
    until(lambda: not worker.wrong())

    answer = worker.app().test_client().get("/readyz")

    until(lambda: measured("measured.events") >= MEASURED, f"all of {MEASURED}")
    assert answer.json
    assert (answer.status_code, answer.json["status"], answer.json["wrong"]) == (200, "ready", {})


@pytest.mark.fault(47)
def test_12_stopping_loses_nothing_and_comes_to_an_end(bus: Bus) -> None:
    shelf = bus.listener()
    took: list[float] = []
    all_said = threading.Event()

    def keep_saying() -> None:
        for _ in range(6):
            bus.make(*COLOURS)
        all_said.set()

    def come_and_go() -> None:
        while not all_said.is_set() or len(took) < 3:
            shelf.start()
            all_said.wait(0.5)
            began = time.monotonic()
            shelf.stop()
            took.append(time.monotonic() - began)

    toy.at_once(keep_saying, come_and_go)
    shelf.start()
    until(lambda: len(shelf.notes) >= 60)
    shelf.stop()

    assert [shelf.of_toy(one) for one in range(1, 7)] == [list(range(1, 11))] * 6
    assert max(took) < STOP_SECONDS


@pytest.mark.fault(38)
@pytest.mark.usefixtures("soon_reconciled")
def test_13_a_restored_source_is_heard_on_used_positions(bus: Bus) -> None:
    shelf = bus.listener()
    shelf.start()
    bear = bus.make("red", "blue")
    until(lambda: len(shelf.notes) == 3)
    shelf.stop()
    bus.stop()
    restore(bus.said_in, lost=2)

    bus.start()
    shelf.start()
    others = [bus.make() for _ in range(3)]
    until(lambda: len(shelf.notes) >= 6)

    assert shelf.of_toy(bear) == [1, 2, 3]
    assert [shelf.of_toy(one) for one in others] == [[1], [1], [1]]


def restore(database: Database, lost: int) -> None:
    """As if from a backup that lacks the newest events."""
    with database.connection() as connection:
        newest = sa.select(event_log.c.event_id).order_by(event_log.c.id.desc()).limit(lost)
        connection.execute(sa.delete(event_log).where(event_log.c.event_id.in_(newest)))
        head = connection.scalar(sa.select(sa.func.count()).select_from(event_log))
        connection.execute(sa.update(log_state).values(epoch=2, head_position=head, published_to=head))


def test_14_two_workers_of_everybody_do_each_thing_once(bus: Bus) -> None:
    second = bus.start()
    shelf = bus.listener()
    workers = [shelf.start(), shelf.start()]
    toys = [bus.make(*COLOURS) for _ in range(3)]
    until(lambda: len(shelf.notes) >= 30)

    bus.workshops.remove(second)
    bus.stop()
    bus.workshops.append(second)
    toys.append(bus.make(*COLOURS))
    until(lambda: len(shelf.notes) >= 40)
    workers[0].stop()
    toys.append(bus.make(*COLOURS))
    until(lambda: len(shelf.notes) >= 50)
    shelf.stop()

    assert [shelf.of_toy(one) for one in toys] == [list(range(1, 11))] * 5
    assert how_it_came(shelf) & {"push", "pull"} == {"push" if bus.is_push else "pull"}
    assert positions(bus.said_in, shelf) == list(range(1, 51))


def how_it_came(shelf: Listener) -> set[str]:
    return {row["via"] for row in toy.rows(shelf.database, inbox)}


def positions(said_in: Database, shelf: Listener) -> list[int]:
    """Where the events that were heard stand in the log."""
    assert len(toy.rows(said_in, event_log)) == 50
    return sorted(row["position"] for row in toy.rows(shelf.database, inbox))


@pytest.mark.fault(40)
def test_16_the_databases_clock_decides_what_is_due(bus: Bus) -> None:
    ran: list[int] = []
    job = Job("count", lambda _tx: ran.append(1), timedelta(hours=1))
    shelf = bus.listener()
    scheduler = Scheduler(shelf.database, "shelf", [job])
    toy.jam_printer(shelf.database, "red")
    shelf.start()
    bus.make("red")
    until(lambda: shelf.parked)
    toy.mend_printer(shelf.database)
    assert [scheduler.run_due(), scheduler.run_due()] == [1, 0]

    with shelf.database.connection() as connection:
        soon = clock(connection) + timedelta(seconds=0.7)
        connection.execute(sa.update(parked_event).values(next_attempt_at=soon))
    until(lambda: not shelf.parked)

    with shelf.database.reading() as session:
        assert clock(session) >= soon
