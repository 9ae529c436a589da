"""Links that are cut or slow, files and connections that run out: whoever lacks something says so, and recovers."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from chassis.database import Database
from tests.faults.process import Process
from tests.faults.shop import Shop, address
from tests.infra.faultproxy import FaultProxy
from tests.infra.postgres import fresh_name

pytestmark = [pytest.mark.infra, pytest.mark.broker]

SOON_AGAIN = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 0.25}
SOON_BACK = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 1.0}


@pytest.mark.fault(42)
def test_each_broken_link_is_named_by_who_has_it_and_heals(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy]
) -> None:
    broker_of_shelf, broker_of_workshop = fault_proxy(shop.amqp_url), fault_proxy(shop.amqp_url)
    data_of_shelf, data_of_workshop = fault_proxy(address(shop.heard_in)), fault_proxy(address(shop.said_in))
    shelf = shop.shelf(amqp_url=broker_of_shelf.url, database_url=data_of_shelf.url, constants=SOON_BACK)
    workshop = shop.workshop(amqp_url=broker_of_workshop.url, database_url=data_of_workshop.url, constants=SOON_BACK)
    for link, owner, other, part in (
        (broker_of_shelf, shelf, workshop, "subscriber"),
        (broker_of_workshop, workshop, shelf, "relay"),
        (data_of_shelf, shelf, workshop, "database"),
        (data_of_workshop, workshop, shelf, "database"),
    ):
        until_well(shop, shelf, workshop)
        link.refuse()
        link.cut()
        shop.make(toys=2, colours=1)
        owner.until_wrong(part)
        assert other.readiness()["wrong"] == {}
        link.refuse(False)

    shop.must_agree()


def until_well(shop: Shop, *workers: Process) -> None:
    shop.until(lambda: not any(worker.readiness()["wrong"] for worker in workers), "all to be well")


@pytest.mark.fault(42)
def test_a_log_that_cannot_be_read_is_a_warning_and_no_more(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy]
) -> None:
    """It is needed for what the broker has lost; what the broker brings goes on."""
    feed = fault_proxy(address(shop.said_in))
    shelf = shop.shelf(feed_url=feed.url).until_ready()
    shop.workshop()
    feed.refuse()
    feed.cut()
    shop.make(toys=3, colours=1)
    shop.until_heard(6)

    shop.until(lambda: "workshop" in shelf.readiness().get("warnings", {}).get("reconcile", ""), "the warning")
    assert shelf.readiness()["wrong"] == {}
    feed.refuse(False)
    shop.until(lambda: "warnings" not in shelf.readiness(), "the warning to go")

    shop.must_agree()


@pytest.mark.fault(44)
def test_a_slow_line_is_not_a_broken_one(shop: Shop, fault_proxy: Callable[[str], FaultProxy]) -> None:
    """Many events are on their way at once, and nobody takes 0.4 s for an answer as a sign of death."""
    proxy = fault_proxy(shop.amqp_url)
    shelf = shop.shelf(amqp_url=proxy.url, reconcile="never").until_ready()
    workshop = shop.workshop(amqp_url=proxy.url).until_ready()
    proxy.delay_seconds = 0.2
    began = time.monotonic()
    shop.make_at_once(toys=200, colours=0)
    shop.until_heard(200)

    assert time.monotonic() - began < 200 * 0.4 / 2, "one by one they would have taken twice as long"
    proxy.delay_seconds = 0
    shop.must_agree(nothing_was_lost=True)
    for worker in (shelf, workshop):
        assert worker.metric("bus_duplicates_total") == 0
        assert "begins again" not in worker.log
        assert "trouble" not in worker.log


@pytest.mark.fault(52)
def test_no_more_files_can_be_opened(shop: Shop, fault_proxy: Callable[[str], FaultProxy]) -> None:
    """All connections are cut and none can be made: it waits between its tries, and leaks nothing by them."""
    proxy = fault_proxy(shop.amqp_url)
    shelf = shop.shelf(amqp_url=proxy.url, constants=SOON_AGAIN).until_ready()
    shop.workshop().until_ready()
    shop.make(colours=1)
    shop.until_heard(2)
    allowed, held = resource.prlimit(shelf.pid, resource.RLIMIT_NOFILE), shelf.open_files

    proxy.refuse()
    proxy.cut()
    shop.until(lambda: shelf.log.count("Broker trouble") >= 10, "ten tries")
    assert shelf.open_files <= held + 10
    resource.prlimit(shelf.pid, resource.RLIMIT_NOFILE, (10, allowed[1]))
    shop.make(toys=3, colours=1)
    shop.until(lambda: "Too many open files" in shelf.log, "it to have too many")
    tries = shelf.log.count("Broker trouble")
    shop.until(lambda: shelf.log.count("Broker trouble") >= tries + 5, "some more tries")
    assert shelf.log.count("Broker trouble") < tries + 50, "it does nothing but try"
    resource.prlimit(shelf.pid, resource.RLIMIT_NOFILE, allowed)
    proxy.refuse(False)

    shop.must_agree()


@pytest.mark.fault(52)
def test_the_database_gives_no_more_connections(shop: Shop) -> None:
    """One for all threads of the listener: it says so, and goes on when there are more."""
    with account(shop.heard_in) as (url, allow):
        allow(1)
        shelf = shop.shelf(database_url=url, constants=SOON_BACK)
        shop.workshop()
        shop.make(toys=3, colours=2)
        shelf.until_wrong("database")
        allow(-1)

        shop.must_agree()
        shelf.stop()


@contextmanager
def account(database: Database) -> Iterator[tuple[str, Callable[[int], None]]]:
    """The database's address for an account of its own, and what says how many connections that may have."""
    name = fresh_name("narrow")

    def say(*statements: str) -> None:
        with database.engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    say(
        f"CREATE ROLE {name} LOGIN PASSWORD '{name}'",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}",
    )
    url = database.url.set(username=name, password=name).render_as_string(hide_password=False)
    yield url, lambda number: say(f"ALTER ROLE {name} CONNECTION LIMIT {number}")
    say(f"DROP OWNED BY {name}", f"DROP ROLE {name}")
