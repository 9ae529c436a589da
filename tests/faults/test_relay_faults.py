"""Whatever happens to the relay, or between it and the broker: no hole, no loss, once, in order."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pika
import pytest
import sqlalchemy as sa

from chassis.tables import event_log, inbox
from tests import toy
from tests.faults.shop import Shop
from tests.infra.faultproxy import FaultProxy
from tests.infra.rabbit import Broker

pytestmark = [pytest.mark.infra, pytest.mark.broker]


SOON_AGAIN = {"chassis.relay:RETRY_NACK_SECONDS": 0.05}


def sealed(shop: Shop) -> int:
    return len([row for row in toy.rows(shop.said_in, event_log) if row["position"]])


@pytest.mark.fault(2)
def test_a_reset_after_the_publish_and_before_the_confirm(shop: Shop, fault_proxy: Callable[[str], FaultProxy]) -> None:
    """The broker has them, the relay does not know, and sends them again."""
    proxy = fault_proxy(shop.amqp_url)
    shop.shelf(reconcile="never").until_ready()
    shop.workshop(amqp_url=proxy.url).until_ready()
    proxy.mute()
    shop.make(toys=5, colours=3)
    shop.until_heard(5)
    assert shop.published_to == 0

    proxy.cut()
    proxy.mute(on=False)

    shop.must_agree(nothing_was_lost=True)
    shop.until_published()


@pytest.mark.fault(18, 19)
@pytest.mark.fault(2)
def test_a_line_cut_with_events_on_it(shop: Shop, fault_proxy: Callable[[str], FaultProxy]) -> None:
    """What was given to the line and never arrived was never confirmed, and is sent again."""
    proxy = fault_proxy(shop.amqp_url)
    shop.shelf(reconcile="never").until_ready()
    shop.workshop(amqp_url=proxy.url).until_ready()
    shop.make()
    shop.until_heard(1)
    proxy.blackhole()
    shop.make()
    shop.until(lambda: sealed(shop) == 2, "it to be sealed")
    shop.make()
    shop.until(lambda: sealed(shop) == 3, "the next round: the first was sent in the one before")

    proxy.cut()
    proxy.blackhole(on=False)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.parametrize(
    ("failpoint", "fault"),
    [
        ("relay.after_confirm:kill:1", "18: confirmed, and not noted"),
        ("relay.after_confirm:kill:3", "18: confirmed, and not noted, in the middle"),
        ("relay.after_seal:kill:1", "19: sealed, and not sent"),
        ("relay.after_publish:kill:3", "sent, and not confirmed"),
    ],
)
def test_a_relay_killed_between_any_two_steps(shop: Shop, failpoint: str, fault: str) -> None:
    shop.shelf(reconcile="never").until_ready()
    shop.make(toys=10, colours=2)
    shop.workshop(failpoint=failpoint).until_dead()
    assert sealed(shop) == 30, fault
    assert shop.published_to < 30, fault

    shop.workshop()
    shop.make(toys=2, colours=2)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.fault(20)
@pytest.mark.parametrize("guard", ["", "the leader's lock"])
def test_two_relays_at_once(shop: Shop, guard: str) -> None:
    """Also when both lead, sealing is safe; there are only more duplicates."""
    shop.shelf().until_ready()
    for _ in range(2):
        shop.workshop(mutant=guard)
    with shop.busy():
        shop.until_heard(60)

    shop.must_agree()


@pytest.mark.fault(20)
def test_the_standby_relay_takes_over(shop: Shop) -> None:
    shop.shelf().until_ready()
    leader = shop.workshop().until_ready()
    shop.workshop().until_ready()
    with shop.busy():
        shop.until_heard(20)
        leader.kill()
        shop.until_heard(shop.heard() + 20)

    shop.must_agree()


@pytest.mark.fault(21)
def test_a_paused_relay_keeps_its_lock_and_goes_on(shop: Shop) -> None:
    """Nobody else leads meanwhile, and the standby tells how old the unsent events are."""
    often = {"chassis.worker:MEASURE_SECONDS": 0.2, "chassis.relay:STILL_HERE_SECONDS": 0.2}
    shop.shelf(reconcile="never").until_ready()
    leader = shop.workshop().until_ready()
    standby = shop.workshop(constants=often).until_ready()
    shop.make(toys=2)
    shop.until_heard(2)

    leader.pause()
    shop.make(toys=5, colours=1)
    told = "bus_unpublished_oldest_seconds"
    shop.until(lambda: standby.metric(told) > 1 or shop.heard() > 2, "the standby to tell of it")
    assert shop.heard() == 2, "somebody else leads"
    leader.resume()

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.fault(5)
def test_events_that_no_queue_wants_are_heard_later(shop: Shop) -> None:
    """The broker confirms what it drops: only because each is sent as mandatory does it say so."""
    relay = shop.workshop().until_ready()
    shop.make(toys=5, colours=1)
    shop.until_published()
    assert relay.metric("bus_unroutable_total") == 10

    shop.shelf()

    shop.must_agree()


def test_a_relay_writes_on_while_the_broker_refuses_connections(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy]
) -> None:
    proxy = fault_proxy(shop.amqp_url)
    shop.shelf().until_ready()
    shop.workshop(amqp_url=proxy.url).until_ready()
    proxy.refuse()
    proxy.cut()

    shop.make(toys=5, colours=1)
    proxy.refuse(False)

    shop.must_agree()


@pytest.mark.fault(9)
def test_a_full_queue_keeps_the_order_of_each_toy(shop: Shop, broker_server: Broker) -> None:
    """The broker refuses what the absent listener's queue has no place for; the relay keeps trying."""
    shop.shelf(reconcile="never").until_ready().stop()
    limit_queue(shop, broker_server, 4)
    relay = shop.workshop(constants=SOON_AGAIN).until_ready()
    shop.make(toys=10)
    shop.make_at_once(toys=4, colours=49)
    shop.until(lambda: relay.metric("bus_refused_total") >= 30, "the relay to be refused, again and again")
    assert shop.published_to < 210

    shop.shelf(reconcile="never")

    shop.must_agree(nothing_was_lost=True)


