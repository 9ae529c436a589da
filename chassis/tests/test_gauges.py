"""What a worker measures: how old, how far behind, how much waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from chassis.database import Database
from chassis.events import on_the_wire
from chassis.feed import HttpLog
from chassis.gauges import Gauges
from chassis.lag import Lag
from chassis.log import seal
from chassis.reconcile import Reconciler
from chassis.redrive import Redriver
from chassis.settings import Settings
from chassis.tables import event_log, log_state, parked_event
from chassis.testing.stage import Stage, an_envelope
from chassis.worker import Worker
from tests import toy
from tests.running import open_shop, readiness
from tests.system import wait_until
from tests.toy import HeardMade, HeardPainted

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TO_SHELF = {"consumer": "shelf.events"}
FROM_WORKSHOP = {"consumer": "shelf.events", "source": "workshop"}


def told(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


# Age of what was not sent


@pytest.fixture
def publisher(new_postgres: Callable[[], Database]) -> Gauges:
    """The gauges of a workshop that has made a toy an hour ago."""
    database = new_postgres()
    toy.make(database)
    with database.connection() as connection:
        connection.execute(sa.update(event_log).values(recorded_at=datetime.now(UTC) - timedelta(hours=1)))
    return Gauges(database, "workshop", "", publishes=True)


@pytest.mark.infra
def test_an_event_without_a_position_grows_old_as_unsealed_and_as_unpublished(publisher: Gauges) -> None:
    publisher.fill()

    assert told("bus_unsealed_oldest_seconds", source="workshop") == pytest.approx(3600, abs=60)
    assert told("bus_unpublished_oldest_seconds", source="workshop") == pytest.approx(3600, abs=60)


@pytest.mark.infra
def test_a_sealed_event_is_unpublished_until_the_broker_has_it(publisher: Gauges) -> None:
    seal(publisher.database)
    publisher.fill()

    assert told("bus_unsealed_oldest_seconds", source="workshop") == 0
    assert told("bus_unpublished_oldest_seconds", source="workshop") == pytest.approx(3600, abs=60)


@pytest.mark.infra
def test_what_the_broker_has_is_no_longer_unpublished(publisher: Gauges) -> None:
    seal(publisher.database)
    with publisher.database.connection() as connection:
        connection.execute(sa.update(log_state).values(published_to=1))
    publisher.fill()

    assert told("bus_unpublished_oldest_seconds", source="workshop") == 0
    assert told("bus_log_head", source="workshop") == 1


def test_without_a_broker_nothing_is_ever_unpublished(any_database: Database) -> None:
    toy.make(any_database)
    Gauges(any_database, "workshop", "", publishes=False).fill()

    assert told("bus_unpublished_oldest_seconds", source="workshop") == 0


# What waits


def test_what_is_parked_is_counted_by_reason_until_it_is_applied(shelf: Stage) -> None:
    gauges = Gauges(shelf.database, "shelf", "shelf.events", publishes=False)
    toy.jam_printer(shelf.database, "pink")
    shelf.hears(HeardMade(toy_id=1, name="bear"), HeardPainted(toy_id=1, colour="pink"))
    shelf.hears(HeardPainted(toy_id=1, colour="red"), HeardMade(toy_id=2, name="duck"))
    gauges.fill()

    assert told("bus_parked", **TO_SHELF, reason="failed") == 1
    assert told("bus_parked", **TO_SHELF, reason="behind") == 1
    assert told("bus_blocked_aggregates", **TO_SHELF) == 1

    release(shelf)
    gauges.fill()

    assert told("bus_parked", **TO_SHELF, reason="failed") == 0
    assert told("bus_parked", **TO_SHELF, reason="behind") == 0
    assert told("bus_blocked_aggregates", **TO_SHELF) == 0


def test_what_nobody_can_read_is_dead_and_blocks_no_aggregate(shelf: Stage) -> None:
    shelf.takes(b"not an event")
    Gauges(shelf.database, "shelf", "shelf.events", publishes=False).fill()

    assert told("bus_dead", **TO_SHELF) == 1
    assert told("bus_blocked_aggregates", **TO_SHELF) == 0


def release(shelf: Stage) -> None:
    """Mend the printer and try again at once."""
    toy.mend_printer(shelf.database)
    with shelf.database.connection() as connection:
        due = parked_event.c.next_attempt_at.is_not(None)
        connection.execute(sa.update(parked_event).where(due).values(next_attempt_at=NOON - timedelta(days=1000)))
    assert shelf.consumer is not None
    Redriver(shelf.consumer).run_due()


# How far behind


def test_a_consumer_that_keeps_up_is_not_late_though_it_is_never_quite_there() -> None:
    lag = Lag("shelf.events", "workshop")
    for look in range(5):
        lag.note(there=10 * look + 3, here=10 * look, now=at(2 * look))

    assert told("bus_consumer_lag_events", **FROM_WORKSHOP) == 3
    assert told("bus_consumer_lag_seconds", **FROM_WORKSHOP) == 0


def test_a_consumer_that_stands_still_is_late_since_the_first_event_it_lacks() -> None:
    lag = Lag("shelf.events", "workshop")
    lag.note(there=5, here=5, now=at(0))
    lag.note(there=6, here=5, now=at(10))
    lag.note(there=9, here=5, now=at(400))

    assert told("bus_consumer_lag_events", **FROM_WORKSHOP) == 4
    assert told("bus_consumer_lag_seconds", **FROM_WORKSHOP) == 390


def test_a_consumer_that_has_caught_up_is_late_no_more() -> None:
    lag = Lag("shelf.events", "workshop")
    lag.note(there=9, here=5, now=at(0))
    lag.note(there=9, here=9, now=at(60))

    assert told("bus_consumer_lag_seconds", **FROM_WORKSHOP) == 0


def test_a_worker_that_begins_again_remembers_how_late_it_was() -> None:
    Lag("shelf.events", "workshop").note(there=9, here=5, complete_at=at(0), now=at(500))

    assert told("bus_consumer_lag_seconds", **FROM_WORKSHOP) == 500


# What is missing


def test_what_the_broker_lost_is_missing_from_the_second_look_until_it_is_fetched(shelf: Stage) -> None:
    assert shelf.consumer is not None
    reconciler = Reconciler(shelf.consumer)
    shelf.says(HeardMade(toy_id=1, name="bear"))

    missing = []
    for _ in range(3):
        reconciler.check("workshop")
        missing.append(told("bus_reconcile_missing", **FROM_WORKSHOP))

    assert missing == [0, 1, 0]


def test_what_no_log_holds_is_extra(shelf: Stage) -> None:
    assert shelf.consumer is not None
    before = told("bus_reconcile_extra", **FROM_WORKSHOP) or 0
    shelf.hears(HeardMade(toy_id=1, name="bear"))
    shelf.takes(on_the_wire(an_envelope(HeardMade(toy_id=2, name="duck"), source="workshop", version=1), 1, 1))

    Reconciler(shelf.consumer).check("workshop")

    assert told("bus_reconcile_extra", **FROM_WORKSHOP) == before + 1


# Without a broker


def test_workers_without_a_broker_tell_the_same(new_sqlite: Callable[[], Database]) -> None:
    with open_shop(new_sqlite, "", "") as shop:
        shop.make()
        shop.wait_for_labels(1)
        wait_until(lambda: told("bus_consumer_lag_events", **FROM_WORKSHOP) == 0, "the shelf to be complete")
        shop.shelf.gauges.fill()

        assert told("bus_log_head", source="shelf") == 1
        assert told("bus_consumer_connected", **TO_SHELF) == 1
        assert told("bus_consumer_lag_seconds", **FROM_WORKSHOP) == 0
        assert told("bus_unpublished_oldest_seconds", source="workshop") == 0
        assert told("bus_handler_seconds_count", **TO_SHELF)


def test_a_source_that_is_silent_is_named_and_the_worker_stays_ready(any_database: Database) -> None:
    settings = Settings(service="shelf", database_url=str(any_database.url), keys_file="")
    worker = Worker(toy.shelf, settings, any_database, {"workshop": HttpLog("http://127.0.0.1:1", "token")})
    worker.start()
    try:
        wait_until(lambda: told("bus_consumer_connected", **TO_SHELF) == 0, "the silence to be noticed")
        status, answer = readiness(worker)
    finally:
        worker.stop()

    assert status == 200
    assert answer["warnings"]["pull"].startswith("cannot read workshop: ")
