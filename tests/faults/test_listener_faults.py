"""Whatever happens to those who listen: nothing is lost, nothing happens twice, order is kept."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

import pytest

from tests import toy
from tests.faults.shop import Shop
from tests.infra.rabbit import Broker
from tests.toy_shelf import repaint

pytestmark = [pytest.mark.infra, pytest.mark.broker]

QUEUE = "crm.shelf.events"


def queue_path(shop: Shop) -> str:
    vhost = urlsplit(shop.amqp_url).path.removeprefix("/")
    return f"/api/queues/{vhost}/{quote(QUEUE, safe='')}"


def test_without_any_fault_all_comes_by_push_in_order(shop: Shop) -> None:
    shop.shelf(reconcile="never").until_ready()
    shop.workshop()

    shop.make(toys=10, colours=5)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.parametrize(
    "delivery",
    [
        pytest.param("repeated", marks=pytest.mark.fault(30)),
        pytest.param("shuffled", marks=pytest.mark.fault(31)),
        pytest.param("lossy", marks=pytest.mark.fault(32)),
    ],
)
def test_a_transport_that_repeats_shuffles_or_loses_does_no_harm(shop: Shop, delivery: str) -> None:
    shop.shelf(delivery=delivery).until_ready()
    shop.workshop()

    shop.make_at_once(toys=12, colours=9)
    shop.make(toys=5, colours=3)

    shop.must_agree()


@pytest.mark.fault(15, 16)
@pytest.mark.parametrize("place", ["consumer.after_commit", "consumer.before_commit"])
@pytest.mark.parametrize("passes", [1, 3])
def test_a_listener_killed_around_its_commit(shop: Shop, place: str, passes: int) -> None:
    """After it, the events come again; before it, nothing was kept."""
    victim = shop.shelf(failpoint=f"{place}:kill:{passes}", reconcile="never").until_ready()
    shop.workshop()
    with shop.busy():
        victim.until_dead()

    shop.shelf(reconcile="never")
    shop.make(toys=2, colours=2)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.fault(17)
def test_a_standby_takes_over_in_order(shop: Shop) -> None:
    first = shop.shelf(reconcile="never").until_ready()
    shop.shelf(reconcile="never").until_ready()
    shop.make_at_once(toys=4, colours=49)
    shop.workshop()
    with shop.busy():
        shop.until_heard(100)
        first.kill()
        shop.until_heard(shop.heard() + 20)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.fault(6)
def test_a_queue_deleted_while_it_is_read(shop: Shop, broker_server: Broker) -> None:
    """What it held is fetched from the log, and the queue is there again."""
    shelf = shop.shelf().until_ready()
    shop.workshop().until_ready()
    shop.make(colours=2)
    shop.until_heard(3)

    shelf.pause()
    shop.make(toys=5, colours=3)
    shop.until_published()
    broker_server.manage("DELETE", queue_path(shop))
    shelf.resume()
    shop.make(toys=2, colours=2)

    shop.must_agree()


@pytest.mark.fault(7)
def test_a_queue_purged_with_a_backlog(shop: Shop, broker_server: Broker) -> None:
    shelf = shop.shelf().until_ready()
    shop.workshop().until_ready()
    shelf.stop()
    shop.make(toys=5, colours=3)
    shop.until_published()
    broker_server.manage("DELETE", queue_path(shop) + "/contents")

    shop.shelf()
    shop.make()

    shop.must_agree()


@pytest.mark.fault(14)
def test_a_reaction_that_takes_longer_than_the_heartbeat(shop: Shop) -> None:
    """It runs beside the connection: nothing is delivered a second time, as it would be after a reconnect."""
    frequent = {"chassis.amqp:HEARTBEAT_SECONDS": 1}
    shelf = shop.shelf(slow="4 x1", constants=frequent, reconcile="never").until_ready()
    shop.workshop()
    shop.make(toys=3, colours=1)
    shop.until_heard(6)
    shop.make()  # whoever had to come back hears the others again before this one

    shop.must_agree(nothing_was_lost=True)
    assert shelf.metric("bus_duplicates_total") == 0


@pytest.mark.fault(46)
def test_the_old_and_the_new_build_side_by_side(shop: Shop) -> None:
    """What only the new one understands waits for it, and for nobody to start it again."""
    old = shop.shelf().until_ready()
    shop.shelf(build="newer shelf").until_ready()
    shop.workshop().until_ready()
    bear = toy.make(shop.said_in)
    with shop.busy():
        shop.until_heard(5)
        repaint(shop.said_in, bear, ["red", "blue"])
        toy.paint(shop.said_in, bear, "green")
        shop.until(lambda: "Parked" in old.log or (bear, 3) in toy.notes(shop.heard_in), "one of them to hear it")
        old.stop()
        shop.until_heard(shop.heard() + 10)

    shop.must_agree()


@pytest.mark.fault(4)
def test_an_operator_who_closes_all_connections(shop: Shop, broker_server: Broker) -> None:
    for worker in (shop.shelf(), shop.workshop()):
        worker.until_ready()
    with shop.busy():
        for number in (5, 15):
            shop.until_heard(number)
            shop.until(lambda: close_connections(shop, broker_server), "connections to close")

    shop.must_agree()


def close_connections(shop: Shop, broker: Broker) -> int:
    """How many the broker knew; it learns of them after a moment."""
    vhost = urlsplit(shop.amqp_url).path.removeprefix("/")
    found: Any = broker.manage("GET", f"/api/vhosts/{vhost}/connections")
    for one in found:
        with suppress(HTTPError):  # gone meanwhile
            broker.manage("DELETE", f"/api/connections/{quote(one['name'], safe='')}")
    return len(found)