def limit_queue(shop: Shop, broker: Broker, length: int) -> None:
    vhost = urlsplit(shop.amqp_url).path.removeprefix("/")
    full = {"max-length": length, "overflow": "reject-publish"}
    policy = {"pattern": "^crm.shelf.events$", "definition": full, "apply-to": "queues", "priority": 9}
    broker.manage("PUT", f"/api/policies/{vhost}/full", policy)


@pytest.mark.fault(9)
def test_a_broker_that_refuses_every_third_event(shop: Shop) -> None:
    few = {"chassis.amqp:BATCH": 10}  # within a batch the order of arrival does not matter
    shop.shelf(reconcile="never", constants=few).until_ready()

    shop.workshop(broker="refusing", constants=SOON_AGAIN)
    shop.make_at_once(toys=6, colours=49)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.fault(35)
def test_messages_that_are_no_events_do_not_stop_the_others(shop: Shop) -> None:
    """They are kept, and the queue moves on."""
    shop.shelf().until_ready()
    shop.workshop().until_ready()
    garbage = [b"not json", b'{"specversion": "1.0"', b"\xff" * 1_000_000]
    with pika.BlockingConnection(pika.URLParameters(shop.amqp_url)) as connection:
        for body in garbage:
            connection.channel().basic_publish("crm.events", "workshop.toy.made", body)

    shop.make(toys=3)
    shop.until_heard(3)

    shop.until(lambda: len(unreadable(shop)) == 3, "the garbage to be kept")
    assert sorted(unreadable(shop)) == sorted(garbage)
    assert len(toy.rows(shop.heard_in, inbox)) == 3


def unreadable(shop: Shop) -> list[bytes]:
    question = sa.text("SELECT body FROM parked_event WHERE reason = 'unparseable' AND state = 'dead'")
    with shop.heard_in.reading() as session:
        return [bytes(row.body) for row in session.execute(question)]
