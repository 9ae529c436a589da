"""What an operator may rely on, embedded as with RabbitMQ: line 15 of the parity list (bus.md 2.10)."""

from __future__ import annotations

import time
from collections.abc import Callable

from chassis import operating
from chassis.principal import Principal
from chassis.transaction import transaction
from tests.conformance.bus import Bus, Listener, until

OLGA = Principal(user_id=3, name="Olga", kind="user")
A_WHILE_SECONDS = 1.0


def operate(shelf: Listener, act: Callable[..., object], reason: str) -> None:
    with transaction(shelf.database, "shelf", principal=OLGA) as tx:
        act(tx, "shelf.events", reason)


def test_15_who_is_paused_hears_nothing_until_resumed(bus: Bus) -> None:
    shelf = bus.listener()
    worker = shelf.start()
    bus.make()
    until(lambda: len(shelf.notes) == 1)

    operate(shelf, operating.pause, "the printer is away")
    until(lambda: "consumer" in worker.warnings(), "the worker to know")
    bus.make("red")
    time.sleep(A_WHILE_SECONDS)
    assert len(shelf.notes) == 1
    assert worker.warnings()["consumer"].startswith("paused by Olga since ")
    until(lambda: not worker.wrong(), "the worker to be ready all the same")

    operate(shelf, operating.resume, "it is back")
    until(lambda: len(shelf.notes) == 3)
    assert worker.warnings() == {}


def test_15_who_starts_paused_stays_paused(bus: Bus) -> None:
    shelf = bus.listener()
    operate(shelf, operating.pause, "not yet")
    worker = shelf.start()
    bear = bus.make("red")
    until(lambda: not worker.wrong(), "the worker to be ready all the same")
    time.sleep(A_WHILE_SECONDS)
    assert shelf.notes == []

    shelf.stop()
    shelf.start()
    operate(shelf, operating.resume, "now")
    until(lambda: len(shelf.notes) == 2)

    assert shelf.of_toy(bear) == [1, 2]


def test_15_who_is_paused_before_birth_is_ready_and_takes_the_past_later(bus: Bus) -> None:
    shelf = bus.listener()
    bear = bus.make("red")
    operate(shelf, operating.pause, "not yet")
    worker = shelf.start()
    until(lambda: not worker.wrong(), "the worker to be ready all the same")
    time.sleep(A_WHILE_SECONDS)
    assert shelf.notes == []

    operate(shelf, operating.resume, "now")
    until(lambda: len(shelf.notes) == 2)

    assert shelf.of_toy(bear) == [1, 2]


def test_15_a_pause_takes_effect_within_seconds_while_events_stream_in(bus: Bus) -> None:
    shelf = bus.listener()
    worker = shelf.start()
    until(lambda: not worker.wrong(), "the worker to be ready")
    for _ in range(5):
        bus.make("red", "blue")
    until(lambda: shelf.notes)

    began = time.monotonic()
    operate(shelf, operating.pause, "stop")
    until(lambda: worker.consumer and worker.consumer.pausing.is_held, "the worker to know")
    took = time.monotonic() - began
    time.sleep(0.3)  # what was in hand is finished
    heard = len(shelf.notes)
    for _ in range(5):
        bus.make("red")
    time.sleep(A_WHILE_SECONDS)

    assert took < 3
    assert len(shelf.notes) == heard
    operate(shelf, operating.resume, "go")
    until(lambda: len(shelf.notes) == 25)
