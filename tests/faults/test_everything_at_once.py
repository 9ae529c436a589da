"""Fault 55: for a minute everything that can go wrong does, in an order that a seed decides.

The seed is printed, and kept with the results; ``TEST_CHAOS_SEED=… make chaos FAULT=55`` runs the same order again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from tests import toy
from tests.faults.mutants import NAIVE
from tests.faults.shop import Shop
from tests.faults.weather import Weather
from tests.infra.postgres import DatabaseServer, fresh_name
from tests.infra.rabbit import Broker

pytestmark = [pytest.mark.chaos, pytest.mark.infra, pytest.mark.timeout(600)]

SECONDS = float(os.environ.get("TEST_CHAOS_SECONDS", "75"))
PATIENCE_SECONDS = 180.0


@pytest.fixture
def exposed_shop(
    own_broker: Broker,
    own_database_server: DatabaseServer,
    tmp_path: Path,
    record_property: Callable[[str, Any], None],
) -> Iterator[Shop]:
    """On a broker and a database server that may be killed."""
    with ExitStack() as closing:

        def new_database() -> Database:
            database = Database(own_database_server.create_database(fresh_name("toys")))
            toy.prepare(database)
            closing.callback(database.close)
            return database

        shop = Shop(new_database, own_broker.create_vhost(fresh_name("own")), tmp_path, record_property)
        shop.patience_seconds = PATIENCE_SECONDS
        closing.callback(shop.close)
        yield shop


@contextmanager
def bad_weather(shop: Shop, broker: Broker, server: DatabaseServer, consumer: str = "") -> Iterator[Weather]:
    seed = os.environ.get("TEST_CHAOS_SEED") or str(random.SystemRandom().getrandbits(32))
    print(f"TEST_CHAOS_SEED={seed}")
    shop.tell("seed", seed)
    weather = Weather(shop, broker, server, random.Random(seed), consumer)
    with shop.busy(), shop.busy():
        weather.rage(SECONDS)
        weather.calm()
    shop.tell("happened", dict(weather.seen))
    yield weather
    weather.broker_line.close()
    weather.data_line.close()


@pytest.mark.fault(55)
def test_everything_at_once(exposed_shop: Shop, own_broker: Broker, own_database_server: DatabaseServer) -> None:
    with bad_weather(exposed_shop, own_broker, own_database_server):
        exposed_shop.must_agree()


@pytest.mark.fault(55)
def test_the_consumer_of_a_tutorial_does_not_come_through_it(
    exposed_shop: Shop, own_broker: Broker, own_database_server: DatabaseServer
) -> None:
    """The control: the same weather, and the checker finds what it has to find."""
    with bad_weather(exposed_shop, own_broker, own_database_server, consumer=NAIVE):
        exposed_shop.until_published()
        exposed_shop.until(lambda: {"effects", "order"} <= exposed_shop.complaints(), "the checker to complain")
        exposed_shop.tell("figures", exposed_shop.figures(exposed_shop.checker.violations()))
