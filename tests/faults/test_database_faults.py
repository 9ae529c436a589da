"""Databases that are away, that end sessions, that crash, are full, or make transactions wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.database import PG_TIMEOUTS, Database
from chassis.events import Event, open_envelope
from chassis.tables import event_log, parked_event
from chassis.testing.stage import an_envelope
from tests import toy
from tests.faults.shop import Shop, address
from tests.infra.faultproxy import FaultProxy
from tests.infra.postgres import DatabaseServer, fresh_name

pytestmark = [pytest.mark.infra, pytest.mark.broker]


@pytest.mark.fault(24)
def test_a_listener_whose_database_is_away_puts_nothing_aside(
    shop: Shop, fault_proxy: Callable[[str], FaultProxy]
) -> None:
    """Nothing is any event's fault, so none is parked; it goes on by itself."""
    proxy = fault_proxy(address(shop.heard_in))
    shop.shelf(database_url=proxy.url).until_ready()
    shop.workshop().until_ready()
    shop.make(colours=2)
    shop.until_heard(3)

    proxy.refuse()
    proxy.cut()
    shop.make(toys=5, colours=3)
    shop.until_published()
    proxy.refuse(False)

    shop.must_agree()


@pytest.mark.fault(22)
def test_database_sessions_that_are_ended(shop: Shop) -> None:
    """Of the relay, the leader's lock and the listener, again and again."""
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


# A server that crashes


@pytest.fixture
def crashing_shop(
    own_database_server: DatabaseServer, vhost: str, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> Iterator[Shop]:
    """Both databases on a server that the test may kill."""

    def new_database() -> Database:
        database = Database(own_database_server.create_database(fresh_name("toys")))
        toy.prepare(database)
        return database

    opened = Shop(new_database, vhost, tmp_path, record_property)
    yield opened
    opened.close()
    opened.said_in.close()
    opened.heard_in.close()


@pytest.mark.fault(23)
def test_a_database_server_that_crashes(crashing_shop: Shop, own_database_server: DatabaseServer) -> None:
    """What was answered is kept and heard, whatever was open at that moment."""
    shop = crashing_shop
    quick = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 1.0}
    shop.shelf(constants=quick).until_ready()
    shop.workshop(constants=quick).until_ready()
    with shop.busy() as answered:
        shop.until_heard(15)
        own_database_server.kill()
        own_database_server.restart()
        shop.until(lambda: shop.heard() > 30, "events of after the crash")

    shop.must_agree()
    assert set(answered) <= {toy_id for toy_id, version in toy.notes(shop.heard_in) if version == 4}


# Transactions that wait for each other

IMPATIENT = PG_TIMEOUTS.replace("lock_timeout=5s", "lock_timeout=200ms")


@contextmanager
def locked(database: Database, *toys: int) -> Iterator[sa.Connection]:
    """Somebody else holds the labels of these toys."""
    with database.engine.begin() as connection:
        for toy_id in toys:
            lock(connection, toy_id)
        yield connection


def lock(connection: sa.Connection, toy_id: int) -> None:
    connection.execute(sa.select(toy.Label.text).where(toy.Label.toy_id == toy_id).with_for_update())


@pytest.mark.fault(26)
def test_a_lock_that_is_held_too_long_is_no_events_fault(shop: Shop) -> None:
    """It is tried again in place, and then from the queue; nothing is put aside."""
    impatient = {"chassis.database:PG_TIMEOUTS": IMPATIENT}
    shelf = shop.shelf(constants=impatient, reconcile="never").until_ready()
    shop.workshop()
    bear = toy.make(shop.said_in, colours=["red"])
    shop.until_heard(2)

    with locked(shop.heard_in, bear):
        toy.paint(shop.said_in, bear, "blue")
        put_aside = sa.select(sa.func.count()).select_from(parked_event)
        shop.until(lambda: shelf.metric("bus_retries_total") >= 2 or count(shop, put_aside), "the second try")

    shop.must_agree(nothing_was_lost=True)


@pytest.mark.fault(26)
def test_a_deadlock_is_no_events_fault(shop: Shop) -> None:
    """Two transactions lock the same two labels crosswise, and the database ends one of them."""
    shelf = shop.shelf(reconcile="never").until_ready()
    shop.workshop()
    bear, duck = toy.make(shop.said_in), toy.make(shop.said_in)
    shop.until_heard(2)
    shelf.stop()
    toy.paint(shop.said_in, bear, "red")
    toy.paint(shop.said_in, duck, "red")
    shop.until_published()

    with suppress(sa.exc.OperationalError), locked(shop.heard_in, duck) as somebody:  # it may be either's end
        shop.shelf(reconcile="never").until_ready()
        shop.until(lambda: count(shop, WAITING) == 1, "the shelf to wait for the duck's label")
        lock(somebody, bear)

    shop.must_agree(nothing_was_lost=True)


WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def count(shop: Shop, question: sa.Executable) -> int:
    """Asked in the listener's database."""
    with shop.heard_in.reading() as session:
        return int(session.execute(question).scalar_one())


# Transactions that last


@pytest.mark.fault(27, 28, 29)
def test_commits_that_come_late_and_with_inverted_ids(shop: Shop) -> None:
    """Open transactions hold up nobody, here and in the other database, and nobody skips what they keep."""
    shop.shelf(reconcile="never").until_ready()
    shop.workshop().until_ready()
    with locked(shop.heard_in) as elsewhere, shop.said_in.engine.begin() as late:
        elsewhere.execute(sa.text("SELECT pg_current_xact_id()"))
        toy_row = {"id": 900, "name": "late", "colour": "red", "is_sold": False, "version": 2}
        late.execute(sa.insert(toy.Toy).values(toy_row))
        late.execute(sa.insert(event_log).values(logged(toy.ToyPainted(toy_id=900, colour="red"), 2)))
        late.execute(sa.insert(event_log).values(logged(toy.ToyMade(toy_id=900, name="late"), 1)))
        shop.make(toys=3, colours=2)
        shop.until_heard(9)

    shop.must_agree(nothing_was_lost=True)


def logged(event: Event, version: int) -> dict[str, object]:
    """A row of the log as a transaction writes it, before it is sealed."""
    envelope = open_envelope(raw := an_envelope(event, source="workshop", version=version))
    return {
        "event_id": UUID(envelope.id),
        "event_type": envelope.type,
        "aggregate_type": envelope.aggregate,
        "aggregate_id": envelope.aggregate_id,
        "aggregate_version": version,
        "occurred_at": envelope.time,
        "recorded_at": envelope.recordedtime,
        "envelope": raw,
    }
