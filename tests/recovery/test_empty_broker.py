"""The broker comes back without its disk: no queue, no message, no account. The logs hold everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from chassis import inspecting
from chassis.comparing import compare
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.tables import inbox
from chassis.transaction import looking
from tests import toy
from tests.conformance.bus import Bus, Listener, until
from tests.infra.postgres import fresh_name
from tests.infra.rabbit import Broker

pytestmark = [pytest.mark.infra, pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
def vhost_name() -> str:
    return fresh_name("own")


@pytest.fixture
def bus(new_postgres: Callable[[], Database], own_broker: Broker, vhost_name: str) -> Iterator[Bus]:
    with ExitStack() as closing:
        opened = Bus(new_postgres, own_broker.create_vhost(vhost_name), closing)
        opened.start()
        yield opened


def lose_everything(broker: Broker, vhost: str) -> None:
    """All but the program; then somebody makes the virtual host and the account again."""
    for order in ("stop_app", "force_reset", "start_app"):
        broker.control(order)
    broker.wait()
    broker.create_vhost(vhost)


def is_published(bus: Bus) -> bool:
    with looking(bus.said_in, toy.workshop.name) as tx:
        told = inspecting.status(tx)
    return told.published_to == told.head and not told.unsealed


def lacks(bus: Bus, shelf: Listener) -> int:
    consumer = shelf.service.consumer(shelf.database, {"workshop": DatabaseLog(bus.said_in)})
    assert consumer
    (found,) = compare(consumer)
    assert found.extra == frozenset()
    return len(found.missing)


@pytest.mark.fault(37)
def test_a_broker_that_lost_its_disk_loses_no_event(bus: Bus, own_broker: Broker, vhost_name: str) -> None:
    shelf = bus.listener()
    shelf.start()
    bear = bus.make("red")
    until(lambda: len(shelf.notes) == 2)
    shelf.stop()
    for number in range(20):
        toy.paint(bus.said_in, bear, f"shade {number}")
    until(lambda: is_published(bus), "the broker to hold what the shelf has not heard")

    lose_everything(own_broker, vhost_name)
    shelf.start()
    toy.paint(bus.said_in, bear, "gold")
    until(lambda: not lacks(bus, shelf), "everything to be fetched from the log")
    duck = bus.make("white")
    until(lambda: shelf.of_toy(duck) == [1, 2], "the queue to carry again")

    assert shelf.of_toy(bear) == list(range(1, 24))
    assert "push" in {row["via"] for row in toy.rows(shelf.database, inbox, aggregate_id=str(duck))}
