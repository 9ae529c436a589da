"""Silence: packets that vanish, a disk that is full, clocks that differ. Needs root, or Debian packages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.problems import Unavailable
from chassis.tables import event_log, parked_event
from tests import toy
from tests.faults.process import Started
from tests.faults.shop import Shop, address
from tests.infra.faultproxy import FaultProxy
from tests.infra.need import must_have
from tests.infra.network import dropped
from tests.infra.postgres import NativePostgres, fresh_name
from tests.infra.small_disk import SmallDisk, small_disk

pytestmark = [pytest.mark.chaos, pytest.mark.infra]

SOON_BACK: dict[str, Any] = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 1.0}
ATTENTIVE = SOON_BACK | {
    "chassis.amqp:WE_NOTICE_IT_GONE": {
        "TCP_USER_TIMEOUT": 3000, "TCP_KEEPIDLE": 1, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 2,
    },
    "chassis.database:WE_NOTICE_PG_GONE": {
        "keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2, "tcp_user_timeout": 3000,
    },
}  # fmt: skip
"""As in production, but for seconds: a third of them."""


@pytest.mark.fault(3)
@pytest.mark.parametrize("deaf", ["relay", "subscriber"])
def test_a_broker_that_has_become_a_black_hole(shop: Shop, fault_proxy: Callable[[str], FaultProxy], deaf: str) -> None:
    """Noticed by the system's timers within seconds, long before two heartbeats have failed to come."""
    proxy = fault_proxy(shop.amqp_url)
    urls = {"relay": shop.amqp_url, "subscriber": shop.amqp_url} | {deaf: proxy.url}
    shelf = shop.shelf(amqp_url=urls["subscriber"], constants=ATTENTIVE).until_ready()
    workshop = shop.workshop(amqp_url=urls["relay"], constants=ATTENTIVE).until_ready()
    shop.make()
    shop.until_heard(1)

    with dropped(proxy.port):
        shop.make(toys=3, colours=1)
        (workshop if deaf == "relay" else shelf).until_wrong(deaf)

    shop.must_agree()


@pytest.mark.fault(42)
@pytest.mark.parametrize("deaf", ["shelf", "workshop"])
def test_a_database_that_has_become_a_black_hole(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy], deaf: str
) -> None:
    """Without timers of our own a statement would wait a quarter of an hour for its answer."""
    proxy = fault_proxy(address(shop.heard_in if deaf == "shelf" else shop.said_in))
    urls = {"shelf": address(shop.heard_in), "workshop": address(shop.said_in)} | {deaf: proxy.url}
    shelf = shop.shelf(database_url=urls["shelf"], constants=ATTENTIVE).until_ready()
    workshop = shop.workshop(database_url=urls["workshop"], constants=ATTENTIVE).until_ready()
    shop.make()
    shop.until_heard(1)

    with dropped(proxy.port):
        shop.make(toys=3, colours=1)
        worker = shelf if deaf == "shelf" else workshop
        worker.until_wrong("database")
        worker.until_wrong("relay")  # its lock hangs on that line

    shop.must_agree()


# A full disk


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    folder = Path(tempfile.mkdtemp(prefix="guanxi-full-"))
    with small_disk(folder, megabytes=160) as found:
        yield found
    folder.rmdir()


@pytest.fixture
def narrow_shop(
    disk: SmallDisk, vhost: str, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> Iterator[tuple[Shop, NativePostgres]]:
    """Both databases on that disk."""
    must_have("postgres")
    with ExitStack() as closing:
        server = NativePostgres(folder=disk.folder).start()
        closing.callback(server.close)

        def new_database() -> Database:
            database = Database(server.create_database(fresh_name("toys")))
            toy.prepare(database)
            closing.callback(database.close)
            return database

        shop = Shop(new_database, vhost, tmp_path, record_property)
        closing.callback(shop.close)
        yield shop, server


@pytest.mark.fault(25)
def test_a_database_server_whose_disk_is_full(narrow_shop: tuple[Shop, NativePostgres], disk: SmallDisk) -> None:
    """Writers are refused as a whole, listeners wait; with room, and the server started again, all goes on."""
    shop, server = narrow_shop
    shop.shelf(constants=SOON_BACK).until_ready()
    shop.workshop(constants=SOON_BACK).until_ready()
    shop.make(toys=3, colours=2)
    shop.until_heard(9)

    disk.fill(leave=2_000_000)
    with pytest.raises(Unavailable):
        make_many(shop)
    disk.empty()
    if not server.is_alive():
        server.restart()
    shop.until(lambda: makes(shop), "writing to go on")

    shop.must_agree()
    assert len(toy.rows(shop.said_in, event_log)) == sum(
        row["version"]
        for row in toy.rows(shop.said_in, toy.Toy.__table__)  # type: ignore[arg-type]
    )


def make_many(shop: Shop) -> None:
    for number in range(1000):
        toy.make(shop.said_in, colours=["x" * 30_000 + str(number)])


def makes(shop: Shop) -> bool:
    with suppress(Unavailable):
        shop.make()
        return True
    return False


# Clocks


@pytest.fixture
def timeless_shop(
    new_postgres: Callable[[], Database], vhost: str, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> Iterator[Shop]:
    """Its processes are started from nothing, so that a library can tell them another time."""
    opened = Shop(new_postgres, vhost, tmp_path, record_property)
    opened.process = Started
    yield opened
    opened.close()


def at(shift: str) -> dict[str, str]:
    (library,) = must_have("faketime")
    return {"LD_PRELOAD": library, "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.fault(40)
@pytest.mark.parametrize(("relay", "listener"), [("+1h", "-1h"), ("-1h", "+1h"), ("+100d", "-100d")])
def test_processes_whose_clocks_differ(timeless_shop: Shop, relay: str, listener: str) -> None:
    """The database's clock decides what is due; no lag is negative; nobody orders by time."""
    shop = timeless_shop
    toy.jam_printer(shop.heard_in, "jam")
    shelf = shop.shelf(environment=at(listener)).until_ready()
    workshop = shop.workshop(environment=at(relay)).until_ready()
    shop.make(toys=5, colours=3)
    bear = toy.make(shop.said_in, colours=["jam", "blue"])
    shop.until(lambda: len(toy.rows(shop.heard_in, event_log)) == 21 and parked(shop) == 2, "two to be put aside")
    toy.mend_printer(shop.heard_in)

    shop.must_agree()
    assert (bear, 3) in toy.notes(shop.heard_in)
    for worker in (shelf, workshop):
        for metric in ("bus_consumer_lag_seconds", "bus_unpublished_oldest_seconds", "bus_unsealed_oldest_seconds"):
            assert 0 <= worker.metric(metric) < 600


def parked(shop: Shop) -> int:
    with shop.heard_in.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(parked_event)) or 0
