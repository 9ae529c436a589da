"""Whatever happens to those who listen: nothing is lost, nothing happens twice, order is kept."""

from __future__ import annotations

import signal
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest
import sqlalchemy as sa

from chassis.tables import parked_event
from tests import toy
from tests.faults.shop import Shop, address
from tests.infra.faultproxy import FaultProxy
from tests.infra.rabbit import Broker

pytestmark = [pytest.mark.infra, pytest.mark.broker]

QUEUE = "crm.shelf.events"


def queue_path(shop: Shop) -> str:
    vhost = urlsplit(shop.amqp_url).path.removeprefix("/")
    return f"/api/queues/{vhost}/{quote(QUEUE, safe='')}"


def test_without_any_fault_all_comes_by_push_in_order(shop: Shop) -> None:
    shop.shelf().until_ready()
    shop.workshop()

    shop.make(toys=10, colours=5)

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.parametrize("delivery", ["repeated", "shuffled", "lossy"])
def test_a_transport_that_repeats_shuffles_or_loses_does_no_harm(shop: Shop, delivery: str) -> None:
    """Faults 30, 31 and 32."""
    shop.shelf(delivery=delivery).until_ready()
    shop.workshop()

    shop.make_at_once(toys=12, colours=9)
    shop.make(toys=5, colours=3)

    shop.must_agree()


@pytest.mark.parametrize("place", ["consumer.after_commit", "consumer.before_commit"])
@pytest.mark.parametrize("passes", [1, 3])
def test_a_listener_killed_around_its_commit(shop: Shop, place: str, passes: int) -> None:
    """Faults 15 and 16: after it, the events come again; before it, nothing was kept."""
    victim = shop.shelf(failpoint=f"{place}:kill:{passes}").until_ready()
    shop.workshop()
    with shop.busy():
        victim.until_dead()
    seen = shop.heard()

    shop.shelf()
    shop.make(toys=2, colours=2)

    shop.must_agree()
    assert shop.heard() > seen


def test_a_standby_takes_over_in_order(shop: Shop) -> None:
    """Fault 17."""
    first = shop.shelf().until_ready()
    shop.shelf().until_ready()
    shop.workshop()
    with shop.busy():
        shop.until_heard(20)
        first.kill()
        shop.until_heard(shop.heard() + 20)

    shop.must_agree()


def test_a_queue_deleted_while_it_is_read(shop: Shop, broker_server: Broker) -> None:
    """Fault 6: what it held is fetched from the log, and the queue is there again."""
    shelf = shop.shelf().until_ready()
    shop.workshop().until_ready()
    shop.make(colours=2)
    shop.until_heard(3)

    shelf.signal(signal.SIGSTOP)
    shop.make(toys=5, colours=3)
    shop.until(lambda: shop.published_to == 23, "all to be published")
    broker_server.manage("DELETE", queue_path(shop))
    shelf.signal(signal.SIGCONT)
    shop.make(toys=2, colours=2)

    shop.must_agree()


def test_a_queue_purged_with_a_backlog(shop: Shop, broker_server: Broker) -> None:
    """Fault 7."""
    shelf = shop.shelf().until_ready()
    shop.workshop().until_ready()
    shelf.stop()
    shop.make(toys=5, colours=3)
    shop.until(lambda: shop.published_to == 20, "all to be published")
    broker_server.manage("DELETE", queue_path(shop) + "/contents")

    shop.shelf()
    shop.make()

    shop.must_agree()


def test_a_listener_whose_database_is_away_puts_nothing_aside(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy]
) -> None:
    """Fault 24: nothing is any event's fault, so none is parked; it goes on by itself."""
    proxy = fault_proxy(address(shop.heard_in))
    shop.shelf(database_url=proxy.url).until_ready()
    shop.workshop().until_ready()
    shop.make(colours=2)
    shop.until_heard(3)

    proxy.refuse()
    proxy.cut()
    shop.make(toys=5, colours=3)
    shop.until(lambda: shop.published_to == 23, "all to be published")
    proxy.refuse(False)

    shop.must_agree()
    assert toy.rows(shop.heard_in, parked_event) == []


def test_database_sessions_that_are_ended(shop: Shop) -> None:
    """Fault 22: of the relay, the leader's lock and the listener, again and again."""
    shop.shelf().until_ready()
    shop.workshop().until_ready()
    with shop.busy():
        for number in (10, 20, 30):
            shop.until_heard(number)
            end_sessions(shop)

    shop.must_agree()


def end_sessions(shop: Shop) -> None:
    """All but the one that says so, those of the test included: it is used to trying again."""
    ended = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = ANY(:names) AND pid <> pg_backend_pid()"
    )
    with shop.said_in.reading() as session:
        session.execute(ended, {"names": [shop.said_in.url.database, shop.heard_in.url.database]})
