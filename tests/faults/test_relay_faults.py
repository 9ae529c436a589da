"""Whatever happens to the relay, or between it and the broker: no hole, no loss, once, in order."""

from __future__ import annotations

import signal
import time
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


def sealed(shop: Shop) -> int:
    return len([row for row in toy.rows(shop.said_in, event_log) if row["position"]])


def test_a_reset_after_the_publish_and_before_the_confirm(shop: Shop, fault_proxy: Callable[[str], FaultProxy]) -> None:
    """Fault 2: the broker has them, the relay does not know, and sends them again."""
    proxy = fault_proxy(shop.amqp_url)
    shop.shelf().until_ready()
    shop.workshop(amqp_url=proxy.url).until_ready()
    proxy.mute()
    shop.make(toys=5, colours=3)
    shop.until_heard(5)
    assert shop.published_to == 0

    proxy.cut()
    proxy.mute(on=False)

    shop.must_agree(nothing_was_lost=True)
    shop.until(lambda: shop.published_to == 20, "all to be confirmed")


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
    """Faults 18 and 19."""
    shop.shelf().until_ready()
    shop.make(toys=10, colours=2)
    shop.workshop(failpoint=failpoint).until_dead()
    assert sealed(shop) == 30, fault
    assert shop.published_to < 30, fault

    shop.workshop()
    shop.make(toys=2, colours=2)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.parametrize("guard", ["", "without_leader"])
def test_two_relays_at_once(shop: Shop, guard: str) -> None:
    """Fault 20: also when both lead, sealing is safe; there are only more duplicates."""
    shop.shelf().until_ready()
    for _ in range(2):
        shop.workshop(mutant=guard)
    with shop.busy():
        shop.until_heard(60)

    shop.must_agree()


def test_the_standby_relay_takes_over(shop: Shop) -> None:
    shop.shelf().until_ready()
    leader = shop.workshop().until_ready()
    shop.workshop().until_ready()
    with shop.busy():
        shop.until_heard(20)
        leader.kill()
        shop.until_heard(shop.heard() + 20)

    shop.must_agree()


def test_a_paused_relay_keeps_its_lock_and_goes_on(shop: Shop) -> None:
    """Fault 21: nobody else leads meanwhile."""
    shop.shelf(reconcile="never").until_ready()
    leader = shop.workshop().until_ready()
    shop.workshop().until_ready()
    shop.make(toys=2)
    shop.until_heard(2)

    leader.signal(signal.SIGSTOP)
    shop.make(toys=5, colours=1)
    began = time.monotonic()
    shop.until(lambda: time.monotonic() - began > 2.5 or shop.heard() > 2, "a while")
    assert shop.heard() == 2
    leader.signal(signal.SIGCONT)

    shop.must_agree(nothing_was_lost=True)


def test_events_that_no_queue_wants_are_heard_later(shop: Shop) -> None:
    """Fault 5: the broker confirms what it drops."""
    shop.workshop().until_ready()
    shop.make(toys=5, colours=1)
    shop.until(lambda: shop.published_to == 10, "all to be published")

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


def test_a_full_queue_keeps_the_order_of_each_toy(shop: Shop, broker_server: Broker) -> None:
    """Fault 9: the broker refuses what the absent listener's queue has no place for; the relay keeps trying."""
    shop.shelf().until_ready().stop()
    limit_queue(shop, broker_server, 4)
    shop.workshop().until_ready()
    shop.make(toys=10)
    shop.make_at_once(toys=4, colours=49)
    refused_since = time.monotonic()
    shop.until(lambda: time.monotonic() - refused_since > 1, "the relay to be refused")
    assert shop.published_to < 210

    shop.shelf(reconcile="never")

    shop.must_agree(nothing_was_lost=True)


def limit_queue(shop: Shop, broker: Broker, length: int) -> None:
    vhost = urlsplit(shop.amqp_url).path.removeprefix("/")
    full = {"max-length": length, "overflow": "reject-publish"}
    policy = {"pattern": "^crm.shelf.events$", "definition": full, "apply-to": "queues", "priority": 9}
    broker.manage("PUT", f"/api/policies/{vhost}/full", policy)


def test_a_broker_that_refuses_every_third_event(shop: Shop) -> None:
    shop.shelf(reconcile="never").until_ready()

    shop.workshop(broker="refusing")
    shop.make_at_once(toys=8, colours=99)

    shop.must_agree(nothing_was_lost=True)


def test_messages_that_are_no_events_do_not_stop_the_others(shop: Shop) -> None:
    """Fault 35, through the broker: they are kept, and the queue moves on."""
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
