"""The broker itself dies, lacks memory or disk, or refuses: every event arrives once all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chassis.tables import relay_quarantine
from tests import toy
from tests.faults.shop import Shop
from tests.infra.rabbit import Broker

pytestmark = [pytest.mark.infra, pytest.mark.broker, pytest.mark.slow]

SOON_BACK = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 1.0}
"""What takes minutes in production takes seconds in a test, and so do the pauses of those who wait."""


@pytest.mark.fault(1)
def test_a_broker_killed_while_events_are_on_their_way(own_shop: Shop, own_broker: Broker) -> None:
    """Writing goes on without it, and when it is back everything arrives."""
    own_shop.shelf(constants=SOON_BACK).until_ready()
    own_shop.workshop(constants=SOON_BACK).until_ready()
    with own_shop.busy():
        own_shop.until_heard(40)
        own_broker.kill()
        assert own_shop.published_to > 0
        own_shop.make(toys=3, colours=2)
        own_broker.restart()
        own_shop.until_heard(own_shop.heard() + 20)

    own_shop.must_agree()


@contextmanager
def control(broker: Broker, do: tuple[str, ...], undo: tuple[str, ...]) -> Iterator[Callable[[], object]]:
    """Say something to the broker; what is given takes it back, and so does the end of the test."""
    broker.control(*do)
    try:
        yield lambda: broker.control(*undo)
    finally:
        broker.control(*undo)


DISK = ("set_disk_free_limit", "900GB"), ("set_disk_free_limit", "50MB")
MEMORY = (
    ("set_vm_memory_high_watermark", "absolute", "1MB"),
    ("set_vm_memory_high_watermark", "absolute", "1GB"),
)


@pytest.mark.parametrize(
    "alarm",
    [
        pytest.param(DISK, marks=pytest.mark.fault(11), id="disk"),
        pytest.param(MEMORY, marks=pytest.mark.fault(12), id="memory"),
    ],
)
def test_a_broker_without_room_holds_up_nobody_but_the_relay(
    own_shop: Shop, own_broker: Broker, alarm: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    """What is said is kept in the log, who listens goes on, and a relay that is told to stop does."""
    own_shop.shelf(constants=SOON_BACK).until_ready()
    relay = own_shop.workshop(constants={"chassis.relay:FAREWELL_SECONDS": 1.0}).until_ready()
    own_shop.make(toys=5, colours=1)
    with control(own_broker, *alarm) as clear:
        own_shop.make(toys=5, colours=1)
        relay.until_wrong("relay", "broker blocked")
        assert relay.stop() < 15, "it waits for a broker that is blocked"
        assert relay.exit_code == 0
        other = own_shop.workshop(constants=SOON_BACK | {"chassis.amqp:BLOCKED_SECONDS": 2})
        own_shop.make(toys=5, colours=1)
        other.until_wrong("relay", "broker blocked")
        assert own_shop.published_to < own_shop.said()
        clear()

        own_shop.must_agree()


@pytest.mark.fault(10)
def test_an_event_that_the_broker_never_takes_holds_up_no_other(own_shop: Shop, own_broker: Broker) -> None:
    """It slipped through our own limit: it is set aside, and who listens fetches it from the log."""
    own_shop.shelf().until_ready()
    with control(own_broker, largest_message(10_000), largest_message(134_217_728)):
        relay = own_shop.workshop(constants={"chassis.amqp:LONGEST_PAUSE_SECONDS": 0.3}).until_ready()
        bear = toy.make(own_shop.said_in, colours=["red", "x" * 20_000])
        own_shop.make_at_once(toys=3, colours=3)
        toy.paint(own_shop.said_in, bear, "blue")

        own_shop.must_agree()
        own_shop.until_published()
        # the last one too: it says what the colour was before
        assert [row["position"] for row in toy.rows(own_shop.said_in, relay_quarantine)] == [3, own_shop.said()]
        assert relay.metric("bus_quarantined_total") == 2


def largest_message(size: int) -> tuple[str, str]:
    """RabbitMQ 3 reads the setting, and 4 what it has noted of it at its start."""
    settings = f"application:set_env(rabbit, max_message_size, {size})"
    return "eval", f"{settings}, persistent_term:put(max_message_size, {size})."


@pytest.mark.fault(13)
def test_a_listener_too_slow_for_the_brokers_patience(own_shop: Shop, own_broker: Broker) -> None:
    """The broker closes the channel and delivers again; pika raises nothing, and the connection stays open."""
    with control(own_broker, patience(1_000, tick=500), patience(1_800_000, tick=60_000)):
        shelf = own_shop.shelf(slow="5 x1", constants=SOON_BACK).until_ready()
        own_shop.workshop().until_ready()
        own_shop.make(toys=3, colours=2)
        own_shop.until_published()

        own_shop.must_agree()
        assert shelf.metric("bus_duplicates_total") >= 1


def patience(milliseconds: int, tick: int) -> tuple[str, str]:
    settings = f"application:set_env(rabbit, consumer_timeout, {milliseconds})"
    return "eval", f"{settings}, application:set_env(rabbit, channel_tick_interval, {tick})."
