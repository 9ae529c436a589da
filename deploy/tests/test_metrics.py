"""Every promised metric is told by every process, under its name and labels, and explained in docs/operations.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import flask
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

import gateway.breaker  # noqa: F401  (its metrics are registered with it)
from chassis.database import Database
from chassis.principal import Principal
from chassis.testing.stage import some_settings
from tests import toy
from tests.running import Shop, open_shop
from tests.system import wait_until

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
PROMISED = {
    "bus_unsealed_oldest_seconds": {"source"},
    "bus_unpublished_oldest_seconds": {"source"},
    "bus_log_head": {"source"},
    "bus_published": {"source"},
    "bus_confirm_seconds": {"source"},
    "bus_unroutable": {"source", "type"},
    "bus_relay_leader": {"source"},
    "bus_broker_blocked": {"source"},
    "bus_consumer_lag_events": {"consumer", "source"},
    "bus_consumer_lag_seconds": {"consumer", "source"},
    "bus_critical_time_seconds": {"consumer", "type"},
    "bus_handler_seconds": {"consumer"},
    "bus_duplicates": {"consumer"},
    "bus_gap_repairs": {"consumer"},
    "bus_retries": {"consumer"},
    "bus_parked": {"consumer", "reason"},
    "bus_dead": {"consumer"},
    "bus_blocked_aggregates": {"consumer"},
    "bus_breaker_open": {"consumer"},
    "bus_reconcile_missing": {"consumer", "source"},
    "bus_reconcile_extra": {"consumer", "source"},
    "bus_flow_open": {"service", "flow"},
    "bus_flow_stuck": {"service", "flow"},
}
"""By family, without the ``_total`` of counters."""
SELDOM = {"bus_unroutable", "bus_flow_open", "bus_flow_stuck"}
"""Told with a value only once it happens, or by a service that has long flows."""
ONLY_WITH_A_BROKER = {"bus_relay_leader", "bus_broker_blocked"}


def families(app: flask.Flask) -> dict[str, set[str]]:
    """What an application tells of itself: families, with the labels of those that have a value."""
    text = app.test_client().get("/metrics").get_data(as_text=True)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        labels = found.setdefault(family.name, set())
        for sample in family.samples:
            labels.update(set(sample.labels) - {"le"})
    return found


@pytest.fixture
def pushing(new_postgres: Callable[[], Database], vhost: str) -> Iterator[Shop]:
    with open_shop(new_postgres, vhost, vhost) as shop:
        yield shop


@pytest.fixture
def pulling(new_sqlite: Callable[[], Database]) -> Iterator[Shop]:
    with open_shop(new_sqlite, "", "") as shop:
        yield shop


def at_work(shop: Shop) -> dict[str, set[str]]:
    shop.make()
    shop.wait_for_labels(1)
    wait_until(lambda: families(shop.shelf.app())["bus_dead"], "the first measurement")
    wait_until(lambda: families(shop.shelf.app())["bus_consumer_lag_seconds"], "the first comparison")
    return families(shop.shelf.app())


@pytest.mark.infra
@pytest.mark.broker
def test_a_worker_with_a_broker_tells_every_metric_with_its_labels(pushing: Shop) -> None:
    found = at_work(pushing)

    told = PROMISED.keys() - SELDOM
    assert {name: found.get(name) for name in told} == {name: PROMISED[name] for name in told}
    assert found.keys() >= SELDOM


def test_a_worker_without_a_broker_tells_the_same(pulling: Shop) -> None:
    found = at_work(pulling)

    told = PROMISED.keys() - SELDOM - ONLY_WITH_A_BROKER
    assert {name: found.get(name) for name in told} == {name: PROMISED[name] for name in told}
    assert found.keys() >= PROMISED.keys()


def test_a_web_process_knows_them_all_and_measures_its_requests(new_sqlite: Callable[[], Database]) -> None:
    database = new_sqlite()
    ada = Principal(user_id=1, name="Ada", kind="user", scope="all", rights=frozenset({"toy:read"}))
    app = toy.workshop.web(some_settings("workshop", str(database.url)), database, authenticate=lambda _: ada)

    assert app.test_client().get("/toys").status_code == 200

    found = families(app)
    assert found.keys() >= PROMISED.keys()
    assert found["http_requests"] == {"service", "route", "method", "status"}


def test_operators_can_look_up_what_every_metric_means() -> None:
    page = PAGE.read_text()
    ours = [family.name for family in REGISTRY.collect() if family.name.startswith(("bus_", "http_", "gateway_"))]

    assert [name for name in ours if f"`{name}" not in page] == []
    assert set(ours) >= set(PROMISED)
